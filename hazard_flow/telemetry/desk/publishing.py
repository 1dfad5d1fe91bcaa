"""What was raised, or rose, is put before the desk: the first link of the warning chain. Intake calls it after the hazards."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.schedule import operations as schedule
from hazard_flow.telemetry.alerts import Change
from hazard_flow.telemetry.desk import limits, steps
from hazard_flow.telemetry.desk.models import AlertDuty, AlertVisibility
from hazard_flow.telemetry.desk.rules import LOUD, desk_rules
from hazard_flow.telemetry.notices import Notice


def publish(session: Session, notices: Sequence[Notice], *, now: datetime) -> None:
    """Ask for the acknowledgement of every alert raised or risen, each with a timer from this instant.

    A hidden alert is noted and not asked for; one that reaches level 2 is not hidden any more. Told again of the same rise, nothing
    happens: the notices of a step come once.
    """
    told = [n for n in notices if n.transition.change in (Change.RAISED, Change.ROSE)]
    if not told:
        return
    rules = desk_rules()
    duties = _standing(session, {n.alert.id for n in told})
    hidings = running(session, {n.alert.fingerprint for n in told})
    asked: dict[uuid.UUID, AlertDuty] = {}
    for notice in told:
        alert, level = notice.alert, notice.transition.level
        duty = duties.get(alert.id)
        kind = "rose"
        if duty is None:
            kind, duty = "published", _new(notice)
            duties[alert.id] = duty
            session.add(duty)
        elif duty.stage == "archived":  # it is worse than what was put away: the chain begins anew
            duty.stage, duty.cause, duty.verdict = "published", None, None
            duty.judged_at = duty.judged_by = None
        hiding = hidings.get(alert.fingerprint)
        if hiding is not None and level >= LOUD:
            hiding.ended_at = now
            del hidings[alert.fingerprint]
            hiding = None
        if hiding is None or hiding.until_at <= now:
            ask(duty, within=rules.limit(level=level, alert_class=alert.alert_class), now=now)
            asked[alert.id] = duty
        said = {"level": level, "reading": notice.reading, "until": _instant(duty.due_at)}
        steps.append(session, duty, kind, said, now=now)
    schedule.plan(session, [limits.acknowledgement_timer(duty, now=now) for duty in asked.values()])


def running(session: Session, fingerprints: Iterable[str]) -> dict[str, AlertVisibility]:
    """What hides alerts now, by their fingerprint."""
    rows = session.scalars(
        sa.select(AlertVisibility).where(
            AlertVisibility.fingerprint.in_(set(fingerprints)), AlertVisibility.ended_at.is_(None)
        )
    )
    return {row.fingerprint: row for row in rows}


def ask(duty: AlertDuty, *, within: timedelta, now: datetime) -> None:
    """An acknowledgement is due, whoever gave one before."""
    duty.asked_at, duty.due_at = now, now + within
    duty.acknowledged_at = duty.acknowledged_by = None


def _standing(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, AlertDuty]:
    rows = session.scalars(
        sa.select(AlertDuty)
        .where(AlertDuty.alert_id.in_(ids))
        .order_by(AlertDuty.alert_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.alert_id: row for row in rows}


def _new(notice: Notice) -> AlertDuty:
    return AlertDuty(
        alert_id=notice.alert.id, home_id=notice.site.home_id, stage="published", misses=0, seq=0
    )


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
