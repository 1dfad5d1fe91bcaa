"""Coordinate frames: the shifted one there and back, what names mean which, and how far apart they are."""

import random

import pytest

from hazard_flow.assets.frames import frame_of, to_gcj02, to_wgs84
from hazard_flow.assets.places import Place

METRE = 1 / 111_195


def test_the_reference_point_to_the_millimetre():
    lon, lat = to_gcj02(116.404, 39.915)

    assert (lon, lat) == pytest.approx((116.41024449916938, 39.91640428150164), abs=METRE / 1000)


def test_there_and_back_all_over_the_country():
    dice = random.Random(8)
    for _ in range(2_000):
        point = dice.uniform(73.5, 134.5), dice.uniform(18.5, 53.5)
        shifted = to_gcj02(*point)
        lon, lat = to_wgs84(*shifted, "GCJ02")
        assert abs(lon - point[0]) < METRE / 1000
        assert abs(lat - point[1]) < METRE / 1000
        off = Place(*point).metres_to(Place(*shifted))
        assert 10 < off < 1_000


def test_outside_the_country_nothing_is_shifted():
    assert to_gcj02(2.35, 48.85) == (2.35, 48.85)


@pytest.mark.parametrize(
    ("words", "frame"),
    [
        ("WGS-84", "WGS84"), ("wgs84", "WGS84"), ("EPSG:4326", "WGS84"), ("urn:ogc:def:crs:OGC:1.3:CRS84", "WGS84"),
        ("urn:ogc:def:crs:EPSG::4490", "CGCS2000"), ("CGCS 2000", "CGCS2000"), ("gcj-02", "GCJ02"), ("GCJ02", "GCJ02"),
        ("EPSG:4549", None), ("BD09", None), ("", None), ("urn:ogc:def:crs:EPSG::3857", None),
    ],
)  # fmt: skip
def test_names_of_frames(words: str, frame: str | None):
    assert frame_of(words) == frame


def test_a_place_in_a_shifted_frame_can_be_compared_with_one_that_is_not():
    lon, lat = to_gcj02(119.4, 32.4)

    shifted = Place.of({"lon": lon, "lat": lat, "crs": "GCJ02"})
    assert shifted is not None
    assert shifted.metres_to(Place(119.4, 32.4)) == 0
    assert Place.of({"lon": lon, "lat": lat, "crs": "BD09"}) is None
