"""What `/watchz` must never stop asking about messages."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.schedule.queries import outbox_age

#: An inbox line takes seconds; a message an hour old waits for a mail server that is down.
STUCK_AFTER = timedelta(hours=1)


def stuck_outbox(session: Session, now: datetime) -> str | None:
    """Whether messages have been waiting for long."""
    age = outbox_age(session, now)
    if age is None or age <= STUCK_AFTER:
        return None
    return f"the oldest unsent message has been waiting for {int(age.total_seconds())} s: is the mail server reachable?"
