"""Files a tablet declared and that will never come (佐证灭失): which ones somebody means, and how it is kept. Inside the door only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hazard_flow.errors import FieldError, Refused
from hazard_flow.evidence.items import Arrived
from hazard_flow.evidence.models import LOST, Evidence
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.binding import arrival_row

FIELD = "lost_files"
#: so many digits of a hash name a file
_DIGITS_MIN = 6


def chosen(stored: Iterable[Evidence], clean: Mapping[str, Any]) -> Sequence[Evidence]:
    """The outstanding files the form means: those it names by file name or beginning of the hash, all of them where it names none.

    Raises Refused for every word that names none of them.
    """
    waiting = [piece for piece in stored if piece.is_outstanding]
    words = [word.strip() for word in str(clean.get(FIELD) or "").splitlines() if word.strip()]
    if not words:
        return waiting
    found: dict[Any, Evidence] = {}
    unknown = []
    for word in words:
        meant = [piece for piece in waiting if _is_meant(piece, word)]
        found |= {piece.id: piece for piece in meant}
        if not meant:
            names = [piece.filename or piece.sha256[:12] for piece in waiting]
            unknown.append(FieldError(FIELD, "not_outstanding", {"word": word[:80], "names": names}))
    if unknown:
        raise Refused("lost files", fields=unknown)
    return list(found.values())


def carry_out(batch: Batch, lost: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Keep that they never came; returns them as the act's event names them."""
    came = Arrived(LOST, batch.now)  # type: ignore[arg-type] # one of its words
    batch.arrivals += [arrival_row(piece, came) for piece in lost]
    return [
        {
            "sha256": piece.sha256,
            "size": piece.size,
            "filename": piece.filename,
            "event_seq": piece.event_seq,
            "missing": "original" if piece.has_copy else "all",
        }
        for piece in lost
    ]


def _is_meant(piece: Evidence, word: str) -> bool:
    return piece.filename == word or (len(word) >= _DIGITS_MIN and piece.sha256.startswith(word.lower()))
