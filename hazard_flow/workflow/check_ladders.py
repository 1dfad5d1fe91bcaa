"""Rules 7 and 8: every ladder ends at the highest regulator and repeats; rungs come strictly later, colours never fall."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hazard_flow.workflow.calendar import WEEKDAYS_ONLY
from hazard_flow.workflow.deadlines import after_expiry
from hazard_flow.workflow.definition import COLOURS, URGENCIES, Duration, Rung, Workflow
from hazard_flow.workflow.problems import LADDER_CLIMB, LADDER_END, WORDS, Refuse
from hazard_flow.workflow.yaml_lines import Node

#: rungs of mixed units are compared from every third hour of two weeks, so that nights and week-ends are among the starts
SAMPLES = tuple(datetime(2025, 6, 2, tzinfo=UTC) + timedelta(hours=step) for step in range(0, 14 * 24, 3))
ZONE = ZoneInfo("Asia/Shanghai")


def check_ladders(workflow: Workflow, lines: Node, refuse: Refuse) -> None:
    """Note every ladder that is unused, falls silent or does not climb."""
    rules = [rule for state in workflow.states.values() for rule in state.timers.values()]
    rules += [rule for action in workflow.actions.values() for rule in action.starts.values()]
    used = {rule.ladder for rule in (*rules, *workflow.clocks.values())}
    node = lines.entries.get("ladders")
    for name, rungs in workflow.ladders.items():
        if name not in used:
            refuse(
                node.key_lines[name] if node else 1,
                WORDS,
                f"the ladder {name} is not used",
                "remove it, or let a timer climb it",
            )
        if rungs:
            _check_ladder(name, rungs, refuse)


def _check_ladder(name: str, rungs: tuple[Rung, ...], refuse: Refuse) -> None:
    last = rungs[-1]
    if "highest_regulator" not in last.tell:
        refuse(
            last.line,
            LADDER_END,
            f"the last rung of {name} does not tell the highest regulator",
            "tell: [highest_regulator]",
        )
    if last.repeat is None:
        refuse(last.line, LADDER_END, f"the last rung of {name} does not repeat", "repeat: 24 h")
    for rung in rungs[:-1]:
        if rung.repeat is not None:
            refuse(
                rung.line,
                LADDER_END,
                f"a rung of {name} repeats but is not the last",
                "repeat belongs to the last rung",
            )
    highest = -1
    for rung in rungs:
        place = COLOURS.index(rung.colour) if rung.colour in COLOURS else highest
        if place < highest:
            refuse(
                rung.line,
                LADDER_CLIMB,
                f"the colour of {name} falls to {rung.colour} after {COLOURS[highest]}",
                f"colour: {COLOURS[highest]} or higher",
            )
        highest = max(highest, place)
    for lower, higher in pairwise(rungs):
        for urgency in URGENCIES:
            before, after = lower.after.for_(urgency), higher.after.for_(urgency)
            if before and after and not _strictly_later(before, after):
                refuse(
                    higher.line,
                    LADDER_CLIMB,
                    f"a rung of {name} is not later than the one before it (urgency {urgency})",
                    "a longer `after`",
                )
                break


def _strictly_later(before: Duration, after: Duration) -> bool:
    if before.unit == after.unit:
        return after.amount > before.amount
    return all(
        after_expiry(after, start, zone=ZONE, calendar=WEEKDAYS_ONLY)
        > after_expiry(before, start, zone=ZONE, calendar=WEEKDAYS_ONLY)
        for start in SAMPLES
    )
