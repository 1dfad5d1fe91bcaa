"""Risk points on the map: near by one by one, far out counted in the colour of the worst, never beyond what somebody may see."""

from hazard_flow.assets.map.layers import Cluster, Point, Viewport
from hazard_flow.risk.map_layer import draws, lists, risk_layer
from tests.harness import risks
from tests.harness.city import City

AROUND = (119.3, 32.3, 119.5, 32.5)


def seen(city: City, who: str, zoom: int):
    with city.database.reading(city.actor(who).scope) as session:
        return list(draws(session, Viewport(*AROUND, zoom), city.now))


def test_far_out_points_are_counted_and_near_by_each_stands_alone(city: City):
    risks.point(city, "FX-001")
    risks.point(city, "FX-002", asset="VW-9", **risks.RED, likelihood="", exposure="", consequence="")
    [together] = seen(city, "何安全", 10)
    assert isinstance(together, Cluster)
    assert (together.count, together.style) == (2, "red")
    assert sorted(one.style for one in seen(city, "何安全", 17) if isinstance(one, Point)) == [
        "red",
        "yellow",
    ]


def test_a_ring_tells_that_something_presses(city: City):
    risks.point(city)
    risks.fires(city, level=2)
    risks.follow(city)
    [one] = seen(city, "唐监管", 17)
    assert isinstance(one, Point)
    assert (one.style, one.ring) == ("red", True)
    with city.database.reading(city.actor("唐监管").scope) as session:
        [named] = lists(session, Viewport(*AROUND, 17), "en", city.now)
    assert named.title == "FX-001 Well FX-001"
    assert dict(named.facts)["Residual"] == "General"


def test_another_enterprise_sees_none(city: City):
    risks.point(city)
    assert seen(city, "马安全", 17) == []
    assert risk_layer().right == "risk.read"
