"""Copies for the eye are upright, small, free of metadata; near pictures have near hashes."""

import io
from datetime import datetime

import pytest
from PIL import Image

from hazard_flow.errors import Refused
from hazard_flow.evidence.display import make_copies, print_copy
from hazard_flow.evidence.fingerprints import perceptual_hash
from tests.evidence.photos import photo


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_copies_are_bounded_and_bare() -> None:
    data = photo(size=(3000, 2000), taken=datetime(2026, 11, 20), place=(121.3, 37.5))  # noqa: DTZ001
    copies = make_copies(data, "image/jpeg")
    assert _open(copies.display).size == (2048, 1365)
    assert max(_open(copies.thumb).size) == 480
    for copy in (copies.display, copies.thumb):
        assert not _open(copy).getexif()
        assert b"Exif" not in copy


def test_a_turned_photo_stands_upright() -> None:
    copies = make_copies(photo(size=(800, 600), orientation=6), "image/jpeg")
    assert _open(copies.display).size == (600, 800)


def test_heic_and_transparent_png_become_jpeg() -> None:
    assert _open(make_copies(photo(form="HEIF"), "image/heic").display).format == "JPEG"
    out = io.BytesIO()
    Image.new("RGBA", (40, 30), (255, 0, 0, 0)).save(out, "PNG")
    seen = _open(make_copies(out.getvalue(), "image/png").display)
    assert seen.format == "JPEG"
    assert seen.getpixel((5, 5)) == (255, 255, 255)


def test_a_truncated_photo_is_refused() -> None:
    data = photo(size=(1600, 1200))
    with pytest.raises(Refused) as caught:
        make_copies(data[: len(data) // 2], "image/jpeg", filename="a.jpg")
    assert caught.value.fields[0].code == "evidence_unreadable"


def test_the_same_picture_saved_again_has_a_near_hash() -> None:
    image = _open(photo(size=(1200, 900)))
    again = io.BytesIO()
    image.resize((640, 480)).save(again, "JPEG", quality=30)
    other = _open(photo(size=(1200, 900))).rotate(90, expand=True)
    first = perceptual_hash(image)
    assert (first ^ perceptual_hash(_open(again.getvalue()))).bit_count() <= 4
    assert (first ^ perceptual_hash(other)).bit_count() > 4


def test_print_copies_are_small_and_repeatable() -> None:
    display = make_copies(photo(size=(3000, 2000)), "image/jpeg").display
    assert print_copy(display) == print_copy(display)
    assert max(_open(print_copy(display)).size) == 1280
