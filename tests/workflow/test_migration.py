"""Going on under another version: which state, which rung, and when, worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hazard_flow.errors import Refused
from hazard_flow.workflow.calendar import china
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import Duration, Keyed, Remind, Rung, TimerRule, Workflow
from hazard_flow.workflow.migration import carried_on, counterpart
from hazard_flow.workflow.plan import PlannedTimer, Run, own_offset

RECKONING = Reckoning(ZoneInfo("Asia/Shanghai"), china())
START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def rule(limit_h: int, *, remind: bool = False) -> TimerRule:
    return TimerRule(
        "x",
        "ladder",
        within=Keyed(default=Duration(limit_h, "h")),
        remind=(Remind(half_way=True),) if remind else (),
    )


def ladder(*offsets_h: int, patience_h: int | None = None) -> tuple[Rung, ...]:
    """Rungs so many hours after the expiry; the last repeats every 10 h."""
    wait = Duration(patience_h, "h") if patience_h else None
    rungs = [
        Rung(Keyed(default=Duration(at, "h")), ("holder",), ("inbox",), acknowledge_within=wait)
        for at in offsets_h
    ]
    return (*rungs[:-1], replace(rungs[-1], acknowledge_within=None, repeat=Duration(10, "h")))


OLD = ladder(0, 2, 4)


def pending(level: int, after_h: float, cycle: int = 0) -> PlannedTimer:
    return PlannedTimer("x", level, cycle, START + hours(after_h), START + hours(4))


def moved(
    was: PlannedTimer, new: tuple[TimerRule, tuple[Rung, ...]], *, after_h: float
) -> tuple[int, int, float]:
    """Level, cycle and hours after the start of what fires next."""
    own = own_offset(OLD, was, None, RECKONING)
    found = carried_on(*new, was, Run(START), RECKONING, own_due_at=own, now=START + hours(after_h))
    assert found is not None
    return found.level, found.cycle, (found.due_at - START) / hours(1)


@pytest.mark.parametrize(
    ("was", "after_h", "new", "expected"),
    [
        # nothing fired yet: reminder and rung 0 by the new rule, from the old start
        (pending(0, 4), 1, (rule(6), ladder(0, 2, 4)), (0, 0, 6)),
        (pending(0, 4), 1, (rule(6, remind=True), ladder(0, 2, 4)), (-1, 0, 3)),
        (pending(0, 4), 3.5, (rule(6, remind=True), ladder(0, 2, 4)), (0, 0, 6)),  # its reminder lies in the past
        (pending(0, 4), 3, (rule(2), ladder(0, 2, 4)), (0, 0, 2)),  # already overdue: fires at once
        # rung 0 fired: rung 1 at its own new offset
        (pending(1, 6), 5, (rule(4), ladder(0, 5, 9)), (1, 0, 9)),
        (pending(1, 6), 5, (rule(8), ladder(0, 5, 9)), (1, 0, 13)),  # rung 0 of the longer limit does not speak again
        # rung 1 was brought forward to 5 h by patience: it keeps that end, unless the new offset is sooner
        (pending(1, 5), 4.5, (rule(4), ladder(0, 5, 9)), (1, 0, 5)),
        (pending(1, 5), 4.2, (rule(3), ladder(0, 1, 9)), (1, 0, 4)),
        # at the old end, not yet spoken: the new last one, which tells the highest regulator, is still to come
        (pending(2, 8), 7, (rule(4), ladder(0, 3)), (1, 0, 7)),
        (pending(2, 8), 7, (rule(4), ladder(0, 2, 4, 9)), (2, 0, 8)),
        # at the old end and repeating
        (pending(2, 28, cycle=2), 20, (rule(4), ladder(0, 2, 5)), (2, 2, 28)),
        (pending(2, 28, cycle=2), 20, (rule(4), ladder(0, 3)), (1, 2, 28)),
        (pending(2, 28, cycle=2), 20, (rule(4), ladder(0, 2, 4, 30)), (3, 0, 34)),
    ],
)  # fmt: skip
def test_how_far_the_ladder_has_been_climbed(was, after_h, new, expected):
    assert moved(was, new, after_h=after_h) == expected


def test_without_an_instant_nothing_runs():
    at_deadline = replace(rule(4), within=None, at="due_at")

    found = carried_on(at_deadline, OLD, pending(1, 6), Run(START), RECKONING, own_due_at=None, now=START)
    assert found is None


class TestCounterpart:
    def test_the_same_name_or_the_mapped_one(self, general: Workflow) -> None:
        newer = replace(general, version=9)

        assert counterpart(general, newer, "submitted", names={}).key == "submitted"
        assert counterpart(general, newer, "submitted", names={"submitted": "rectifying"}).key == "rectifying"
        assert counterpart(general, newer, "submitted", names={"verified": "closed"}).key == "submitted"

    @pytest.mark.parametrize(
        ("state", "names", "code"),
        [
            ("submitted", {"submitted": "nowhere"}, "no_counterpart"),
            ("submitted", {"submitted": "verified"}, "other_stage"),
            ("verified", {"verified": "closed"}, "other_stage"),
        ],
    )
    def test_refused(self, general: Workflow, state: str, names: dict[str, str], code: str) -> None:
        with pytest.raises(Refused) as refused:
            counterpart(general, replace(general, version=9), state, names=names)
        assert [field.code for field in refused.value.fields] == [code]

    def test_another_level_is_no_version_of_this(self, general: Workflow, major: Workflow) -> None:
        with pytest.raises(Refused) as refused:
            counterpart(general, replace(general, applies_to=major.applies_to), "reported", names={})
        assert refused.value.fields[0].code == "other_level"
