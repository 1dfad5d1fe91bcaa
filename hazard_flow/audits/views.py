"""What the audit pages draw: frozen values, words already in the reader's language."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.audits import gathering
from hazard_flow.audits.finding import Finding
from hazard_flow.audits.judging import prejudge
from hazard_flow.audits.models import Audit
from hazard_flow.audits.operations import findings_of
from hazard_flow.audits.queries import Waiting
from hazard_flow.audits.rules import Point, audit_rules
from hazard_flow.audits.seams import Seams
from hazard_flow.audits.separation import own_work
from hazard_flow.hazards.marks import tier
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor

#: results that ask for a person's own judgement
DOUBTFUL = ("fail", "open", "remark")


@dataclass(frozen=True)
class QueueRow:
    """One file of the queue."""

    number: str
    title: str
    tier: int
    organisation: str
    is_closed: bool
    since: datetime
    failing: int
    doubtful: int
    #: the audit it is in; None while nobody has it
    audit: uuid.UUID | None
    is_mine: bool = False
    holder: str = ""
    #: whether the reader had a part in the work and may not judge it
    is_own_work: bool = False


@dataclass(frozen=True)
class PointRow:
    """One point: what is asked, what the machine found, what the person said."""

    point: Point
    name: str
    asks: str
    basis: str
    machine: str
    reason: str
    seqs: tuple[int, ...]
    verdict: str = ""
    verdict_reason: str = ""
    error: str = ""

    @property
    def is_doubtful(self) -> bool:
        """Whether the person must judge rather than confirm."""
        return self.machine in DOUBTFUL

    @property
    def is_overridden(self) -> bool:
        """Whether the person said something else than the machine."""
        return bool(self.verdict) and self.verdict != self.machine


@dataclass(frozen=True)
class Checklist:
    """The twenty points in their groups."""

    doubtful: tuple[PointRow, ...]
    fine: tuple[PointRow, ...]
    beside: tuple[PointRow, ...]

    @property
    def rows(self) -> tuple[PointRow, ...]:
        """All of them, in their order."""
        return tuple(sorted((*self.doubtful, *self.fine, *self.beside), key=lambda one: one.point.number))

    @property
    def judged(self) -> int:
        """How many have a verdict."""
        return sum(bool(one.verdict) for one in self.rows)

    @property
    def failing(self) -> int:
        """How many fail by the person's word."""
        return sum(one.verdict == "fail" for one in self.rows)


@dataclass(frozen=True)
class DoneRow:
    """One decided audit."""

    id: uuid.UUID
    number: str
    title: str
    tier: int
    organisation: str
    auditor: str
    state: str
    decided_at: datetime | None
    score: int | None
    failed: int | None


def queue_rows(
    session: Session,
    items: Sequence[Waiting],
    *,
    actor: Actor,
    now: datetime,
    locale: str,
    seams: Seams,
) -> list[QueueRow]:
    """The rows with what the machine would say: of all of them in one go."""
    hazards = [one.hazard for one in items]
    records = gathering.dossiers(session, hazards, now, seams=seams) if hazards else {}
    units = identity.organisation_labels(session, {h.home_id for h in hazards})
    holders = identity.names(session, [one.audit.taken_by for one in items if one.audit is not None])
    own = own_work(session, actor, hazards)
    return [
        replace(
            _queue_row(one, prejudge(records[one.hazard.id]), actor.id, units, holders, locale),
            is_own_work=one.hazard.id in own,
        )
        for one in items
    ]


def checklist(audit: Audit, locale: str, errors: dict[str, str] | None = None) -> Checklist:
    """The points of an audit as they stand."""
    findings, rows = findings_of(audit), []
    for point in audit_rules().points.values():
        found, said = findings[point.key], audit.verdicts.get(point.key, {})
        rows.append(
            PointRow(
                point=point,
                name=point.name.in_(locale),
                asks=point.asks.in_(locale),
                basis=point.basis.in_(locale),
                machine=found.result,
                reason=found.reason.in_(locale),
                seqs=found.seqs,
                verdict=said.get("verdict", ""),
                verdict_reason=said.get("reason", ""),
                error=(errors or {}).get(point.key, ""),
            )
        )
    return Checklist(
        doubtful=tuple(one for one in rows if one.is_doubtful),
        fine=tuple(one for one in rows if one.machine == "pass"),
        beside=tuple(one for one in rows if one.machine == "na"),
    )


def done_rows(
    session: Session, audits: Sequence[Audit], hazards: dict[uuid.UUID, Hazard], locale: str
) -> list[DoneRow]:
    """Decided audits, as far as their hazards are in scope."""
    units = identity.organisation_labels(session, {h.home_id for h in hazards.values()})
    people = identity.names(session, [one.taken_by for one in audits])
    return [
        DoneRow(
            id=one.id,
            number=hazard.number,
            title=hazard.title,
            tier=tier(hazard.level, hazard.urgency),
            organisation=_label(units, hazard.home_id, locale),
            auditor=people.get(one.taken_by, ""),
            state=one.state,
            decided_at=one.decided_at,
            score=one.score,
            failed=one.failed,
        )
        for one in audits
        if (hazard := hazards.get(one.hazard_id)) is not None
    ]


def _queue_row(
    one: Waiting, found: Sequence[Finding], me: uuid.UUID | None, units: Any, holders: Any, locale: str
) -> QueueRow:
    hazard, audit = one.hazard, one.audit
    return QueueRow(
        number=hazard.number,
        title=hazard.title,
        tier=tier(hazard.level, hazard.urgency),
        organisation=_label(units, hazard.home_id, locale),
        is_closed=hazard.closed_at is not None,
        since=hazard.closed_at or hazard.state_entered_at,
        failing=sum(f.result == "fail" for f in found),
        doubtful=sum(f.result in ("open", "remark") for f in found),
        audit=audit.id if audit is not None else None,
        is_mine=audit is not None and audit.taken_by == me,
        holder=holders.get(audit.taken_by, "") if audit is not None else "",
    )


def _label(units: Any, id_: uuid.UUID, locale: str) -> str:
    found = units.get(id_)
    return found.label.in_(locale) if found is not None else "—"
