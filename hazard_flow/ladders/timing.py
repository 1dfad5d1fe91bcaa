"""When the next rung of a limit is told. Pure."""

from datetime import datetime

from hazard_flow.ladders.models import TimeLimit
from hazard_flow.ladders.rules import ladders
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.storage.base import new_id

#: subject kind of the timers
SUBJECT = "limit"


def next_rung(limit: TimeLimit) -> tuple[int, datetime]:
    """The rung told next, counted from 1, and when: at the earlier of its own time and the end of the acknowledgement that is asked.

    After the last one it is the last again; its repetitions count from the limit itself, so that a worker that was down shifts none.
    """
    rungs = ladders()[limit.ladder].rungs
    if limit.rung < len(rungs):
        at = limit.due_at + rungs[limit.rung].after
        return limit.rung + 1, min(at, limit.acknowledge_by) if limit.acknowledge_by else at
    last = rungs[-1]
    assert last.repeat is not None
    return len(rungs), limit.due_at + last.after + last.repeat * (limit.repeats + 1)


def next_timer(limit: TimeLimit, *, now: datetime) -> TimerRow:
    """The pending timer of an open limit: exactly one at any moment."""
    rung, at = next_rung(limit)
    return TimerRow(
        id=new_id(),
        home_id=limit.home_id,
        subject_kind=SUBJECT,
        subject_id=limit.id,
        name=limit.name,
        level=rung,
        cycle=limit.repeats,
        due_at=at,
        expires_at=limit.due_at,
        started_at=limit.opened_at,
        fence=limit.seq,
        rule="state",
        provisional=False,
        created_at=now,
    )
