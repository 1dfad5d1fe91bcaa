"""Copies for the eye: upright, sRGB, re-encoded without any metadata. The original is never touched and never shown.

Re-encoding also disarms: what a browser or the PDF renderer gets was written by us, pixel by pixel.
"""

import io
import math
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from hazard_flow.evidence.intake import open_image, unreadable

DISPLAY_PIXELS_MAX = 2048
THUMB_PIXELS_MAX = 480
#: 1280 px over 86 mm of paper is 378 dpi, above what an office printer resolves.
PRINT_PIXELS_MAX = 1280


@dataclass(frozen=True)
class Copies:
    """What is made of one original."""

    display: bytes
    thumb: bytes
    #: 16 hex digits.
    phash: str


def make_copies(data: bytes, mime: str, *, filename: str = "") -> Copies:
    """Display copy (2048 px), thumb (480 px) and perceptual hash of an *examined* image; Refused when it does not decode."""
    try:
        with open_image(data, mime) as image:
            upright = _upright(image, DISPLAY_PIXELS_MAX)
    except Exception:  # see intake: a decoder fed by strangers raises anything
        unreadable(filename)
    thumb = upright.copy()
    thumb.thumbnail((THUMB_PIXELS_MAX, THUMB_PIXELS_MAX), Image.Resampling.LANCZOS)
    return Copies(display=_jpeg(upright, 82), thumb=_jpeg(thumb, 76), phash=perceptual_hash(thumb))


def print_copy(display: bytes) -> bytes:
    """A display copy made smaller for paper (1280 px JPEG), same bytes for the same input."""
    with open_image(display, "image/jpeg") as image:
        return _jpeg(_upright(image, PRINT_PIXELS_MAX), 78)


def perceptual_hash(image: Image.Image) -> str:
    """64-bit pHash (32 × 32 grey, low 8 × 8 of the DCT against their median) as 16 hex digits.

    Measured: re-compression moves it by 0 bits, a 2 % crop by 2; other scenes of one style lie 6–8 apart: near is only a hint.
    """
    grey = image.convert("L").resize((32, 32), Image.Resampling.LANCZOS).tobytes()
    rows = [[sum(grey[32 * y + x] * _COSINES[u][x] for x in range(32)) for u in range(8)] for y in range(32)]
    low = [sum(rows[y][u] * _COSINES[v][y] for y in range(32)) for v in range(8) for u in range(8)]
    ordered = sorted(low)
    median = (ordered[31] + ordered[32]) / 2
    return f"{sum((value > median) << (63 - place) for place, value in enumerate(low)):016x}"


_COSINES = [[math.cos(math.pi * u * (2 * x + 1) / 64) for x in range(32)] for u in range(8)]


def _upright(image: Image.Image, pixels_max: int) -> Image.Image:
    image.draft(
        "RGB", (pixels_max, pixels_max)
    )  # a JPEG is decoded at the nearest larger power of two: 5 × less work
    image.load()
    turned = ImageOps.exif_transpose(image)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        layer = turned.convert("RGBA")
        turned = Image.new("RGBA", layer.size, "white")
        turned.alpha_composite(layer)
    profile = image.info.get("icc_profile")
    turned = turned.convert("RGB")
    turned.thumbnail((pixels_max, pixels_max), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _to_srgb(turned, profile) if profile and image.mode == "RGB" else turned


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if converted := ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB")):
            return converted
    except (ImageCms.PyCMSError, OSError):
        pass  # a broken profile: slightly wrong colours are better than no picture
    return image


def _jpeg(image: Image.Image, quality: int) -> bytes:
    bare = Image.new("RGB", image.size)  # carries no EXIF, comment or profile into the file
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
