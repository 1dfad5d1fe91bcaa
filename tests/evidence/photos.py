"""Photos made up for tests: real JPEG, PNG and HEIC bytes with the EXIF a phone would write."""

import io
from datetime import datetime

from PIL import ExifTags, Image, ImageDraw


def photo(
    *,
    size: tuple[int, int] = (800, 600),
    colour: str = "#8a5a2b",
    form: str = "JPEG",
    taken: datetime | None = None,
    offset: str | None = None,
    place: tuple[float, float] | None = None,
    orientation: int | None = None,
) -> bytes:
    """A picture of a pipe; `place` is (lon, lat), south and west negative."""
    image = Image.new("RGB", size, "#b9b4a8")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, size[1] // 3, size[0], size[1] // 2), fill=colour)
    draw.ellipse((size[0] // 8, size[1] // 8, size[0] // 4, size[1] // 4), outline="red", width=8)
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "巡检终端\x00\x07T1"
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    details = exif.get_ifd(ExifTags.IFD.Exif)
    if taken:
        details[ExifTags.Base.DateTimeOriginal] = taken.strftime("%Y:%m:%d %H:%M:%S")
    if offset:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        lon, lat = place
        gps[ExifTags.GPS.GPSLatitudeRef] = "N" if lat >= 0 else "S"
        gps[ExifTags.GPS.GPSLatitude] = _degrees(abs(lat))
        gps[ExifTags.GPS.GPSLongitudeRef] = "E" if lon >= 0 else "W"
        gps[ExifTags.GPS.GPSLongitude] = _degrees(abs(lon))
        gps[ExifTags.GPS.GPSHPositioningError] = 4.5
    out = io.BytesIO()
    if form == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    image.save(out, form, exif=exif.tobytes())
    return out.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    minutes = (value - int(value)) * 60
    return float(int(value)), float(int(minutes)), round((minutes - int(minutes)) * 60, 3)
