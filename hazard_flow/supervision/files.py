"""Files that come with a task, a check or a re-check: examined before anything is kept, then kept with the step."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, HazardFlowError, NotFound, Refused
from hazard_flow.evidence.intake import Examined, examine
from hazard_flow.evidence.store import Store
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.base import new_id
from hazard_flow.supervision.checks.models import UnannouncedCheck
from hazard_flow.supervision.checks.queries import seen as check_seen
from hazard_flow.supervision.models import SupervisionFile
from hazard_flow.supervision.spots.models import SpotCheck
from hazard_flow.supervision.spots.queries import seen as spot_seen
from hazard_flow.supervision.tasks.models import SupervisionTask
from hazard_flow.supervision.tasks.queries import seen as task_seen

FILES_MAX = 9


@dataclass(frozen=True)
class Given:
    """One file as it came."""

    filename: str
    data: bytes


def look_at(given: Sequence[Given], *, field: str = "files") -> tuple[tuple[Given, Examined], ...]:
    """Judge all files; raises Refused naming each that is not taken. Nothing is kept yet."""
    if len(given) > FILES_MAX:
        raise Refused(fields=[FieldError(field, "too_many_files", {"most": FILES_MAX})])
    good, faults = [], []
    for one in given:
        try:
            good.append((one, examine(one.data, one.filename)))
        except HazardFlowError as refused:
            faults += [FieldError(field, fault.code, fault.params) for fault in refused.fields]
    if faults:
        raise Refused(fields=faults)
    return tuple(good)


def keep(
    session: Session, store: Store, looked: Sequence[tuple[Given, Examined]], *, kind: str, owner_id: uuid.UUID,
    step_seq: int, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """Put them on disk, then name them; the same bytes twice cost no second copy."""
    for given, seen in looked:
        store.put(given.data)
        session.add(
            SupervisionFile(
                id=new_id(), owner_kind=kind, owner_id=owner_id, step_seq=step_seq, sha256=seen.sha256, size=seen.size,
                mime=seen.mime, filename=seen.filename, uploaded_by=actor.id, received_at=now,
            )
        )  # fmt: skip
    session.flush()


def of(session: Session, owner_id: uuid.UUID) -> Sequence[SupervisionFile]:
    """The files of one thing the reader has already been let see, in the order they came."""
    return session.scalars(
        sa.select(SupervisionFile)
        .where(SupervisionFile.owner_id == owner_id)
        .order_by(SupervisionFile.step_seq, SupervisionFile.received_at, SupervisionFile.id)
    ).all()


def find(session: Session, file_id: uuid.UUID) -> SupervisionFile:
    """One file of something within the scope; raises NotFound."""
    found = session.get(SupervisionFile, file_id)
    if found is None:
        raise NotFound(f"file {file_id}")
    owners = {
        "task": sa.select(SupervisionTask.id).where(SupervisionTask.id == found.owner_id, task_seen(session)),
        "check": sa.select(UnannouncedCheck.id).where(
            UnannouncedCheck.id == found.owner_id, check_seen(session)
        ),
        "spot": sa.select(SpotCheck.id).where(SpotCheck.id == found.owner_id, spot_seen(session)),
    }
    if session.scalar(owners[found.owner_kind]) is None:
        raise NotFound(f"file {file_id}")
    return found
