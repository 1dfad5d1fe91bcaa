"""Photos as a tablet's camera takes them: twelve megapixels, seven megabytes, with time and place in their EXIF."""

import io
from functools import cache
from random import Random

from PIL import Image

#: EXIF tags: the pointer to the camera's own, to the place; orientation "turn by 90 degrees to the right"
_CAMERA, _PLACE, _ORIENTATION = 0x8769, 0x8825, 0x0112
WIDTH, HEIGHT = 4000, 3000
TAKEN_AT = "2026:11:30 09:41:07"


@cache
def large_jpeg(number: int) -> bytes:
    """The photo of this number; the same one each time."""
    dice = Random(number)
    # coarse noise, as hard to compress as leaves and gravel
    noise = Image.frombytes("RGB", (WIDTH // 4, HEIGHT // 4), dice.randbytes(WIDTH * HEIGHT // 16 * 3))
    picture = noise.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    exif[0x010F], exif[0x0110] = "Yunze", f"Field {number}"
    exif.get_ifd(_CAMERA).update({0x9003: TAKEN_AT, 0x9011: "+08:00"})
    exif.get_ifd(_PLACE).update({1: "N", 2: (32.0, 24.0, 25.2), 3: "E", 4: (119.0, 24.0, 43.2)})
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()
