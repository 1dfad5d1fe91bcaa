"""What household checks say of an enterprise's work over a span: the lines `households` and `commercial`, and the sums of I11, I12, I13."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.rules import rules_of
from hazard_flow.inspections.households.models import AWAY, Household, HouseholdVisit
from hazard_flow.inspections.work_lines import LineFigures

#: class of users → its line of work
LINES = {"resident": "households", "bottled": "households", "business": "commercial"}
#: a visit with one of these does not count as made; the others are for somebody to look into
VOID = frozenset({"same_minute", "same_signature", "same_photo", "outside_fence", "faked_absence"})
HREF = "/households"


@dataclass
class _Sums:
    open_due: int = 0
    open_missed: int = 0
    answered: int = 0
    late: int = 0
    invalid: int = 0
    findings: int = 0


@dataclass(frozen=True)
class Indicators:
    """Numerators and denominators of an enterprise: residents checked of those due (I11), entry (I12), non-residents (I13)."""

    checked: int = 0
    due: int = 0
    entered: int = 0
    tried: int = 0
    business_checked: int = 0
    business_due: int = 0


def figures(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
) -> Mapping[uuid.UUID, Sequence[LineFigures]]:
    """Both lines by enterprise. A user is due where the last day of the cycle falls into the span, whenever the check was made."""
    sums = _sums(session, organisation_ids, since, until)
    return {
        home: [
            _line(
                line, *(sums[home, kind] for kind, of in LINES.items() if of == line and (home, kind) in sums)
            )
            for line in dict.fromkeys(LINES.values())
        ]
        for home in dict.fromkeys(home for home, _ in sums)
    }


def indicators(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
) -> Mapping[uuid.UUID, Indicators]:
    """The sums the indicators divide, by enterprise."""
    found: dict[uuid.UUID, Indicators] = {}
    entry = {
        home: (done, tried)
        for home, done, tried in session.execute(
            sa.select(
                Household.home_id,
                sa.func.count().filter(Household.last_result == "done"),
                sa.func.count().filter(Household.last_result.in_(("done", "absent", "refused"))),
            )
            .where(Household.home_id.in_(list(organisation_ids)), Household.ended_at.is_(None))
            .group_by(Household.home_id)
        )
    }
    lines = figures(session, organisation_ids, since, until)
    for home in {*lines, *entry}:
        by_line = {one.line: one for one in lines.get(home, ())}
        homes, business = by_line.get("households"), by_line.get("commercial")
        entered, tried = entry.get(home, (0, 0))
        found[home] = Indicators(
            checked=int(homes.done) if homes else 0,
            due=int(homes.due) if homes else 0,
            entered=entered,
            tried=tried,
            business_checked=int(business.done) if business else 0,
            business_due=int(business.due) if business else 0,
        )
    return found


def _sums(
    session: Session, ids: Sequence[uuid.UUID], since: date, until: date
) -> dict[tuple[uuid.UUID, str], _Sums]:
    found: dict[tuple[uuid.UUID, str], _Sums] = {}
    owed = sa.or_(Household.last_result.is_(None), Household.last_result.not_in(AWAY))
    still = sa.select(Household.home_id, Household.user_class, Household.due_on, sa.func.count()).where(
        Household.home_id.in_(list(ids)),
        Household.ended_at.is_(None),
        owed,
        Household.due_on.between(since, until),
    )
    for home, kind, day, count in session.execute(
        still.group_by(Household.home_id, Household.user_class, Household.due_on)
    ):
        one = found.setdefault((home, kind), _Sums())
        one.open_due += count
        # what is still open at the end of the span was missed in it; the caller's span ends yesterday or today
        one.open_missed += count if day < until else 0
    _add_answered(session, found, ids, since, until)
    return found


def _add_answered(
    session: Session,
    found: dict[tuple[uuid.UUID, str], _Sums],
    ids: Sequence[uuid.UUID],
    since: date,
    until: date,
) -> None:
    """Visits that answered a cycle ending in the span: one user counts once, by its first valid check."""
    day = rules_of(session).day_of
    made: Any = (
        sa.select(
            HouseholdVisit.home_id,
            HouseholdVisit.user_class,
            HouseholdVisit.asset_id,
            HouseholdVisit.cycle_due_on,
            HouseholdVisit.visited_at,
            HouseholdVisit.result,
            HouseholdVisit.doubts,
            HouseholdVisit.failed,
        )
        .where(HouseholdVisit.home_id.in_(list(ids)), HouseholdVisit.cycle_due_on.between(since, until))
        .order_by(HouseholdVisit.visited_at)
        .execution_options(yield_per=5_000)
    )
    counted: dict[tuple[uuid.UUID, date], bool] = {}
    for home, kind, asset, due_on, visited_at, result, doubts, failed in session.execute(made):
        one = found.setdefault((home, kind), _Sums())
        one.findings += len(failed)
        is_void = bool(VOID & set(doubts))
        one.invalid += is_void
        if result != "done":
            continue
        key = (asset, due_on)
        if key not in counted:
            # the cycle has moved on with it: the user is in nobody's open sums any more
            one.open_due += 1
            counted[key] = False
        if not is_void and not counted[key]:
            counted[key] = True
            one.answered += 1
            one.late += day(visited_at) > due_on


def _line(line: str, *parts: _Sums) -> LineFigures:
    due = sum(one.open_due for one in parts)
    done = sum(one.answered for one in parts)
    return LineFigures(
        line=line,
        unit="users",
        due=due,
        done=done,
        on_time=done - sum(one.late for one in parts),
        invalid=sum(one.invalid for one in parts),
        missed=sum(one.open_missed for one in parts),
        findings=sum(one.findings for one in parts),
        href=HREF,
    )
