"""What the watchdog asks about the rules."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.catalogue.operations import unsettled

#: counting a city's limits again takes minutes at most
SETTLED_WITHIN = timedelta(minutes=15)


def limits_uncounted(session: Session, now: datetime) -> str | None:
    """Whether time limits still stand as before the last import of working days."""
    stamp = unsettled(session)
    if stamp is None or now - stamp.changed_at < SETTLED_WITHIN:
        return None
    return f"working days imported {stamp.changed_at.isoformat()}, time limits not counted again since: is a worker running?"
