"""Plans as their pages draw them: plain values in the reader's language."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import labels
from hazard_flow.i18n import known, text
from hazard_flow.identity import queries as identity
from hazard_flow.inspections import queries
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.models import RoundPlan
from hazard_flow.inspections.work_lines import WORK_LINES

#: rules of recurrence people choose by name; another one is told as it is written
NAMED_RULES = {
    "FREQ=DAILY": "daily",
    "FREQ=WEEKLY": "weekly",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR": "thrice_a_week",
    "FREQ=WEEKLY;INTERVAL=2": "fortnightly",
    "FREQ=MONTHLY": "monthly",
    "FREQ=MONTHLY;INTERVAL=3": "quarterly",
    "FREQ=MONTHLY;INTERVAL=6": "half_yearly",
    "FREQ=YEARLY": "yearly",
}


@dataclass(frozen=True)
class PlanLine:
    """A plan in a list."""

    plan: RoundPlan
    name: str
    line: str
    unit: str
    who: str
    often: str
    checklist: str
    places: int


def plan_lines(session: Session, found: Sequence[RoundPlan], locale: str) -> list[PlanLine]:
    """Plans as rows."""
    units = identity.organisation_labels(session, {one.organisation_id for one in found})
    names = identity.names(session, {one.responsible_id for one in found if one.responsible_id})
    places = queries.plan_places(session, [one.id for one in found])
    return [
        PlanLine(
            plan=one,
            name=one.label.in_(locale),
            line=WORK_LINES[one.line].in_(locale),
            unit=units[one.organisation_id].label.in_(locale) if one.organisation_id in units else "",
            who=names.get(one.responsible_id, "") if one.responsible_id else "",
            often=often(one.rule, locale),
            checklist=checklists()[one.checklist].label.in_(locale)
            if one.checklist in checklists()
            else one.checklist,
            places=len(places[one.id]),
        )
        for one in found
    ]


def plan_assets(session: Session, plan_id: uuid.UUID, locale: str) -> list[tuple[Asset, str]]:
    """The places of a plan in the order they are walked, with their names."""
    ids = queries.plan_places(session, [plan_id])[plan_id]
    known_ones = labels(session, ids)
    return [(known_ones[id_], known_ones[id_].label.in_(locale)) for id_ in ids if id_ in known_ones]


def often(rule: str, locale: str) -> str:
    """How often, in words; a rule nobody named as it is written."""
    key = f"rounds.often.{NAMED_RULES.get(rule, '') if rule else 'colour'}"
    return text(key, locale) if known(key) else rule
