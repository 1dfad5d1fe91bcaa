"""A few small pictures that stand for every photograph taken in the simulated city: what closure files print of its evidence."""

import hashlib
import io
from functools import cache

from PIL import Image

_COLOURS = ("#7a8b5c", "#5c6f8b", "#8b5c5c", "#c9b458", "#4d4d4d")


@cache
def pictures() -> dict[str, bytes]:
    """SHA-256 → JPEG, in the same order in every process."""
    made = [_jpeg(colour) for colour in _COLOURS]
    return {hashlib.sha256(one).hexdigest(): one for one in made}


def picture_of(sha256: str) -> str:
    """The picture that stands for the file with this hash."""
    return list(pictures())[int(sha256[:8], 16) % len(_COLOURS)]


def _jpeg(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()
