"""What a photograph's bytes say, out of the store: its small copy with its fingerprints, and how the original says it was made."""

import io
from dataclasses import dataclass

from PIL import Image

from hazard_flow.errors import HazardFlowError, NotFound, OutsideWorld
from hazard_flow.evidence.display import make_copies
from hazard_flow.evidence.fingerprints import Prints, prints_of
from hazard_flow.evidence.intake import examine
from hazard_flow.evidence.likeness import Look, likeness
from hazard_flow.evidence.models import DISPLAY, ORIGINAL, Evidence
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.originality.checks import Made


@dataclass(frozen=True)
class Picture:
    """A small grey copy and its fingerprints."""

    image: Image.Image
    prints: Prints


def picture(store: Store, piece: Evidence) -> Picture | None:
    """The picture of a piece; None for what is none, was never kept here, or shows too little. Raises OutsideWorld."""
    image = small(store, piece.shown_sha256)
    prints = prints_of(image) if image is not None else None
    return Picture(image, prints) if image is not None and prints is not None else None


def small(store: Store, display_sha256: str | None) -> Image.Image | None:
    """The small copy; we made it ourselves, so it opens. Raises OutsideWorld."""
    if not display_sha256:
        return None
    try:
        data = store.get(display_sha256, area="thumb")
    except NotFound:
        return None
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        return image.convert("L")


def fits(store: Store, piece: Evidence) -> int | None:
    """How well the copy a tablet sent fits its original, 0–100; None until both are here, and where there is too little to see.

    Raises OutsideWorld.
    """
    came = {arrival.role: arrival for arrival in piece.arrivals}
    if DISPLAY not in came or ORIGINAL not in came or piece.display_sha256 == piece.sha256:
        return None
    sent = small(store, came[DISPLAY].display_sha256)
    original = _small_of_original(store, piece)
    if sent is None or original is None:
        return 0 if original is None else None
    if prints_of(sent) is None and prints_of(original) is None:
        return None
    return int(100 * likeness(Look.at(sent), Look.at(original), mirrored=False))


def _small_of_original(store: Store, piece: Evidence) -> Image.Image | None:
    """Made anew; None where the original is no picture at all."""
    try:
        data = store.get(piece.sha256)
        seen = examine(data, "")
        if not seen.is_image:
            return None
        thumb = make_copies(data, seen.mime).thumb
    except OutsideWorld:
        raise
    except HazardFlowError:
        return None
    with Image.open(io.BytesIO(thumb), formats=["JPEG"]) as image:
        return image.convert("L")


def made(store: Store, piece: Evidence) -> Made | None:
    """What the original says of how it was made; None where it is not kept here or can no longer be read. Raises OutsideWorld."""
    try:
        seen = examine(store.get(piece.sha256), piece.filename)
    except OutsideWorld:
        raise
    except HazardFlowError:  # taken under other limits once
        return None
    return Made(
        has_camera=bool(seen.exif.get("make") or seen.exif.get("model")),
        software=seen.exif.get("software", ""),
        filename=piece.filename,
    )
