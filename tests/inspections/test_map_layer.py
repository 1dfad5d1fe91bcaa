"""Walked tracks on the map: those in view, valid and not, and nobody else's."""

from datetime import timedelta

from hazard_flow.assets.map.layers import Viewport
from hazard_flow.inspections.map_layer import INVALID, VALID, layer
from tests.harness.city import City
from tests.harness.rounds import hand_in, of_today, paper, pipe, plan, walk, work

SOUTH, NORTH = (119.40, 32.300), (119.40, 32.309)
HERE, ELSEWHERE = Viewport(119.3, 32.2, 119.5, 32.4, 14), Viewport(120.3, 32.2, 120.5, 32.4, 14)


def ways(city: City, view: Viewport = HERE, *, by: str = "唐监管") -> list[str]:
    with city.database.reading(city.actor(by).scope) as session:
        return sorted(way.style for way in layer().draws(session, view, city.now))


def test_tracks_of_the_last_days_lie_on_the_map_of_whoever_may_see_the_round(city: City):
    segment = pipe(city, "P-1", [SOUTH, NORTH])
    for name, kmh in (("走着巡", 4.5), ("开车巡", 45)):
        plan(city, name, line="pipeline_patrol", checklist="pipeline_patrol", assets=[segment])
        work(city)
        found = of_today(city, name)
        track = walk(city.now - timedelta(minutes=25), [SOUTH, NORTH], kmh=kmh)
        hand_in(city, found, paper(city, found, track=track))
    assert ways(city) == [INVALID, VALID]
    assert ways(city, ELSEWHERE) == []
    assert ways(city, by="方监管") == []
    city.clock.advance(timedelta(days=8))
    assert ways(city) == []
