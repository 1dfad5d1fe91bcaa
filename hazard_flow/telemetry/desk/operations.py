"""What people do with an alert on the desk: acknowledge, respond, say what it was, put away, hide, show again.

Each is one step with its person and its instant. No part of the system judges an alert, and nothing here touches a hazard.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hazard_flow.errors import Conflict, FieldError, NotAllowed, Refused, VersionConflict
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand
from hazard_flow.schedule import operations as schedule
from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.desk import firing, limits, queries, standing, steps
from hazard_flow.telemetry.desk.models import STAGES, AlertDuty, AlertVisibility
from hazard_flow.telemetry.desk.queries import Row
from hazard_flow.telemetry.desk.rules import desk_rules
from hazard_flow.telemetry.tickets import LEAK_UNITS

HANDLE, HIDE, SUPPRESS = "alarms.handle", "alarms.hide", "alarms.suppress"
#: what readings on site are given in
UNITS = {**{unit: unit for unit in LEAK_UNITS}, "kPa": "kPa"}
NOTE_LENGTH_MAX = 500


class AlertMovedOn(Conflict):
    """The alert does not stand where the act begins."""

    code = "alert_moved_on"


def acknowledge(
    session: Session,
    *,
    actor: Actor,
    alert_id: uuid.UUID,
    request_key: str,
    now: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> AlertDuty:
    """Somebody has heard it; the first time it is received."""

    def work(row: Row) -> dict[str, Any]:
        duty = row.duty
        duty.acknowledged_at, duty.acknowledged_by = now, actor.id
        _reach(duty, "received")
        schedule.cancel(session, [alert_id], names=[limits.ACKNOWLEDGE], kind=limits.SUBJECT)
        late = duty.due_at is not None and now > duty.due_at
        return {"note": note, "level": row.alert.level, "late": late}

    return _step(
        session, actor, HANDLE, alert_id, request_key, ("acknowledge", note), now=now, act="acknowledge",
        kind="acknowledged", work=work, problems=_note_problems(note), expected=expected_version,
    )  # fmt: skip


def acknowledge_many(
    session: Session, *, actor: Actor, alert_ids: Sequence[uuid.UUID], request_key: str, now: datetime
) -> int:
    """Several at once, as a storm needs; how many were still open. Those at level 2 are left out: each of them is looked at by itself."""
    done = 0
    for alert_id in sorted(set(alert_ids)):
        key = f"{request_key}:{alert_id}"
        if (
            steps.answered(session, actor, key, _digest("acknowledge", alert_id, ("acknowledge", "")))
            is not None
        ):
            continue
        row = queries.by_id(session, alert_id, now=now)
        if row.standing.is_loud or row.standing.is_acknowledged or row.standing.is_archived:
            continue
        acknowledge(session, actor=actor, alert_id=alert_id, request_key=key, now=now)
        done += 1
    return done


def respond(
    session: Session,
    *,
    actor: Actor,
    alert_id: uuid.UUID,
    note: str,
    request_key: str,
    now: datetime,
    expected_version: int | None = None,
) -> AlertDuty:
    """Who was sent, or why nobody needs to go."""
    problems = _note_problems(note, at_least=desk_rules().reason_at_least)

    def work(row: Row) -> dict[str, Any]:
        _reach(row.duty, "responded")
        return {"note": note}

    return _step(
        session, actor, HANDLE, alert_id, request_key, ("respond", note), now=now, act="respond",
        kind="responded", work=work, problems=problems, expected=expected_version,
    )  # fmt: skip


def feed_back(
    session: Session,
    *,
    actor: Actor,
    alert_id: uuid.UUID,
    cause: str,
    request_key: str,
    now: datetime,
    reading: str = "",
    unit: str = "",
    note: str = "",
    expected_version: int | None = None,
) -> AlertDuty:
    """What it turned out to have been: a person's verdict, after a reading on site. A later one on the same alert counts."""
    rules = desk_rules()
    # beforehand, because what is asked depends on what alarms
    row = queries.by_id(session, alert_id, now=now)
    problems = standing.judging_faults(
        rules, cause, alert_class=row.alert.alert_class, reading=reading, unit=unit, units=UNITS
    )
    problems += _note_problems(note)

    def work(row: Row) -> dict[str, Any]:
        duty, chosen = row.duty, rules.causes[cause]
        duty.cause, duty.verdict, duty.judged_at, duty.judged_by = cause, chosen.verdict, now, actor.id
        _reach(duty, "fed_back")
        return {
            "cause": cause,
            "verdict": chosen.verdict,
            "reading": reading,
            "unit": unit if reading else "",
            "note": note,
            "rules": rules.version,
        }

    return _step(
        session, actor, HANDLE, alert_id, request_key, ("feed_back", cause, reading, unit, note), now=now, act="feed_back",
        kind="fed_back", work=work, problems=problems, expected=expected_version,
    )  # fmt: skip


def archive(
    session: Session,
    *,
    actor: Actor,
    alert_id: uuid.UUID,
    request_key: str,
    now: datetime,
    expected_version: int | None = None,
) -> AlertDuty:
    """The chain is at its end: the signal is normal, a person has said what it was. The hazard goes its own way."""

    def work(row: Row) -> dict[str, Any]:
        _reach(row.duty, "archived")
        return {"verdict": row.duty.verdict}

    return _step(
        session, actor, HANDLE, alert_id, request_key, ("archive",), now=now, act="archive", kind="archived", work=work,
        expected=expected_version,
    )  # fmt: skip


