"""Evidence a tablet declared before its bytes came, without the tablet: for stories of the door and of those who look after it."""

import uuid
from dataclasses import dataclass, replace

from hazard_flow.evidence.display import make_copies
from hazard_flow.evidence.intake import examine
from hazard_flow.evidence.items import Arrived, EvidenceItem
from hazard_flow.evidence.operations import look
from hazard_flow.hazards import receiving
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.photos import tiny_jpeg
from tests.harness.tablet import sha256

TABLET = uuid.UUID("01a22d4b-0000-7000-8000-00000012ab3c")


@dataclass(frozen=True)
class Declared:
    """A photo named by its hashes, and the bytes that are still on the tablet."""

    item: EvidenceItem
    original: bytes
    display: bytes


def declared(
    city: City,
    kind: str = "PHOTO_BEFORE",
    *,
    stage: str = "report",
    name: str = "IMG_0001.jpg",
    original: bytes | None = None,
    display: bytes | None = None,
) -> Declared:
    """A photo whose bytes are nowhere yet."""
    original = original or tiny_jpeg()
    display = display or make_copies(original, "image/jpeg").display
    looked = look(original, name, stage=stage, kind=kind, received_at=city.now, captured_at=city.now)
    item = replace(
        looked.item,
        is_declared=True,
        tablet_id=TABLET,
        display_sha256=sha256(display),
        exif_at=None,
        phash=None,
        width=None,
        height=None,
    )
    return Declared(item, original, display)


def arrive(city: City, hazard: Hazard, piece: Declared, *roles: str) -> None:
    """Its copy for the eye, its original, or both come."""
    for role in roles or ("display", "original"):
        came = _display(city, piece) if role == "display" else _original(city, piece)
        name = sha256(piece.display if role == "display" else piece.original)
        with city.database.transaction(SYSTEM) as session:
            receiving.note(session, hazard.id, came, sha256=name, now=city.now)


def _display(city: City, piece: Declared) -> Arrived:
    name = city.store.put(piece.display, area="display")
    city.store.put_thumb(name, make_copies(piece.display, "image/jpeg").thumb)
    return Arrived("display", city.now, name)


def _original(city: City, piece: Declared) -> Arrived:
    city.store.put(piece.original)
    seen = examine(piece.original, "")
    return Arrived(
        "original", city.now, None, None, seen.width, seen.height, seen.exif_at, seen.lon, seen.lat
    )
