"""Taking what a tablet hands in: once, whatever the network did; other bytes under the same id are kept aside."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from hazard_flow.errors import Conflict, NotAllowed
from hazard_flow.hazards.effects import CONCEALED_PATH
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Person
from hazard_flow.offline.submissions import queries, rounds
from hazard_flow.offline.submissions.entering import enter, hazard_of, is_protected
from hazard_flow.offline.submissions.manifest import ActManifest, Manifest, RoundManifest, files_of, state_of
from hazard_flow.offline.submissions.models import Submission, SubmissionAttachment, SubmissionRejected
from hazard_flow.schedule.bulk import append_rows, insert_rows
from hazard_flow.storage.base import new_id
from hazard_flow.storage.engine import is_sqlite


class OtherOwner(NotAllowed):
    """The id belongs to somebody else's submission."""

    code = "submission_of_another"


class OtherBytes(Conflict):
    """The id came before with other bytes; these are kept aside."""

    code = "submission_differs"


@dataclass(frozen=True)
class Sender:
    """What the tablet says of itself as it sends."""

    tablet_id: uuid.UUID | None = None
    clock_skew_s: int | None = None
    app_version: str = ""


@dataclass(frozen=True)
class Taken:
    """What became of one PUT."""

    submission: Submission
    is_new: bool
    #: same id, other bytes: they are kept aside, the caller is told once that is stored
    is_other: bool = False


def take(
    session: Session,
    id_: uuid.UUID,
    raw: bytes,
    manifest: Manifest,
    *,
    actor: Actor,
    sender: Sender,
    now: datetime,
) -> Taken:
    """Keep a manifest and let what can enter the door enter it, all in this transaction; the same bytes again change nothing.

    Raises `OtherOwner`; a refusal of the door makes the submission contested and is none here.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    if not _insert(session, _row(session, id_, raw, sha256, manifest, actor=actor, sender=sender, now=now)):
        return _again(session, id_, raw, sha256, actor=actor, sender=sender, now=now)
    append_rows(session, SubmissionAttachment.__table__, _attachments(id_, manifest))
    submission = queries.locked(session, id_)
    if submission.kind == "report" or submission.state != "arriving":
        enter(session, submission, manifest, actor, now)
    session.flush()
    return Taken(submission, is_new=True)


def _again(
    session: Session,
    id_: uuid.UUID,
    raw: bytes,
    sha256: str,
    *,
    actor: Actor,
    sender: Sender,
    now: datetime,
) -> Taken:
    submission = queries.own(session, id_, actor)
    if submission is None:
        raise OtherOwner(f"submission {id_}")
    if submission.sha256 == sha256:
        return Taken(submission, is_new=False)
    aside = {
        "id": new_id(), "submission_id": id_, "tablet_id": sender.tablet_id, "manifest": raw, "sha256": sha256, "received_at": now,
    }  # fmt: skip
    insert_rows(session, SubmissionRejected.__table__, [aside])
    return Taken(submission, is_new=False, is_other=True)


def _insert(session: Session, row: Mapping[str, Any]) -> bool:
    """Whether the id was free. Waits for an unfinished transaction that took it."""
    insert = sqlite_insert if is_sqlite(session.connection()) else postgresql_insert
    table: sa.Table = Submission.__table__  # type: ignore[assignment] # SQLAlchemy types it as any FROM clause
    statement = insert(table).values(**row).on_conflict_do_nothing().returning(table.c.id)
    return session.connection().execute(statement).first() is not None


def _row(
    session: Session,
    id_: uuid.UUID,
    raw: bytes,
    sha256: str,
    manifest: Manifest,
    *,
    actor: Actor,
    sender: Sender,
    now: datetime,
) -> dict[str, Any]:
    assert actor.id is not None
    person = session.get_one(Person, actor.id)
    hazard = hazard_of(session, manifest.payload.number) if isinstance(manifest, ActManifest) else None
    found = rounds.round_of(session, manifest.payload.round) if isinstance(manifest, RoundManifest) else None
    about = hazard or found
    path, division = (about.path, about.division) if about else (person.path, person.division)
    return {
        "id": id_,
        "home_id": uuid.UUID(hex=person.path.split("/", 1)[0]),
        "owner_id": person.id,
        "tablet_id": sender.tablet_id,
        "app_version": sender.app_version,
        "path": CONCEALED_PATH if is_protected(rules_of(session), manifest) else path,
        "division": division,
        "parties": f",{person.id.hex},",
        "kind": manifest.kind,
        "manifest": raw,
        "sha256": sha256,
        "captured_at": manifest.captured_at,
        "received_at": now,
        "clock_skew_s": sender.clock_skew_s,
        "state": state_of(manifest, frozenset()),
        "outcome": "waiting",
        "hazard_id": hazard.id if hazard else None,
        "round_id": found.id if found else None,
        "problems": [],
    }


def _attachments(id_: uuid.UUID, manifest: Manifest) -> list[dict[str, Any]]:
    return [
        {
            "submission_id": id_,
            "sha256": file.sha256,
            "place": place,
            "role": role,
            "size": file.size,
            "mime": file.mime,
            "filename": one.original.filename,
            "bytes_have": 0,
        }
        for place, (role, one, file) in enumerate(_once(manifest))
    ]


def _once(manifest: Manifest) -> list[Any]:
    """Two photos may share one copy for the eye: its bytes come once."""
    return list({file.sha256: (role, one, file) for role, one, file in files_of(manifest)}.values())