def hide(
    session: Session,
    *,
    actor: Actor,
    alert_id: uuid.UUID,
    kind: str,
    reason: str,
    hours: int,
    request_key: str,
    now: datetime,
    work_order: str = "",
    expected_version: int | None = None,
) -> AlertDuty:
    """Off the active list for so many hours, with a reason; refused at level 2. Its evaluation and its hazards go on."""
    demand(actor, HIDE if kind == "shelved" else SUPPRESS)
    until = now + timedelta(hours=min(max(hours, 0), 100_000))
    problems = standing.hiding_faults(
        desk_rules(), kind, reason=reason, work_order=work_order, until=until, now=now
    )
    problems += _note_problems(reason, field="reason") + _note_problems(work_order, field="work_order")

    def work(row: Row) -> dict[str, Any]:
        assert actor.id is not None
        hiding = AlertVisibility(
            id=new_id(),
            alert_id=alert_id,
            fingerprint=row.alert.fingerprint,
            kind=kind,
            reason=reason,
            work_order=work_order or None,
            person_id=actor.id,
            since_at=now,
            until_at=until,
        )
        try:
            with session.begin_nested():
                session.add(hiding)
        except IntegrityError as error:  # of another episode of the same alert, a moment ago
            raise AlertMovedOn("hidden already", fields=[FieldError("", "alert_hidden")]) from error
        # Whoever hides it has seen it: nothing is asked until it comes back.
        duty = row.duty
        if duty.is_asked:
            duty.asked_at = duty.due_at = None
        schedule.cancel(session, [alert_id], names=[limits.ACKNOWLEDGE], kind=limits.SUBJECT)
        schedule.plan(session, [limits.visibility_timer(duty, hiding, now=now)])
        return {"reason": reason, "work_order": work_order, "until": until.isoformat()}

    asked = ("hide", kind, reason, hours, work_order)
    return _step(
        session, actor, HIDE if kind == "shelved" else SUPPRESS, alert_id, request_key, asked, now=now, act="hide", kind=kind,
        work=work, problems=problems, expected=expected_version,
    )  # fmt: skip


def show(
    session: Session,
    *,
    actor: Actor,
    alert_id: uuid.UUID,
    request_key: str,
    now: datetime,
    expected_version: int | None = None,
) -> AlertDuty:
    """Back on the active list before its time; what is firing is asked for anew."""

    def work(row: Row) -> dict[str, Any]:
        hiding = row.hiding
        assert hiding is not None
        if hiding.kind != "shelved":
            demand(actor, SUPPRESS)
        hiding.ended_at = now
        schedule.cancel(session, [hiding.alert_id], names=[limits.VISIBILITY], kind=limits.SUBJECT)
        session.flush()
        firing.again(session, {hiding.fingerprint}, now=now)
        return {"kind": hiding.kind, "until": hiding.until_at.isoformat()}

    return _step(
        session, actor, HIDE, alert_id, request_key, ("show",), now=now, act="show", kind="shown", work=work,
        expected=expected_version,
    )  # fmt: skip


def _step(
    session: Session,
    actor: Actor,
    right: str,
    alert_id: uuid.UUID,
    request_key: str,
    asked: object,
    *,
    now: datetime,
    act: str,
    kind: str,
    work: Callable[[Row], dict[str, Any]],
    problems: Sequence[FieldError] = (),
    expected: int | None = None,
) -> AlertDuty:
    """1 may they? · 2 answered before? · 3 lock what the desk owes the alert · 4 does it stand where the act begins? · 5 do it, note it."""
    _may(actor, right)
    digest = _digest(act, alert_id, asked)
    if steps.answered(session, actor, request_key, digest) is not None:
        return queries.by_id(session, alert_id, now=now).duty
    queries.by_id(session, alert_id, now=now)  # out of scope it is not found, and not locked either
    session.execute(sa.select(AlertDuty.alert_id).where(AlertDuty.alert_id == alert_id).with_for_update())
    row = queries.by_id(session, alert_id, now=now, fresh=True)
    if expected is not None and expected != row.duty.seq:
        raise VersionConflict(f"version {row.duty.seq}, not {expected}")
    if wrong := standing.refusals(row.standing, act):
        raise AlertMovedOn(f"{act} does not begin here", fields=wrong)
    if problems:
        raise Refused(fields=list(problems))
    data = work(row)
    steps.append(session, row.duty, kind, data, actor=actor, request_key=request_key, digest=digest, now=now)
    session.flush()
    return row.duty


def _digest(act: str, alert_id: uuid.UUID, asked: object) -> bytes:
    return steps.digest_of((act, str(alert_id), asked))


def _may(actor: Actor, right: str) -> None:
    demand(actor, right)
    if actor.id is None:
        raise NotAllowed("only a person may", right=right)


def _reach(duty: AlertDuty, stage: str) -> None:
    """The chain only goes forward."""
    if STAGES.index(stage) > STAGES.index(duty.stage):
        duty.stage = stage


def _note_problems(note: str, *, at_least: int = 0, field: str = "note") -> list[FieldError]:
    if len(note) < at_least:
        return [FieldError(field, "too_short", {"at_least": at_least, "length": len(note)})]
    if len(note) > NOTE_LENGTH_MAX:
        return [FieldError(field, "too_long", {"at_most": NOTE_LENGTH_MAX, "length": len(note)})]
    return []
