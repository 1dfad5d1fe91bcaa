"""What a photograph's bytes say, out of the store: its small copy with its fingerprints, and how the original says it was made."""

import io
from dataclasses import dataclass

from PIL import Image

from hazard_flow.errors import HazardFlowError, NotFound, OutsideWorld
from hazard_flow.evidence.fingerprints import Prints, prints_of
from hazard_flow.evidence.intake import examine
from hazard_flow.evidence.models import Evidence
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.originality.checks import Made


@dataclass(frozen=True)
class Picture:
    """A small grey copy and its fingerprints."""

    image: Image.Image
    prints: Prints


def picture(store: Store, piece: Evidence) -> Picture | None:
    """The picture of a piece; None for what is none, was never kept here, or shows too little. Raises OutsideWorld."""
    image = small(store, piece.display_sha256)
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
