"""The drawn photographs: real JPEG files with believable EXIF, the same for the same order, and different where they must be."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import ExifTags, Image, ImageChops, ImageStat

from hazard_flow.evidence.intake import examine
from hazard_flow.simulation.drawing.camera import Shot
from hazard_flow.simulation.photographs import SCENES, Order, draw, draw_all

SHOT = Shot(datetime(2026, 11, 3, 9, 5, 12, tzinfo=ZoneInfo("Asia/Shanghai")), 119.38214, 32.41067, "TB-017")


def order(scene="riser", seed="place", after=False, **given):
    return Order(scene, seed, after, SHOT, **given)


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_can_be_photographed_before_and_after(scene):
    """The two views are the same place seen from the same spot, yet not the same picture."""
    before, after = (Image.open(io.BytesIO(draw(order(scene, after=after)))) for after in (False, True))
    assert before.size == after.size == (1600, 1200)
    small = [picture.resize((80, 60)).convert("L") for picture in (before, after)]
    assert ImageStat.Stat(small[0]).stddev[0] > 12  # not an empty wall
    assert 0.5 < ImageStat.Stat(ImageChops.difference(*small)).mean[0] < 60


def test_the_same_order_gives_the_same_bytes():
    """The city can be built again exactly."""
    assert draw(order()) == draw(order())
    assert draw(order()) != draw(order(take=1))
    assert draw(order()) != draw(order(seed="elsewhere"))


def test_size_is_that_of_a_tablets_photograph():
    """About 1600 × 1200 pixels and 200 to 500 kB."""
    assert 150_000 < len(draw(order("kitchen"))) < 520_000


def test_exif_says_when_where_and_with_what():
    """Time with its offset, WGS-84 position to the metre, the tablet's number."""
    data = draw(order())
    seen = examine(data, "IMG_1.jpg")
    assert seen.mime == "image/jpeg"
    assert seen.exif_at == SHOT.taken_at
    assert float(seen.lon) == pytest.approx(SHOT.lon, abs=1e-6)
    assert float(seen.lat) == pytest.approx(SHOT.lat, abs=1e-6)
    exif = Image.open(io.BytesIO(data)).getexif()
    assert "TB-017" in exif[ExifTags.Base.Model]
    assert exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] == "+08:00"


def test_a_picture_taken_at_night_is_darker():
    """Outdoors after dark there is only the tablet's own light."""
    night = Order(
        "cover", "place", False, Shot(SHOT.taken_at.replace(hour=2), SHOT.lon, SHOT.lat, SHOT.device)
    )
    light = [
        ImageStat.Stat(Image.open(io.BytesIO(draw(o))).convert("L")).mean[0] for o in (order("cover"), night)
    ]
    assert light[1] < light[0] * 0.8


def test_drawing_in_this_process_keeps_the_order():
    """`workers=0` starts no process."""
    wanted = [order("sign"), order("ledger")]
    assert list(draw_all(wanted, workers=0)) == [draw(one) for one in wanted]
