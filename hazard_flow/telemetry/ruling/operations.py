"""Keeping the outcome of a try."""

from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.telemetry.ruling.models import AlarmTrial
from hazard_flow.telemetry.ruling.trying import Trial

#: differing hazards kept of each side
KEPT_MAX = 50


def keep_trial(session: Session, trial: Trial, *, name: str, now: datetime) -> AlarmTrial:
    """Let the rules page show this outcome."""
    row = AlarmTrial(
        name=name, sha256=trial.changed_sha256, made_at=now, outcome=trial.as_json(shown=KEPT_MAX)
    )
    session.add(row)
    session.flush()
    return row
