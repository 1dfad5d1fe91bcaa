"""Pieces of a hazard's page about one finding from many sources: what is probably the same, and undoing a merge."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.hazards import nearby
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.nearby import Near
from hazard_flow.identity.actor import Actor


@dataclass(frozen=True)
class SameFinding:
    """What the panel shows."""

    near: tuple[Near, ...]
    may_merge: bool
    may_undo: bool


def same_finding(session: Session, actor: Actor, hazard: Hazard, now: datetime) -> SameFinding | None:
    """What there is to say; None where there is nothing."""
    if hazard.is_open:
        near = tuple(nearby.find(session, nearby.Sought.of(hazard), now=now))
        may_merge = hazard.state == "reported" and nearby.may_undo(session, actor, hazard)
        return SameFinding(near, may_merge, may_undo=False) if near else None
    if hazard.resolution != "merged" or nearby.successor(session, hazard) is not None:
        return None
    return (
        SameFinding((), may_merge=False, may_undo=True) if nearby.may_undo(session, actor, hazard) else None
    )
