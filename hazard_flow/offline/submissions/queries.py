"""Reads of submissions: one's own, those in scope, the contested of a hazard."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.offline.submissions.models import Submission, SubmissionAttachment
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session

#: more contested ones than this nobody settles on one page
LISTED_MAX = 200


def locked(session: Session, id_: uuid.UUID) -> Submission:
    """The submission, held until the transaction ends, as it stands now."""
    statement = sa.select(Submission).where(Submission.id == id_).execution_options(populate_existing=True)
    if not is_sqlite(session.connection()):
        statement = statement.with_for_update()
    found = session.scalar(statement)
    if found is None:
        raise NotFound(f"submission {id_}")
    return found


def locked_attachment(session: Session, id_: uuid.UUID, sha256: str) -> SubmissionAttachment:
    """One file of it, held likewise: two tabs that send the same part come one after the other."""
    statement = (
        sa.select(SubmissionAttachment)
        .where(SubmissionAttachment.submission_id == id_, SubmissionAttachment.sha256 == sha256)
        .execution_options(populate_existing=True)
    )
    if not is_sqlite(session.connection()):
        statement = statement.with_for_update()
    found = session.scalar(statement)
    if found is None:
        raise NotFound(f"attachment {sha256[:12]}")
    return found


def own(session: Session, id_: uuid.UUID, actor: Actor) -> Submission | None:
    """The person's own submission; None where it is somebody else's or not there."""
    return session.scalar(sa.select(Submission).where(Submission.id == id_, Submission.owner_id == actor.id))


def visible(session: Session, id_: uuid.UUID) -> Submission:
    """A submission within the session's scope; raises `NotFound`."""
    scope = scope_of_session(session)
    seen = scope.where(Submission.path, Submission.division, Submission.parties)
    found = session.scalar(sa.select(Submission).where(Submission.id == id_, seen))
    if found is None:
        raise NotFound(f"submission {id_}")
    return found


def visible_to(session: Session, id_: uuid.UUID, actor: Actor) -> Submission:
    """The person's own submission, or one they may read as whoever answers for its unit; raises `NotFound`."""
    found = visible(session, id_)
    if found.owner_id != actor.id and not may(actor, "submissions.read"):
        raise NotFound(f"submission {id_}")
    return found


def number_of(session: Session, submission: Submission) -> str | None:
    """The number of its hazard, within the session's scope."""
    if submission.hazard_id is None:
        return None
    scope = scope_of_session(session)
    seen = scope.where(Hazard.path, Hazard.division, Hazard.parties)
    return session.scalar(sa.select(Hazard.number).where(Hazard.id == submission.hazard_id, seen))


@dataclass(frozen=True)
class Desk:
    """What the list shows: what a person must settle, what is under way, what is done."""

    contested: Sequence[Submission]
    under_way: Sequence[Submission]
    done: Page[Submission]


def desk(session: Session, actor: Actor, *, cursor: str | None, limit: int) -> Desk:
    """The submissions a person may see, contested first."""
    mine = readable(session, actor)
    newest = (Submission.received_at.desc(), Submission.id.desc())
    contested = session.scalars(
        sa.select(Submission)
        .where(mine, _open())
        .order_by(Submission.received_at, Submission.id)
        .limit(LISTED_MAX)
    ).all()
    under_way = session.scalars(
        sa.select(Submission)
        .where(mine, ~_contested(), sa.or_(Submission.outcome == "waiting", Submission.state != "complete"))
        .order_by(*newest)
        .limit(LISTED_MAX)
    ).all()
    done = sa.select(Submission).where(
        mine,
        sa.or_(
            Submission.settled.is_not(None),
            sa.and_(Submission.outcome == "entered", Submission.state == "complete"),
        ),
    )
    return Desk(
        contested,
        under_way,
        keyset(session, done, instant=Submission.received_at, id_=Submission.id, cursor=cursor, limit=limit),
    )


def contested_of(session: Session, actor: Actor, hazard: Hazard) -> Sequence[Submission]:
    """What of a hazard somebody must settle, oldest first."""
    mine = readable(session, actor)
    return session.scalars(
        sa.select(Submission)
        .where(mine, _open(), Submission.hazard_id == hazard.id)
        .order_by(Submission.received_at, Submission.id)
        .limit(LISTED_MAX)
    ).all()


def to_settle(session: Session, actor: Actor) -> int:
    """How many contested ones wait that this person may see."""
    mine = readable(session, actor)
    return session.scalar(sa.select(sa.func.count()).select_from(Submission).where(mine, _open())) or 0


def readable(session: Session, actor: Actor) -> sa.ColumnElement[bool]:
    """One's own; of others those of the units one answers for."""
    own = Submission.owner_id == actor.id
    if not may(actor, "submissions.read"):
        return own
    scope = scope_of_session(session)
    return sa.or_(own, scope.where(Submission.path, Submission.division, Submission.parties))


def _contested() -> sa.ColumnElement[bool]:
    return Submission.outcome == "contested"


def _open() -> sa.ColumnElement[bool]:
    return sa.and_(_contested(), Submission.settled.is_(None))
