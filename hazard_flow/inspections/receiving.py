"""A round with files in one transaction, its files on disk before that commits; one that is refused leaves none behind."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, HazardFlowError
from hazard_flow.evidence import keeping
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.operations import Looked, look
from hazard_flow.evidence.store import Store
from hazard_flow.inspections.models import Round
from hazard_flow.inspections.papers import Answer, PlaceVisit
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import Database

#: after a part's name: pictures of what was mended at once
AFTER = ".after"


def carry_out(
    database: Database,
    scope: Scope,
    work: Callable[[Session], Round],
    *,
    files: Sequence[Looked],
    store: Store,
) -> uuid.UUID:
    """The round's id; a round with files is rehearsed first and undone, so that nothing is ever kept of one that is refused."""

    def once(session: Session) -> uuid.UUID:
        return work(session).id

    return keeping.carry_out(database, scope, once, files=files, store=store)


def looked_at(
    parts: Sequence[tuple[str, str, bytes]], *, now: datetime
) -> tuple[list[tuple[str, Looked]], HazardFlowError | None]:
    """Files as `(part, name, bytes)` judged, by part; and the first refusal with every reason, where something was refused."""
    good: list[tuple[str, Looked]] = []
    faults: list[FieldError] = []
    refused: HazardFlowError | None = None
    for part, filename, data in parts:
        try:
            one = look(data, filename, stage="report", kind="PHOTO_BEFORE", received_at=now)
        except HazardFlowError as error:
            refused = refused or error
            faults += [FieldError(part, one_fault.code, one_fault.params) for one_fault in error.fields]
        else:
            good.append((part, one))
    if refused is not None:
        refused.fields = faults
    return good, refused


def with_photos(
    visits: Sequence[PlaceVisit], prefixes: Sequence[str], files: Sequence[tuple[str, EvidenceItem]]
) -> list[PlaceVisit]:
    """Visits with the pictures whose part is `<prefix>.<item>` or `<prefix>.<item>.after`."""
    by_part: dict[str, list[EvidenceItem]] = {}
    for part, item in files:
        by_part.setdefault(part, []).append(item)
    found = []
    for visit, prefix in zip(visits, prefixes, strict=True):
        answers = dict(visit.answers)
        for part, items in by_part.items():
            if not part.startswith(f"{prefix}."):
                continue
            name = part[len(prefix) + 1 :]
            key = name.removesuffix(AFTER)
            said = answers.get(key, Answer())
            if name.endswith(AFTER):
                answers[key] = replace(said, after=(*said.after, *items))
            else:
                answers[key] = replace(said, photos=(*said.photos, *items))
        found.append(replace(visit, answers=answers))
    return found


def instant(words: str) -> datetime | None:
    """An instant with its zone; None for anything else."""
    try:
        at = datetime.fromisoformat(words)
        return at.astimezone(UTC) if at.tzinfo is not None and 2000 <= at.year <= 2100 else None
    except (ValueError, OverflowError):
        return None
