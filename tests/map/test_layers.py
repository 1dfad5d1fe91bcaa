"""What a map is told of a view: no more than may be seen, no more than fits, and the same thing whichever way it is asked."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.assets.map import ground, operations, shown, viewports
from hazard_flow.assets.map.layers import FEATURES_MAX, Area, Cluster, Layer, Layers, Point, Viewport, Way
from hazard_flow.assets.map.own_layers import draw_assets, draw_pipes, list_assets, list_pipes
from hazard_flow.assets.map.packing import STEPS, pack
from hazard_flow.assets.models import Asset
from hazard_flow.errors import BadRequest, Refused
from hazard_flow.hazards import map_layer
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City

#: around the two wells of the city
HERE = viewports.around(119.4, 32.4, 17, width_px=1200, height_px=800)
AFAR = viewports.around(119.4, 32.4, 11, width_px=1200, height_px=800)


def drawn(city: City, draw, viewport: Viewport = HERE, *, who: str = "何安全"):
    with city.database.reading(city.actor(who).scope) as session:
        return list(draw(session, viewport, city.now))


def lay_pipe(city: City, points: list[tuple[float, float]], *, tier: str = "medium_a", crs: str = "WGS84"):
    with city.database.transaction(SYSTEM) as session:
        pipe = session.get_one(Asset, city.founded.assets["VW-9"])
        lons, lats = [p[0] for p in points], [p[1] for p in points]
        pipe.kind, pipe.crs = "pipe_segment", crs
        pipe.geometry = json.dumps({"type": "LineString", "coordinates": points})
        pipe.west, pipe.east, pipe.south, pipe.north = min(lons), max(lons), min(lats), max(lats)
        pipe.details = {"pressure_tier": tier}


def test_everybody_sees_the_assets_of_their_own_enterprise_only(city: City):
    assert len(drawn(city, draw_assets)) == 2
    assert len(drawn(city, draw_assets, who="孙巡检")) == 1
    assert len(drawn(city, draw_assets, who="陈处长")) == 3


def test_from_afar_what_lies_together_is_counted(city: City):
    [heap] = drawn(city, draw_assets, AFAR)

    assert isinstance(heap, Cluster)
    assert heap.count == 2


def test_what_is_out_of_use_is_gone_from_the_map(city: City):
    with city.database.transaction(SYSTEM) as session:
        session.get_one(Asset, city.founded.assets["VW-1"]).ended_at = city.now

    assert len(drawn(city, draw_assets)) == 1


def test_a_pipe_is_a_line_in_the_look_of_its_tier(city: City):
    lay_pipe(city, [(119.4, 32.4), (119.402, 32.401)], tier="sub_high_b")

    [pipe] = drawn(city, draw_pipes)

    assert isinstance(pipe, Way)
    assert pipe.style == "sub_high"
    assert len(drawn(city, draw_assets)) == 1


def test_from_afar_low_pressure_is_left_out(city: City):
    lay_pipe(city, [(119.39, 32.4), (119.41, 32.401)], tier="low")

    assert drawn(city, draw_pipes, AFAR) == []


def test_a_place_in_a_shifted_frame_stands_where_it_is(city: City):
    lay_pipe(city, [(119.4, 32.4), (119.402, 32.401)], crs="GCJ02")

    [pipe] = drawn(city, draw_pipes)

    assert isinstance(pipe, Way)
    assert 0.003 < 119.4 - pipe.points[0][0] < 0.007


def test_whoever_points_at_a_pipe_is_told_of_it_and_beside_it_not(city: City):
    lay_pipe(city, [(119.4, 32.4), (119.41, 32.41)])
    at = viewports.around(119.405, 32.405, 18, width_px=20, height_px=20)
    beside = viewports.around(119.409, 32.401, 18, width_px=20, height_px=20)

    with city.database.reading(city.actor("何安全").scope) as session:
        assert [one.title for one in list_pipes(session, at, "zh", city.now)] == ["听潮路阀井"]
        assert list_pipes(session, beside, "zh", city.now) == []
        assert len(list_assets(session, HERE, "en", city.now)) == 1


def test_an_open_hazard_has_the_colour_of_its_urgency_and_a_ring_once_overdue(city: City):
    hazard = city.bring_to(city.report("井盖破损，边缘开裂", asset="VW-1"), "rectifying")

    [point] = drawn(city, map_layer.draw)
    assert isinstance(point, Point)
    assert (point.style, point.ring) == (city.look(hazard).urgency, False)

    due_at = city.look(hazard).due_at
    assert due_at is not None
    with city.database.reading(city.actor("何安全").scope) as session:
        [late] = map_layer.draw(session, HERE, due_at + timedelta(days=40))
    assert isinstance(late, Point)
    assert (late.style, late.ring) == (f"{point.style}-long", True)


def test_many_hazards_in_one_place_are_told_by_their_shares(city: City):
    city.report("井盖破损，边缘开裂", asset="VW-1", suspected_urgency="A")
    city.report("阀井积水，深约半米", asset="VW-1", suspected_urgency="C")
    city.report("管线上方违章建筑占压", asset="VW-1", major=True)

    [heap] = drawn(city, map_layer.draw, AFAR)

    assert isinstance(heap, Cluster)
    assert (heap.count, heap.style) == (3, "M")
    assert dict(heap.parts) == {"M": 1, "A": 1, "B": 0, "C": 1, "unrated": 0}


def test_a_closed_hazard_is_gone(city: City):
    city.bring_to(city.report("井盖破损，边缘开裂", asset="VW-1"), "closed")

    assert drawn(city, map_layer.draw) == []


def test_the_list_names_the_most_urgent_first(city: City):
    city.report("阀井积水，深约半米", asset="VW-1", suspected_urgency="C")
    worst = city.report("管线上方违章建筑占压", asset="VW-1", major=True)

    with city.database.reading(city.actor("何安全").scope) as session:
        listed = map_layer.listed(session, AFAR, "en", city.now)

    assert listed[0].href == f"/hazards/{worst.number}"
    assert "Major" in listed[0].note


def test_a_payload_is_bounded_and_says_so():
    view = Viewport(0, 0, 1, 1, 10)

    packed = pack((Point(0.5, 0.5, "many") for _ in range(FEATURES_MAX + 1)), view)

    assert (packed["count"], packed["cut"]) == (FEATURES_MAX, True)


def test_a_packed_point_is_exact_to_an_eighth_of_a_pixel():
    view = viewports.around(119.4, 32.4, 16, width_px=800, height_px=600)
    packed = pack([Point(119.401, 32.4015, "user", ring=True)], view)

    x, y, ring = packed["points"]["user"]
    step = view.pixel_lon / STEPS
    assert view.west + x * step == pytest.approx(119.401, abs=step)
    assert view.south + y * step == pytest.approx(32.4015, abs=step)
    assert ring == 1


def test_a_line_is_told_by_its_steps_and_what_is_nearer_than_a_pixel_is_left_out():
    view = Viewport(0, 0, 0.1, 0.1, 12)
    near = view.pixel_lon / 10
    packed = pack([Way([(0, 0), (near, 0), (0.05, 0), (0.05, 0.05)], "low")], view)

    [line] = packed["lines"]["low"]
    assert len(line) == 6
    assert sum(line[0::2]) == round(0.05 / (view.pixel_lon / STEPS))


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({}, {"west", "south", "east", "north", "zoom"}),
        ({"west": "1", "south": "1", "east": "0", "north": "2", "zoom": "12"}, {"west"}),
        ({"west": "0", "south": "0", "east": "1", "north": "nan", "zoom": "12"}, {"north"}),
        ({"west": "-180", "south": "-80", "east": "180", "north": "80", "zoom": "19"}, {"zoom"}),
        ({"west": "0", "south": "0", "east": "1", "north": "1", "zoom": "²"}, {"zoom"}),
    ],
)
def test_a_view_nobody_can_have_is_refused(asked: dict[str, str], wrong: set[str]):
    with pytest.raises(BadRequest) as refusal:
        viewports.read(asked)

    assert {one.field for one in refusal.value.fields} == wrong


def test_the_demo_s_ground_is_read_and_has_names_in_both_languages():
    laid = ground.demo()
    names = [one.name for one, _ in laid.features if isinstance(one, Area) and one.name]

    assert {"城东区", "听潮河"} <= {name.zh for name in names}
    assert all(name.en for name in names)
    assert list(laid.within(viewports.around(10, 10, 12, width_px=900, height_px=900))) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\xff\xfe", "ground_not_json"),
        (b"[1]", "ground_not_geojson"),
        (b'{"features": []}', "ground_no_features"),
        (b'{"features": [{"geometry": null}]}', "ground_no_geometry"),
        (b'{"features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]}', "ground_unknown_shape"),
        (
            b'{"features": [{"properties": {"kind": "lava"}, "geometry": {"type": "Polygon", "coordinates": []}}]}',
            "ground_unknown_ground",
        ),
        (
            b'{"features": [{"geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6]]]}}]}',
            "ground_bad_coordinates",
        ),
        (
            b'{"features": [{"geometry": {"type": "LineString", "coordinates": [[1, 2], [300, 4]]}}]}',
            "ground_bad_coordinates",
        ),
    ],
)
def test_a_ground_that_is_wrong_is_refused_with_the_reason(body: bytes, code: str):
    with pytest.raises(Refused) as refusal:
        ground.read(body, "WGS84")

    assert [one.code for one in refusal.value.fields] == [code]


def test_a_regulator_s_ground_lies_under_its_division_and_an_own_one_above_it(city: City):
    def lay(who: str, name: str) -> None:
        square = [[119.3, 32.3], [119.5, 32.3], [119.5, 32.5], [119.3, 32.3]]
        body = {
            "features": [
                {"properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [square]}}
            ]
        }
        actor = city.actor(who)
        with city.database.transaction(actor.scope) as session:
            operations.hand_in(
                session, actor, body=json.dumps(body).encode(), filename="g.json", crs="WGS84", now=city.now
            )

    def named(who: str) -> str | None:
        actor = city.actor(who)
        with city.database.reading(actor.scope) as session:
            laid = shown.laid_for(session, actor, is_demo=False)
        first = laid.features[0][0] if laid is not None else None
        return first.name.zh if isinstance(first, Area) and first.name else None

    assert named("李巡检") is None
    lay("顾管理", "市里的")
    assert named("李巡检") == named("孙巡检") == "市里的"
    lay("钱管理", "恒川的")
    lay("钱管理", "恒川的新图")
    assert (named("李巡检"), named("孙巡检")) == ("恒川的新图", "市里的")
    assert len(city.all(sa.text("SELECT home_id FROM map_ground"))) == 2


def test_a_layer_is_registered_once():
    layers = Layers()
    layers.register(Layer("b", "map.layer.pipes", "assets.read", 20, draw_pipes))
    layers.register(Layer("a", "map.layer.assets", "assets.read", 10, draw_assets))

    assert list(layers.by_key) == ["a", "b"]
    with pytest.raises(AssertionError):
        layers.register(Layer("a", "map.layer.assets", "assets.read", 10, draw_assets))
