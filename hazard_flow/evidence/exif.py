"""When and where a photo says it was taken, out of its EXIF; every tag is a stranger's word and may be nonsense."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from PIL import ExifTags, Image

#: 0.000001° is 0.11 m on the ground: finer than any phone knows.
DEGREE_STEP = Decimal("0.000001")
CAMERA_CHARS_MAX = 60


@dataclass(frozen=True)
class Exif:
    """The few facts we use; None where the file is silent or talks nonsense."""

    at: datetime | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None
    accuracy_m: Decimal | None = None
    camera: Mapping[str, str] = field(default_factory=dict)


def read_exif(image: Image.Image, zone: tzinfo) -> Exif:
    """Time, place and camera; a time without OffsetTimeOriginal is read in `zone`. Never raises on broken EXIF."""
    try:
        tags = image.getexif()
        details = dict(tags.get_ifd(ExifTags.IFD.Exif))
        gps = dict(tags.get_ifd(ExifTags.IFD.GPSInfo))
    except (
        Exception
    ):  # Pillow raises a dozen kinds on hostile EXIF; a photo with broken tags is still a photo
        return Exif()
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    if lon is None or lat is None:
        lon = lat = None
    return Exif(
        at=_instant(details, zone),
        lon=lon,
        lat=lat,
        accuracy_m=_accuracy(gps.get(ExifTags.GPS.GPSHPositioningError)) if lon is not None else None,
        camera={
            name: text
            for name, tag in (
                ("make", ExifTags.Base.Make),
                ("model", ExifTags.Base.Model),
                ("software", ExifTags.Base.Software),
            )
            if (text := _text(tags.get(tag)))
        },
    )


def _instant(details: dict[int, Any], zone: tzinfo) -> datetime | None:
    stamp = _text(details.get(ExifTags.Base.DateTimeOriginal))
    offset = _text(details.get(ExifTags.Base.OffsetTimeOriginal))
    if not stamp:
        return None
    for text, pattern in ((f"{stamp} {offset}", "%Y:%m:%d %H:%M:%S %z"), (stamp, "%Y:%m:%d %H:%M:%S")):
        try:
            at = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is added two lines below
            return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _degrees(parts: Any, reference: Any, negative: str, most: int) -> Decimal | None:
    try:
        degrees, minutes, seconds = (_decimal(part) for part in parts)
        value = degrees + minutes / 60 + seconds / 3600
        if value > most or (_text(reference) or "").upper() not in ("N", "S", "E", "W"):
            return None
        signed = -value if (_text(reference) or "").upper() == negative else value
        return signed.quantize(DEGREE_STEP)
    except (ArithmeticError, TypeError, ValueError):
        return None


def _accuracy(value: Any) -> Decimal | None:
    try:
        metres = _decimal(value).quantize(Decimal("0.1"))
        return metres if 0 < metres < 100_000 else None
    except (ArithmeticError, TypeError, ValueError):
        return None


def _decimal(value: Any) -> Decimal:
    if value is None or not hasattr(
        value, "numerator"
    ):  # many cameras leave the tag out, some write text into it
        raise ValueError("not a number")
    top, bottom = value.numerator, value.denominator
    result = Decimal(int(top)) / Decimal(int(bottom))
    if not result.is_finite() or result < 0:
        raise ValueError("not a length or an angle")
    return result


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    if not isinstance(value, str):
        return None
    return "".join(c for c in value if c.isprintable()).strip()[:CAMERA_CHARS_MAX] or None
