"""Copies for the eye: upright, sRGB, re-encoded without any metadata. The original is never touched and never shown.

Re-encoding also disarms: what a browser or the PDF renderer gets was written by us, pixel by pixel.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from hazard_flow.evidence.fingerprints import perceptual_hash
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
    return Copies(display=_jpeg(upright, 82), thumb=_jpeg(thumb, 76), phash=f"{perceptual_hash(thumb):016x}")


def print_copy(display: bytes) -> bytes:
    """A display copy made smaller for paper (1280 px JPEG), same bytes for the same input."""
    with open_image(display, "image/jpeg") as image:
        return _jpeg(_upright(image, PRINT_PIXELS_MAX), 78)


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
