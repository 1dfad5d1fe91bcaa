"""The timer engine's way in: claim due timers of alerts with what the desk owes them, and fire them."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import HazardFlowError
from hazard_flow.schedule import operations as schedule
from hazard_flow.schedule.claims import Poisoned, claim_due
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.telemetry.desk import limits, missed, steps
from hazard_flow.telemetry.desk.missed import Missed
from hazard_flow.telemetry.desk.models import AlertDuty, AlertVisibility
from hazard_flow.telemetry.desk.publishing import ask
from hazard_flow.telemetry.desk.queries import is_live
from hazard_flow.telemetry.desk.rules import desk_rules
from hazard_flow.telemetry.models import Alert, Device

#: every process can fire every alert's timers; one object, because the statement is kept by it
_ALL = sa.true()


def claim(session: Session, now: datetime, limit: int) -> Sequence[TimerRow]:
    """Due timers, soonest first, locked together with the desk's row of their alert."""
    return claim_due(session, limits.SUBJECT, subject=AlertDuty, only=_ALL, now=now, limit=limit)


def fire(session: Session, timers: Sequence[TimerRow], now: datetime) -> None:
    """End the hidings that are over, then say which acknowledgements did not come.

    A timer whose alert has moved on does nothing. Raises `Poisoned` for the timer whose hazard the door refused.
    """
    rows = session.scalars(
        sa.select(AlertDuty)
        .where(AlertDuty.alert_id.in_({t.subject_id for t in timers}))
        .execution_options(populate_existing=True)
    )
    duties = {row.alert_id: row for row in rows}
    surface(session, [t.subject_id for t in timers if t.name == limits.VISIBILITY], now=now)
    session.flush()
    late = {
        t.subject_id: t
        for t in timers
        if t.name == limits.ACKNOWLEDGE and _is_late(duties.get(t.subject_id), now)
    }
    if late:
        _miss(session, [duties[alert_id] for alert_id in late], late, now=now)


def surface(session: Session, alert_ids: Sequence[uuid.UUID], *, now: datetime) -> None:
    """Hidings of these alerts that are over end; what is still firing is back on the list and asked for, at once."""
    over = session.scalars(
        sa.select(AlertVisibility)
        .where(
            AlertVisibility.alert_id.in_(alert_ids),
            AlertVisibility.ended_at.is_(None),
            AlertVisibility.until_at <= now,
        )
        .order_by(AlertVisibility.until_at, AlertVisibility.id)
    ).all()
    if not over:
        return
    for hiding in over:
        hiding.ended_at = hiding.until_at
        note = {"kind": hiding.kind, "until": hiding.until_at.isoformat()}
        steps.append(session, session.get_one(AlertDuty, hiding.alert_id), "surfaced", note, now=now)
    again(session, {hiding.fingerprint for hiding in over}, now=now)


def again(session: Session, fingerprints: set[str], *, now: datetime) -> None:
    """Alerts that nothing hides any more are asked for again, where they are firing."""
    rules = desk_rules()
    rows = session.execute(
        sa.select(AlertDuty, Alert)
        .join(Alert, Alert.id == AlertDuty.alert_id)
        .where(Alert.fingerprint.in_(fingerprints), is_live())
        .order_by(AlertDuty.alert_id)
        .with_for_update(of=AlertDuty)
    ).all()
    for duty, alert in rows:
        ask(duty, within=rules.limit(level=alert.level, alert_class=alert.alert_class), now=now)
    schedule.plan(session, [limits.acknowledgement_timer(duty, now=now) for duty, _ in rows])


def _is_late(duty: AlertDuty | None, now: datetime) -> bool:
    return duty is not None and duty.is_asked and duty.due_at is not None and duty.due_at <= now


def _miss(
    session: Session, duties: Sequence[AlertDuty], timers: Mapping[uuid.UUID, TimerRow], *, now: datetime
) -> None:
    found = session.execute(
        sa.select(Alert, Asset, Device)
        .join(Asset, Asset.id == Alert.site_id)
        .outerjoin(Device, Device.id == Alert.device_id)
        .where(Alert.id.in_(timers))
    )
    known = {alert.id: (alert, site, device) for alert, site, device in found}
    late = []
    for duty in duties:
        duty.misses += 1
        late.append(Missed(duty, *known[duty.alert_id]))
    # the worst first: it names the hazard
    late.sort(key=lambda one: (-one.alert.level, one.duty.due_at, one.alert.id))
    try:
        numbers = missed.report(session, late, now=now)
    except HazardFlowError as error:
        raise Poisoned(timers[late[0].alert.id].id, str(error)) from error
    for one in late:
        said = {
            "due_at": one.duty.due_at.isoformat() if one.duty.due_at else None,
            "hazard": numbers[one.duty.home_id],
        }
        steps.append(session, one.duty, "missed", said, now=now)
