"""Pictures with something to see, drawn from a seed: for whatever compares photographs. Different seeds, different places."""

import io
from datetime import datetime
from random import Random

from PIL import ExifTags, Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

WIDTH, HEIGHT = 800, 600


def scene(seed: str) -> Image.Image:
    """A made-up place: ground, walls and pipes in a light of their own."""
    dice = Random(seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), _colour(dice))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        left, top = dice.randrange(-100, WIDTH), dice.randrange(-100, HEIGHT)
        box = (left, top, left + dice.randrange(20, 360), top + dice.randrange(20, 300))
        shape = dice.choice((draw.rectangle, draw.ellipse))
        shape(box, fill=_colour(dice), outline=_colour(dice), width=dice.randrange(1, 12))
    return image.filter(ImageFilter.GaussianBlur(1))


def signature(seed: str) -> Image.Image:
    """A hand on white: one line that turns back and forth."""
    dice = Random(seed)
    image = Image.new("RGB", (400, 160), "white")
    points = [(20 + n * 18, dice.randrange(20, 140)) for n in range(20)]
    ImageDraw.Draw(image).line(points, fill="black", width=5, joint="curve")
    return image


def jpeg(
    image: Image.Image,
    *,
    quality: int = 88,
    taken: datetime | None = None,
    software: str = "",
    camera: str = "",
    form: str = "JPEG",
) -> bytes:
    """The file of a picture, with the time (and its offset), camera and software its maker wrote into it."""
    exif = Image.Exif()
    if camera:
        exif[ExifTags.Base.Make] = camera
    if software:
        exif[ExifTags.Base.Software] = software
    if taken is not None:
        details = exif.get_ifd(ExifTags.IFD.Exif)
        details[ExifTags.Base.DateTimeOriginal] = taken.strftime("%Y:%m:%d %H:%M:%S")
        details[ExifTags.Base.OffsetTimeOriginal] = taken.strftime("%z")[:3] + ":" + taken.strftime("%z")[3:]
    out = io.BytesIO()
    image.save(out, form, quality=quality, exif=exif.tobytes())
    return out.getvalue()


def cropped(image: Image.Image, share: float = 0.02) -> Image.Image:
    """Without its edges."""
    x, y = round(image.width * share), round(image.height * share)
    return image.crop((x, y, image.width - x, image.height - y))


#: what people do to a photograph they use again
DISGUISES = {
    "saved again": lambda image: image,
    "made smaller": lambda image: image.resize((500, 375)),
    "cropped": cropped,
    "turned by two degrees": lambda image: cropped(image.rotate(2, Image.Resampling.BICUBIC), 0.03),
    "mirrored": ImageOps.mirror,
    "brightened": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
}


def _colour(dice: Random) -> tuple[int, int, int]:
    return dice.randrange(256), dice.randrange(256), dice.randrange(256)
