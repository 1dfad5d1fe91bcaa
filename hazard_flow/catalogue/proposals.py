"""What the catalogue proposes for a hazard: level, urgency, deadline, first control and evidence. Pure; a person decides."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from hazard_flow.catalogue.policy import Policy
from hazard_flow.catalogue.rows import CONFIDENCE_MARKS, CatalogueRow
from hazard_flow.workflow.calendar import Calendar
from hazard_flow.workflow.deadlines import add
from hazard_flow.workflow.definition import Duration


@dataclass(frozen=True)
class Proposal:
    """One row applied to one hazard."""

    code: str
    #: `general` or `major`: a conditional major begins as general
    level: str
    urgency: str
    #: 24:00 of the last day, that day included; aware UTC
    due_at: datetime
    #: how many days the row itself suggests, where policy allows no more than what `due_at` says
    capped_from_days: int | None
    #: until when the first control on site is due
    control_at: datetime
    #: code of the interim control; `NONE` where none is suggested
    control: str
    #: evidence codes, all asked for at the default strictness
    evidence: tuple[str, ...]
    basis: str
    #: mark of how surely the basis was read: V, P or M
    confidence: str
    #: whether it becomes major unless the prescribed measures are taken in time
    is_conditional: bool
    #: whether the national list names it, so that only the regulator may lower it
    is_national_major: bool
    #: when a conditional major becomes major by itself; None for all others
    upgrade_at: datetime | None


def propose(
    row: CatalogueRow, policy: Policy, reported_at: datetime, zone: ZoneInfo, calendar: Calendar
) -> Proposal:
    """What to put into the assignment form.

    The deadline counts natural days from the report, the first day not counted (Civil Code art. 201, 203); 0 days end the same day.
    It never exceeds `rectify_within` of the place: the workflow would refuse it.
    """
    suggested = add(Duration(row.deadline_days, "day"), reported_at, zone=zone, calendar=calendar)
    longest = policy.value("rectify_within", row.urgency)
    latest = add(longest, reported_at, zone=zone, calendar=calendar) if longest is not None else suggested
    upgrade = policy.span("conditional_upgrade_after") if row.is_conditional else None
    return Proposal(
        code=row.code,
        level="major" if row.is_major else "general",
        urgency=row.urgency,
        due_at=min(suggested, latest),
        capped_from_days=row.deadline_days if latest < suggested else None,
        control_at=reported_at + row.response_within,
        control=row.interim_control,
        evidence=row.suggested_evidence,
        basis=row.legal_basis,
        confidence=CONFIDENCE_MARKS[row.basis_confidence],
        is_conditional=row.is_conditional,
        is_national_major=row.is_national_major,
        upgrade_at=None if upgrade is None else add(upgrade, reported_at, zone=zone, calendar=calendar),
    )
