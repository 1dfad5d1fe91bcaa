"""What `/watchz` must never stop asking about messages."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.i18n import Label, both
from hazard_flow.schedule.queries import dead_count, outbox_age

#: An inbox line takes seconds; a message an hour old waits for a mail server that is down.
STUCK_AFTER = timedelta(hours=1)


def stuck_outbox(session: Session, now: datetime) -> Label | None:
    """Whether messages have been waiting for long."""
    age = outbox_age(session, now)
    if age is None or age <= STUCK_AFTER:
        return None
    return both("watch.outbox_stuck.found", minutes=int(age.total_seconds() // 60))


def dead_messages(session: Session, _now: datetime) -> Label | None:
    """Whether a message was given up and nobody has seen to it yet."""
    count = dead_count(session)
    return both("watch.messages_failed.found", n=count) if count else None
