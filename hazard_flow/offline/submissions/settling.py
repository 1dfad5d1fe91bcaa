"""A person settles a contested submission: carries it over through the door after mending it, or sets it aside with a reason."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, NotAllowed, Refused, StateConflict
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.effects import CONCEALED_PATH
from hazard_flow.identity.actor import Actor, person_key
from hazard_flow.identity.rights import may
from hazard_flow.offline.submissions import queries
from hazard_flow.offline.submissions.entering import Mended, note_entered, take_round, walk
from hazard_flow.offline.submissions.manifest import RoundManifest, read_manifest
from hazard_flow.offline.submissions.models import Submission

RIGHT = "submissions.settle"
REASON_LENGTH_MIN, REASON_LENGTH_MAX = 5, 500


class NotContested(StateConflict):
    """Nobody has to settle it, or somebody did."""

    code = "submission_settled"


def enter_again(session: Session, id_: uuid.UUID, *, actor: Actor, mended: Mended, now: datetime) -> Outcome:
    """Carry it over through the door under one's own name; its author is named.

    Raises what the door raises; nothing is changed then.
    """
    submission = _open(session, id_, actor)
    if not may_settle(submission, actor):
        raise NotAllowed(RIGHT, right=RIGHT)
    if submission.event_seq is not None:
        raise NotContested("its event stands", action="enter_again", state="entered")
    is_own = submission.owner_id == actor.id
    manifest, key = read_manifest(submission.manifest), f"{submission.id}:again"
    if isinstance(manifest, RoundManifest):
        author = None if is_own else person_key(submission.owner_id)
        take_round(session, submission, manifest, actor, now, request_key=key, author=author)
        _settle(submission, "entered_again", actor, now)
        session.flush()
        return Outcome()
    outcome = walk(
        session,
        submission,
        manifest,
        actor,
        now,
        request_key=key,
        author=None if is_own else person_key(submission.owner_id),
        mended=mended,
    )
    note_entered(submission, outcome)
    _settle(submission, "entered_again", actor, now)
    session.flush()
    return outcome


def set_aside(session: Session, id_: uuid.UUID, *, actor: Actor, reason: str, now: datetime) -> Submission:
    """Say why it is not to become anything; it stays readable with its files."""
    submission = _open(session, id_, actor)
    if not may_set_aside(submission, actor):
        raise NotAllowed(RIGHT, right=RIGHT)
    length = len(reason.strip())
    if length < REASON_LENGTH_MIN:
        raise Refused(
            fields=[FieldError("reason", "too_short", {"at_least": REASON_LENGTH_MIN, "length": length})]
        )
    if length > REASON_LENGTH_MAX:
        raise Refused(
            fields=[FieldError("reason", "too_long", {"at_most": REASON_LENGTH_MAX, "length": length})]
        )
    submission.settled_reason = reason.strip()
    _settle(submission, "set_aside", actor, now)
    session.flush()
    return submission


def may_settle(submission: Submission, actor: Actor) -> bool:
    """Whoever answers for its unit, and whoever wrote it; what goes past a manager nobody else reports in its author's place."""
    return submission.owner_id == actor.id or (may(actor, RIGHT) and submission.path != CONCEALED_PATH)


def may_set_aside(submission: Submission, actor: Actor) -> bool:
    """A report is never put away by whoever wrote it: somebody else who answers for the unit looks at it."""
    is_own = submission.owner_id == actor.id
    if submission.kind == "report":
        return may(actor, RIGHT) and not is_own
    return may(actor, RIGHT) or is_own


def _open(session: Session, id_: uuid.UUID, actor: Actor) -> Submission:
    queries.visible_to(session, id_, actor)
    submission = queries.locked(session, id_)
    if submission.outcome != "contested" or submission.settled is not None:
        raise NotContested("not contested", action="settle", state=submission.settled or submission.outcome)
    return submission


def _settle(submission: Submission, how: str, actor: Actor, now: datetime) -> None:
    submission.settled, submission.settled_by, submission.settled_at = how, actor.id, now
