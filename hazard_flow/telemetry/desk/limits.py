"""The timers of an alert: until when somebody must acknowledge it, and when what hides it ends."""

import uuid
from datetime import datetime

from hazard_flow.schedule.rows import TimerRow
from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.desk.models import AlertDuty, AlertVisibility

#: subject kind of the timers, and their names
SUBJECT = "alert"
ACKNOWLEDGE = "acknowledge"
VISIBILITY = "visibility"


def acknowledgement_timer(duty: AlertDuty, *, now: datetime) -> TimerRow:
    """Fires when the acknowledgement that is asked does not come."""
    assert duty.asked_at is not None
    assert duty.due_at is not None
    return _row(
        duty.home_id,
        duty.alert_id,
        ACKNOWLEDGE,
        since=duty.asked_at,
        due=duty.due_at,
        fence=duty.seq,
        now=now,
    )


def visibility_timer(duty: AlertDuty, hiding: AlertVisibility, *, now: datetime) -> TimerRow:
    """Fires when a hiding ends by itself."""
    return _row(
        duty.home_id,
        duty.alert_id,
        VISIBILITY,
        since=hiding.since_at,
        due=hiding.until_at,
        fence=duty.seq,
        now=now,
    )


def _row(
    home_id: uuid.UUID,
    alert_id: uuid.UUID,
    name: str,
    *,
    since: datetime,
    due: datetime,
    fence: int,
    now: datetime,
) -> TimerRow:
    return TimerRow(
        id=new_id(),
        home_id=home_id,
        subject_kind=SUBJECT,
        subject_id=alert_id,
        name=name,
        level=0,
        cycle=0,
        due_at=due,
        expires_at=due,
        started_at=since,
        fence=fence,
        rule="state",
        provisional=False,
        created_at=now,
    )
