"""What an officer plans, judged whole; enterprise and officers drawn where they were not named."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, NotAllowed, Refused
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import enterprises
from hazard_flow.supervision.checks import drawing, queries
from hazard_flow.supervision.issuing import ORDER, organisation_of

#: officers of a check (Administrative Penalty Law art. 42 [V])
OFFICERS_MIN, OFFICERS_MAX = 2, 8
ITEMS_MAX, TEXT_MAX = 60, 2000


@dataclass(frozen=True)
class Plan:
    """What an officer plans. An empty enterprise is drawn, weighed by risk; missing officers are drawn too."""

    purpose: str
    items: tuple[str, ...]
    planned_on: str
    organisation: str = ""
    asset: str = ""
    officers: tuple[str, ...] = ()
    #: how many officers besides the leader
    draw_officers: int = 0
    #: for a draw that is repeated; None: a new one
    seed: str | None = field(default=None)


def judge(given: Plan, items: Sequence[str], today: date, faults: list[FieldError]) -> date | None:
    """What is wrong with a plan is added to the faults; its day."""
    if not given.purpose.strip():
        faults.append(FieldError("purpose", "required"))
    if len(given.purpose) > TEXT_MAX:
        faults.append(FieldError("purpose", "too_long", {"at_most": TEXT_MAX}))
    if not items:
        faults.append(FieldError("items", "required"))
    if len(items) > ITEMS_MAX or any(len(one) > 200 for one in items):
        faults.append(FieldError("items", "too_long", {"at_most": ITEMS_MAX}))
    try:
        day = date.fromisoformat(given.planned_on)
    except ValueError:
        faults.append(FieldError("planned_on", "not_a_date", {"value": given.planned_on[:40]}))
        return None
    if not today <= day or (day - today).days > 366:
        faults.append(FieldError("planned_on", "must_lie_ahead"))
    return day


def enterprise(
    session: Session, given: Plan, seed: str, drawn: dict[str, Any], now: datetime, faults: list[FieldError]
) -> Organisation | None:
    """Who is checked: the one named, or one drawn; what was drawn is written down."""
    if given.organisation:
        try:
            return organisation_of(session, given.organisation)
        except Refused as refused:
            faults += refused.fields
            return None
    known = {str(one.id): one for one in enterprises(session)}
    if not known:
        faults.append(FieldError("organisation", "no_enterprise_to_draw"))
        return None
    said = drawing.protocol(queries.weighted(session, list(known.values()), now), 1, seed)
    drawn["enterprise"] = said
    return known[said["drawn"][0]]


def team(
    session: Session, leader: uuid.UUID, given: Plan, to: Organisation, seed: str, drawn: dict[str, Any]
) -> list[uuid.UUID]:
    """The officers, the leader first: those named, then those drawn. Raises NotAllowed, Refused."""
    able = {str(one.id): one.id for one in queries.officers(session, to.division)}
    if str(leader) not in able:
        raise NotAllowed("no officer above that place", right=ORDER)
    named = [one for one in dict.fromkeys(given.officers) if one != str(leader)]
    if any(one not in able for one in named):
        raise Refused(fields=[FieldError("officers", "unknown_choice", {"value": ", ".join(named)[:80]})])
    wanted = min(max(0, given.draw_officers), OFFICERS_MAX - 1)
    left = [drawing.Candidate(one) for one in able if one != str(leader) and one not in named]
    if wanted:
        said = drawing.protocol(left, wanted, seed)
        drawn["officers"] = said
        named += said["drawn"]
    if 1 + len(named) < OFFICERS_MIN:
        raise Refused(fields=[FieldError("officers", "two_officers", {"at_least": OFFICERS_MIN})])
    if 1 + len(named) > OFFICERS_MAX:
        raise Refused(fields=[FieldError("officers", "too_many_officers", {"at_most": OFFICERS_MAX})])
    return [leader, *(able[one] for one in named)]
