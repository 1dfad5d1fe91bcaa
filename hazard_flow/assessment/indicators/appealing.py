"""What an enterprise says against a frozen score, and the authority's answer (申诉与答复). The figure itself never changes by it."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.book import indicators
from hazard_flow.assessment.indicators.models import Appeal, Scorecard
from hazard_flow.assessment.indicators.periods import Period
from hazard_flow.errors import Conflict, FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand
from hazard_flow.storage.base import new_id
from hazard_flow.storage.unit import scope_of_session

APPEAL, ANSWER = "assessment.appeal", "assessment.answer"
WORDS_LEAST, WORDS_MOST = 10, 2_000
OUTCOMES = ("upheld", "rejected")


class ScoreRunning(Conflict):
    """A score that is still being made can't be appealed against."""

    code = "score_running"


class AppealAnswered(Conflict):
    """An appeal is answered once."""

    code = "appeal_answered"


def of_card(session: Session, home: uuid.UUID, period: Period) -> Sequence[Appeal]:
    """Everything said against a score, the newest first."""
    return session.scalars(
        sa.select(Appeal)
        .where(
            Appeal.home_id == home,
            Appeal.period == period.key,
            scope_of_session(session).where(Appeal.path, Appeal.division),
        )
        .order_by(Appeal.said_at.desc(), Appeal.id)
    ).all()


def say(
    session: Session, card: Scorecard | None, *, actor: Actor, about: str, words: str, now: datetime
) -> Appeal:
    """The enterprise says something against its frozen score. Raises `NotAllowed`, `Conflict` before it is frozen, `Refused`."""
    demand(actor, APPEAL)
    if card is None or card.frozen_at is None:
        raise ScoreRunning("not frozen yet")
    faults = _words(words)
    if about and about not in indicators() and about not in ("deductions", "vetoes"):
        faults.append(FieldError("about", "unknown_choice", {"value": about[:20]}))
    if faults:
        raise Refused("appeal", fields=faults)
    assert actor.id is not None, "a person's right"
    found = Appeal(
        id=new_id(), home_id=card.home_id, period=card.period, path=card.path, division=card.division, about=about,
        words=words.strip(), said_at=now, said_by=actor.id, outcome="", answer="",
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


def answer(
    session: Session, appeal_id: uuid.UUID, *, actor: Actor, outcome: str, words: str, now: datetime
) -> Appeal:
    """The authority answers, once. Raises `NotAllowed`, `NotFound`, `Conflict` where it was answered, `Refused`."""
    demand(actor, ANSWER)
    found = session.scalar(
        sa.select(Appeal)
        .where(Appeal.id == appeal_id, scope_of_session(session).where(Appeal.path, Appeal.division))
        .with_for_update()
    )
    if found is None:
        raise NotFound(f"appeal {appeal_id}")
    if found.outcome:
        raise AppealAnswered("answered already")
    faults = _words(words)
    if outcome not in OUTCOMES:
        faults.append(FieldError("outcome", "unknown_choice", {"value": outcome[:20]}))
    if faults:
        raise Refused("answer", fields=faults)
    found.outcome, found.answer, found.answered_at, found.answered_by = outcome, words.strip(), now, actor.id
    session.flush()
    return found


def _words(words: str) -> list[FieldError]:
    length = len(words.strip())
    if length < WORDS_LEAST:
        return [FieldError("words", "too_short", {"at_least": WORDS_LEAST, "length": length})]
    if length > WORDS_MOST:
        return [FieldError("words", "too_long", {"at_most": WORDS_MOST})]
    return []
