"""The timer engine's way in: claim due limits and tell the next rung of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.identity.actor import system_actor
from hazard_flow.identity.directory import Directory, Parts, Told
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.ladders.operations import add_parties, note
from hazard_flow.ladders.rules import Rung, ladders
from hazard_flow.ladders.timing import SUBJECT, next_timer
from hazard_flow.schedule import operations as schedule
from hazard_flow.schedule.claims import claim_due
from hazard_flow.schedule.rows import MessageRow, TimerRow
from hazard_flow.storage.base import new_id
from hazard_flow.workflow.definition import COLOURS

#: every process can fire every limit's timers; one object, because the statement is kept by it
_ALL = sa.true()


def claim(session: Session, now: datetime, limit: int) -> Sequence[TimerRow]:
    """Due timers, soonest first, locked together with their limits."""
    return claim_due(session, SUBJECT, subject=TimeLimit, only=_ALL, now=now, limit=limit)


def fire(session: Session, timers: Sequence[TimerRow], now: datetime) -> None:
    """Tell the rungs that are due. Rungs that were missed meanwhile collapse into the highest one due, and its step says so.

    A timer whose limit has moved on does nothing.
    """
    rows = session.scalars(
        sa.select(TimeLimit)
        .where(TimeLimit.id.in_({t.subject_id for t in timers}))
        .execution_options(populate_existing=True)
    )
    limits = {row.id: row for row in rows}
    due = [
        (t, limits[t.subject_id])
        for t in timers
        if t.subject_id in limits and _stands(t, limits[t.subject_id])
    ]
    if not due:
        return
    directory = Directory.load(
        session,
        paths={limit.path for _, limit in due},
        people={limit.responsible_id for _, limit in due if limit.responsible_id},
    )
    messages: list[MessageRow] = []
    for timer, limit in due:
        messages += _climb(session, timer, limit, directory, now=now)
    session.flush()
    schedule.enqueue(session, messages)
    schedule.plan(session, [next_timer(limit, now=now) for _, limit in due])


def _stands(timer: TimerRow, limit: TimeLimit) -> bool:
    return limit.is_open and timer.fence == limit.seq


def _climb(
    session: Session, timer: TimerRow, limit: TimeLimit, directory: Directory, *, now: datetime
) -> list[MessageRow]:
    ladder = ladders()[limit.ladder]
    before, top = limit.rung, len(ladder.rungs)
    is_repeat = before == top
    limit.rung = top if is_repeat else max(timer.level, ladder.rung_at(limit.due_at, now))
    rung = ladder.rungs[limit.rung - 1]
    if is_repeat:
        # repetitions that were missed are one
        while limit.due_at + rung.after + _repeat(rung) * (limit.repeats + 1) <= now:
            limit.repeats += 1
    told = directory.tell(
        rung.addressees(is_named=limit.responsible_id is not None),
        Parts(limit.path, limit.division, responsible=limit.responsible_id),
    )
    limit.colour = _higher(limit.colour, rung.colour)
    limit.acknowledged_at = limit.acknowledged_by = None
    limit.acknowledge_by = now + rung.acknowledge_within if rung.acknowledge_within else None
    add_parties(limit, told.people)
    note(
        session,
        limit,
        "told",
        _said(limit, rung, told, timer, before, now),
        actor=system_actor("timers"),
        now=now,
    )
    return [
        MessageRow(
            id=new_id(),
            home_id=limit.home_id,
            subject_kind=SUBJECT,
            subject_id=limit.id,
            seq=limit.seq,
            person_id=person,
            channel=channel,
            template=_template(limit, rung),
            params=_params(limit, timer, now),
            created_at=now,
            due_at=now,
        )
        for person in told.people
        for channel in rung.by
    ]


def _template(limit: TimeLimit, rung: Rung) -> str:
    return "limit_reminder" if rung.after.total_seconds() < 0 and limit.colour is None else "limit"


def _params(limit: TimeLimit, timer: TimerRow, now: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": limit.title_zh,
        "title_en": limit.title_en,
        "limit": limit.name,
        "href": limit.href,
        "expires_at": limit.due_at.isoformat(),
        "late_ms": int((now - timer.due_at).total_seconds() * 1000),
    }
    if limit.colour is not None:
        found["colour"] = limit.colour
    if limit.acknowledge_by is not None:
        found["acknowledge_by"] = limit.acknowledge_by.isoformat()
    return found


def _said(
    limit: TimeLimit, rung: Rung, told: Told, timer: TimerRow, before: int, now: datetime
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "rung": limit.rung,
        "to": [str(one) for one in told.people],
        "by": list(rung.by),
        "due_at": timer.due_at.isoformat(),
        "late_s": int((now - timer.due_at).total_seconds()),
    }
    if told.unreachable:
        said["unreachable"] = list(told.unreachable)
    if limit.rung > before + 1:
        said["collapsed"] = list(range(before + 1, limit.rung))
    return said


def _repeat(rung: Rung) -> Any:
    assert rung.repeat is not None
    return rung.repeat


def _higher(one: str | None, other: str | None) -> str | None:
    """The worse of two process colours; they never go down."""
    known = [colour for colour in (one, other) if colour is not None]
    return max(known, key=COLOURS.index) if known else None
