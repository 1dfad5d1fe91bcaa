"""Kinds of assets are data: the shipped file holds together, and a wrong one is refused with file, line and mend."""

import pytest

from hazard_flow.assets.kinds import asset_kinds, kind_book, kind_of, load_kinds
from hazard_flow.assets.particulars import judge
from hazard_flow.assets.shapes import BadShape, Shape
from hazard_flow.workflow.rule_file import RuleFileError

WHOLE = """version: 1
choices:
  tier: {mark: V2, values: {low: {zh: 低压, en: Low}}}
attributes:
  tier: {type: choice, name: {zh: 级制, en: Tier}}
  depth_m: {type: number, unit: m, minimum: 0, maximum: 9, mark: D, name: {zh: 埋深, en: Depth}}
personal:
  room: {most: 9, name: {zh: 户号, en: Flat}}
kinds:
  pipe: {name: {zh: 管, en: Pipe}, icon: route, shape: line, needed: [tier], attributes: [tier, depth_m], personal: [room]}
"""


def test_the_shipped_kinds():
    assert {
        "station",
        "pipe_segment",
        "regulator",
        "valve_well",
        "user",
        "cylinder",
        "detector",
        "construction_site",
    } <= set(asset_kinds())
    # every limit and every list of choices says how sure it is
    book = kind_book()
    assert [
        one.name
        for one in book.attributes.values()
        if (one.choices or one.minimum is not None) and not one.mark
    ] == []
    assert not book.personal.keys() & book.attributes.keys()


def test_a_kind_of_another_release_is_shown_under_its_own_name():
    assert (kind_of("castle").label.zh, dict(kind_of("castle").attributes)) == ("castle", {})


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("mark: V2", "mark: sure", 3),
        ("type: choice", "type: chance", 5),
        (", mark: D", "", 6),
        ("minimum: 0", "minimum: 10", 6),
        ("shape: line", "shape: round", 10),
        ("needed: [tier]", "needed: [colour]", 10),
        ("attributes: [tier, depth_m]", "attributes: [tier, colour]", 10),
        ("  room:", "  depth_m:", 8),
        ("icon: route, ", "", 10),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(old: str, new: str, line: int):
    assert load_kinds(WHOLE, name="k.yaml").kinds["pipe"].needed == {"tier"}

    with pytest.raises(RuleFileError) as refusal:
        load_kinds(WHOLE.replace(old, new, 1), name="k.yaml")

    assert line in {mistake.line for mistake in refusal.value.mistakes}
    assert all(
        str(mistake).startswith("k.yaml:") and "Mend:" in str(mistake) for mistake in refusal.value.mistakes
    )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("LINESTRING (1 2)", "shape_too_short"),
        ("LINESTRING (1 2, 3 91)", "off_the_globe"),
        ("LINESTRING (40512345 3512345, 1 2)", "off_the_globe"),
        ("POLYGON ((1 2, 3 4, 5 6, 1 3))", "ring_not_closed"),
        ("CIRCLE (1 2)", "not_a_shape"),
        ('{"type": "LineString"}', "not_a_shape"),
        ('{"type": "LineString", "coordinates": [[1, "2"], [3, 4]]}', "not_a_shape"),
        ('{"type": "LineString", "coordinates": [[1, NaN], [3, 4]]}', "not_a_shape"),
        ([1, 2], "not_a_shape"),
        ({"type": "LineString", "coordinates": [[0, 0]] * 10_001}, "too_many_vertices"),
    ],
)
def test_a_shape_that_cannot_be_kept(given: object, code: str):
    with pytest.raises(BadShape) as refusal:
        Shape.read(given)

    assert str(refusal.value) == code


@pytest.mark.parametrize(
    "wkt",
    [
        "POINT (1.5 2.0)",
        "LINESTRING (1.0 2.0, 3.0 4.0)",
        "MULTILINESTRING ((1.0 2.0, 3.0 4.0), (5.0 6.0, 7.0 8.0))",
        "POLYGON ((1.0 2.0, 3.0 4.0, 5.0 6.5, 1.0 2.0))",
        "MULTIPOLYGON (((1.0 2.0, 3.0 4.0, 5.0 6.5, 1.0 2.0)))",
    ],
)
def test_a_shape_goes_out_as_it_came_in(wkt: str):
    shape = Shape.read(wkt)

    assert shape.wkt() == wkt
    assert Shape.stored(shape.text()) == shape


def test_a_height_is_left_out():
    assert Shape.read("LINESTRING Z (1 2 9, 3 4 9)").coordinates == [[1, 2], [3, 4]]


@pytest.mark.parametrize("value", ["1e400", "nan", "1_000", "１２", "12m", True, [1], "-1", "201000"])
def test_a_number_is_a_number(value: object):
    _, faults = judge({"length_m": value}, kind_of("pipe_segment"))

    assert [fault.field for fault in faults] == ["length_m"]
