"""Nothing is kept before it is known to be what it says; every refusal names its reason."""

import contextlib
import io
import struct
import zlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazard_flow import i18n
from hazard_flow.errors import HazardFlowError, Refused, TooLarge, UnsupportedMedia
from hazard_flow.evidence.intake import Limits, clean_filename, examine, read_limited
from tests.evidence.photos import photo

TAKEN = datetime(2026, 11, 20, 9, 30, 5)  # noqa: DTZ001 - EXIF has no zone


def _code(caught: pytest.ExceptionInfo[HazardFlowError]) -> str:
    error = caught.value.fields[0]
    for locale in i18n.LOCALES:
        assert "{" not in i18n.text(f"field_error.{error.code}", locale, **error.params)
    return error.code


@pytest.mark.parametrize(
    ("form", "name", "mime"),
    [
        ("JPEG", "a.JPG", "image/jpeg"),
        ("PNG", "a.png", "image/png"),
        ("WEBP", "a.webp", "image/webp"),
        ("HEIF", "IMG_1.heic", "image/heic"),
        ("JPEG", "blob", "image/jpeg"),
    ],
)
def test_photos_are_known_by_their_content(form: str, name: str, mime: str) -> None:
    seen = examine(photo(form=form), name)
    assert (seen.mime, seen.width, seen.height) == (mime, 800, 600)


def test_pdf_and_film_are_taken_without_being_opened() -> None:
    assert examine(b"%PDF-1.7\n%...", "order.pdf").mime == "application/pdf"
    film = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(64)
    assert examine(film, "leak.mp4").mime == "video/mp4"
    from_a_phone = b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(64)
    assert examine(from_a_phone, "IMG_0042.MOV").mime == "video/quicktime"


def test_time_and_place_come_from_the_photo() -> None:
    seen = examine(photo(taken=TAKEN, offset="+08:00", place=(121.391283, 37.539166)), "a.jpg")
    assert seen.exif_at == datetime(2026, 11, 20, 1, 30, 5, tzinfo=UTC)
    assert (seen.lon, seen.lat, seen.accuracy_m) == (
        Decimal("121.391283"),
        Decimal("37.539166"),
        Decimal("4.5"),
    )
    assert seen.exif["make"] == "T1" or "\x00" not in seen.exif["make"]


def test_a_time_without_offset_is_local_time() -> None:
    assert examine(photo(taken=TAKEN), "a.jpg").exif_at == datetime(2026, 11, 20, 1, 30, 5, tzinfo=UTC)


def test_south_and_west_are_negative() -> None:
    seen = examine(photo(place=(-70.5, -33.25)), "a.jpg")
    assert (seen.lon, seen.lat) == (Decimal("-70.500000"), Decimal("-33.250000"))


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (
            b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
            "a.svg",
            "evidence_kind_unsupported",
        ),
        (b"<svg onload='alert(1)'/>", "a.jpg", "evidence_kind_unsupported"),
        (b"<!doctype html><script>alert(1)</script>", "a.png", "evidence_kind_unsupported"),
        (b"GIF89a" + bytes(40), "a.gif", "evidence_kind_unsupported"),
        (b"PK\x03\x04" + bytes(40), "a.zip", "evidence_kind_unsupported"),
        (b"MZ\x90\x00" + bytes(80), "a.jpg", "evidence_kind_unsupported"),
        (photo(), "a.png", "evidence_ending_differs"),
        (photo(), "a.html", "evidence_ending_differs"),
        (b"%PDF-1.7\n", "a.jpg", "evidence_ending_differs"),
    ],
)
def test_fakes_are_refused_as_unsupported(data: bytes, name: str, code: str) -> None:
    with pytest.raises(UnsupportedMedia) as caught:
        examine(data, name)
    assert _code(caught) == code


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        examine(b"", "a.jpg")
    assert _code(caught) == "evidence_empty"


def test_a_file_over_its_limit_is_too_large() -> None:
    with pytest.raises(TooLarge) as caught:
        examine(photo(), "a.jpg", limits=Limits(image_bytes_max=1000))
    assert _code(caught) == "evidence_too_large"


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (12_000, 12_000), (10_000, 5_001)])
def test_a_pixel_bomb_is_refused_from_its_header(width: int, height: int) -> None:
    """900, 144 (where Pillow only warns) and 50.01 megapixels; the header alone is enough to refuse."""
    with pytest.raises(TooLarge) as caught:
        examine(_png_header(width, height), "bomb.png")
    assert _code(caught) == "evidence_too_many_pixels"


def test_a_whole_bomb_of_109_kilobytes_is_refused() -> None:
    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(bytes(3751)) for _ in range(30_000)) + rows.flush()
    with pytest.raises(TooLarge):
        examine(_png_header(30_000, 30_000, depth=1, colour=0, data=data), "bomb.png")


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mangled_photos_are_taken_or_refused_but_never_crash(data: st.DataObject) -> None:
    whole = bytearray(photo(size=(64, 48), taken=TAKEN, place=(121.3, 37.5)))
    for _ in range(data.draw(st.integers(1, 12))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Refused, TooLarge, UnsupportedMedia):
        examine(bytes(whole[: data.draw(st.integers(5, len(whole)))]), "a.jpg")


def test_reading_stops_at_the_limit() -> None:
    assert read_limited(io.BytesIO(b"x" * 10), size_bytes_max=10) == b"x" * 10
    with pytest.raises(TooLarge):
        read_limited(io.BytesIO(b"x" * 11), size_bytes_max=10)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\阀井.jpg", "阀井.jpg"),
        ("a\u202egpj.exe\r\n", "agpj.exe"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
        ("..", ""),
    ],
)
def test_file_names_are_never_paths(given_name: str, kept: str) -> None:
    assert clean_filename(given_name) == kept


def _png_header(width: int, height: int, *, depth: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
