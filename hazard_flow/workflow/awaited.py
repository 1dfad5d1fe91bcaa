"""Files a tablet declared and has not sent yet: which of them an act may not go without. No workflow file can leave this out."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

from hazard_flow.workflow.definition import Action, Workflow

#: how a hazard ends that was put right
RECTIFIED = "rectified"


class Piece(Protocol):
    """A piece of evidence as far as this asks."""

    @property
    def sha256(self) -> str: ...
    @property
    def has_copy(self) -> bool: ...
    @property
    def has_original(self) -> bool: ...
    @property
    def is_lost(self) -> bool: ...
    @property
    def filename(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def tablet(self) -> str: ...


P = TypeVar("P", bound=Piece)


def awaited(workflow: Workflow, action: Action, evidence: Iterable[P]) -> list[P]:
    """Nobody judges what cannot be looked at; nothing is cancelled as put right before its originals are here.

    What was given up for lost is waited for no longer.
    """
    target = workflow.states.get(action.to or "")
    if target is None:
        return []
    if target.final:
        is_put_right = action.resolution in (None, RECTIFIED)
        return [p for p in evidence if is_put_right and not (p.is_lost or p.has_original)]
    return [p for p in evidence if target.stage == "verified" and not (p.is_lost or p.has_copy)]


def told(piece: Piece) -> Mapping[str, Any]:
    """The values of its sentence."""
    return {
        "filename": piece.filename or piece.sha256[:12],
        "size_kb": -(-piece.size // 1000),
        "tablet": piece.tablet or "—",
        "sha256": piece.sha256,
    }
