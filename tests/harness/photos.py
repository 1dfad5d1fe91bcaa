"""Tiny real pictures, no two alike."""

import io
import itertools

from PIL import Image

_numbers = itertools.count(1)


def tiny_jpeg() -> bytes:
    """A JPEG of sixteen by sixteen pixels in a colour of its own, numbered in its comment."""
    number = next(_numbers)
    colour = (number * 37 % 256, number * 91 % 256, number * 53 % 256)
    out = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(out, "JPEG", comment=b"no. %d" % number)
    return out.getvalue()
