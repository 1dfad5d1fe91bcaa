"""The tablet's camera: hand, lens, sensor and EXIF turn a drawn canvas into a JPEG file."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache
from io import BytesIO
from random import Random

from PIL import ExifTags, Image, ImageChops, ImageFilter, ImageOps
from PIL.TiffImagePlugin import IFDRational

from hazard_flow.simulation.drawing.canvas import Canvas

OUT_WIDTH, OUT_HEIGHT = 1600, 1200
JPEG_QUALITY = 88
_SHARPEN = ImageFilter.Kernel((3, 3), (0, -1, 0, -1, 9, -1, 0, -1, 0), scale=5)


@dataclass(frozen=True)
class Shot:
    """When, where and with what a photograph was taken."""

    #: aware, in the zone the tablet was set to
    taken_at: datetime
    lon: float
    lat: float
    #: the tablet's number, as in TB-017
    device: str
    #: what the receiver thought of its fix
    accuracy_m: int = 6


@dataclass(frozen=True)
class Light:
    """How the scene is exposed: `gain` 1 is neutral, `warmth` −1 (blue) to 1 (lamp light), `grain` in grey levels."""

    gain: float = 1.0
    warmth: float = 0.0
    grain: float = 6.0
    vignette: float = 0.34


def develop(canvas: Canvas, light: Light, shot: Shot) -> bytes:
    """The finished JPEG with its EXIF; the same canvas, light and shot give the same bytes."""
    mirrored = canvas.frame.random() < 0.5 and canvas.may_mirror
    picture = ImageOps.mirror(canvas.image) if mirrored else canvas.image
    picture = _vignette(_aim(picture, canvas.frame, canvas.hand), light.vignette, canvas.frame)
    picture = _expose(picture, light, canvas).resize((OUT_WIDTH, OUT_HEIGHT), Image.Resampling.BICUBIC)
    picture = ImageChops.add(picture, _grain(light.grain, canvas.hand), scale=1, offset=-128)
    out = BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY, exif=_exif(shot, canvas.hand))
    return out.getvalue()


def _aim(picture: Image.Image, frame: Random, hand: Random) -> Image.Image:
    # The place decides distance and tilt; and nobody holds a tablet twice in exactly the same way: some pixels, half a degree.
    width, height = picture.size
    near, tilt = frame.uniform(0.86, 0.965), frame.uniform(-0.018, 0.018)
    scale, turn = near * hand.uniform(0.988, 1.0), tilt + hand.uniform(-0.006, 0.006)
    room_x, room_y = width * (1 - scale) / 2, height * (1 - scale) / 2
    left = room_x + frame.uniform(-0.6, 0.6) * room_x + hand.uniform(-4, 4) - turn * height / 2
    top = room_y + frame.uniform(-0.6, 0.6) * room_y + hand.uniform(-4, 4) + turn * width / 2
    matrix = (scale, turn, left, -turn, scale, top)
    return picture.transform(picture.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC).filter(
        _SHARPEN
    )


def _vignette(picture: Image.Image, depth: float, frame: Random) -> Image.Image:
    cx, cy = frame.uniform(28, 36), frame.uniform(20, 27)
    far = [min(1.0, (((x - cx) ** 2 + (y - cy) ** 2) / 1500) ** 1.25) for y in range(48) for x in range(64)]
    small = Image.new("L", (64, 48))
    small.putdata([round(255 * (1 - depth * share)) for share in far])
    fall = small.resize(picture.size, Image.Resampling.BICUBIC)
    return ImageChops.multiply(picture, Image.merge("RGB", (fall,) * 3))


def _expose(picture: Image.Image, light: Light, canvas: Canvas) -> Image.Image:
    gain = light.gain * canvas.frame.uniform(0.88, 1.06) * canvas.hand.uniform(0.96, 1.05)
    warmth = light.warmth + canvas.frame.uniform(-0.3, 0.3) + canvas.hand.uniform(-0.08, 0.08)
    table: list[int] = []
    for tint in (1 + 0.10 * warmth, 1 + 0.01 * warmth, 1 - 0.13 * warmth):
        for level in range(256):
            x = min(1.0, level / 255 * gain * tint)
            curve = x * x * (3 - 2 * x)  # the usual S of a phone's tone mapping
            table.append(round(255 * (0.03 + 0.955 * (0.62 * x + 0.38 * curve))))
    return picture.point(table)


def _grain(strength: float, hand: Random) -> Image.Image:
    plate = _grain_plate(strength)
    left, top = hand.randint(0, plate.width - OUT_WIDTH), hand.randint(0, plate.height - OUT_HEIGHT)
    return plate.crop((left, top, left + OUT_WIDTH, top + OUT_HEIGHT))


@cache
def _grain_plate(strength: float) -> Image.Image:
    rng, size = Random("sensor"), (OUT_WIDTH + 160, OUT_HEIGHT + 120)
    scaled = [max(0, min(255, round(128 + (v - 128) / 64 * strength))) for v in range(256)]
    bands = []
    for _ in range(3):
        pixels = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))
        coarse = Image.frombytes(
            "L", (size[0] // 2, size[1] // 2), rng.randbytes(size[0] // 2 * (size[1] // 2))
        )
        mixed = Image.blend(pixels, coarse.resize(size, Image.Resampling.BILINEAR), 0.6)
        bands.append(mixed.filter(ImageFilter.BoxBlur(0.6)).point(scaled))
    # mostly luminance noise: a sensor's colour noise is smoothed by the tablet itself
    return Image.merge(
        "RGB", (Image.blend(bands[0], bands[1], 0.25), bands[0], Image.blend(bands[0], bands[2], 0.35))
    )


def _exif(shot: Shot, hand: Random) -> Image.Exif:
    exif = Image.Exif()
    stamp = shot.taken_at.strftime("%Y:%m:%d %H:%M:%S")
    offset = shot.taken_at.strftime("%z")
    zone = f"{offset[:3]}:{offset[3:]}"
    exif[ExifTags.Base.Make] = "Yunze Field"
    exif[ExifTags.Base.Model] = f"YF-10 {shot.device}"
    exif[ExifTags.Base.Software] = "YF Camera 4.2"
    exif[ExifTags.Base.Orientation] = 1
    exif[ExifTags.Base.DateTime] = stamp
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = stamp
    inner[ExifTags.Base.DateTimeDigitized] = stamp
    inner[ExifTags.Base.OffsetTime] = zone
    inner[ExifTags.Base.OffsetTimeOriginal] = zone
    inner[ExifTags.Base.SubsecTimeOriginal] = f"{hand.randrange(1000):03d}"
    inner[ExifTags.Base.ExposureTime] = IFDRational(1, hand.choice((30, 60, 100, 120, 250)))
    inner[ExifTags.Base.FNumber] = IFDRational(19, 10)
    inner[ExifTags.Base.ISOSpeedRatings] = hand.choice((64, 100, 160, 250, 400))
    inner[ExifTags.Base.FocalLength] = IFDRational(385, 100)
    inner[ExifTags.Base.ExifImageWidth] = OUT_WIDTH
    inner[ExifTags.Base.ExifImageHeight] = OUT_HEIGHT
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSVersionID] = b"\x02\x03\x00\x00"
    place[ExifTags.GPS.GPSLatitudeRef] = "N" if shot.lat >= 0 else "S"
    place[ExifTags.GPS.GPSLatitude] = _degrees(shot.lat)
    place[ExifTags.GPS.GPSLongitudeRef] = "E" if shot.lon >= 0 else "W"
    place[ExifTags.GPS.GPSLongitude] = _degrees(shot.lon)
    place[ExifTags.GPS.GPSMapDatum] = "WGS-84"
    place[ExifTags.GPS.GPSHPositioningError] = IFDRational(shot.accuracy_m, 1)
    return exif


def _degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    rest = Fraction(str(round(abs(value), 7)))
    degrees = int(rest)
    minutes = int((rest - degrees) * 60)
    seconds = round((rest - degrees - Fraction(minutes, 60)) * 3600 * 10000)
    return IFDRational(degrees, 1), IFDRational(minutes, 1), IFDRational(seconds, 10000)
