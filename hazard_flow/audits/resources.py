"""What the API of audits takes and gives."""

import uuid
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hazard_flow.audits.models import Audit, AuditExport, AuditPlan
from hazard_flow.audits.operations import findings_of
from hazard_flow.audits.queries import Waiting
from hazard_flow.audits.rules import audit_rules
from hazard_flow.audits.samples.planning import Mismatch, Progress
from hazard_flow.hazards.models import Hazard


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Take(_Asked):
    """Which file."""

    number: str = Field(max_length=60)


class Verdict(_Asked):
    """A person's verdict on one point."""

    point: str = Field(max_length=40)
    verdict: Literal["pass", "remark", "fail", "na"]
    reason: str = ""


class Verdicts(_Asked):
    """Verdicts on some points."""

    verdicts: list[Verdict] = Field(min_length=1, max_length=40)
    expected_version: int | None = None


class Decision(_Asked):
    """Pass it, or send it back."""

    outcome: Literal["pass", "return"]
    opinion: str = ""
    expected_version: int | None = None


class Draw(_Asked):
    """Of what to draw a sample; both days are included."""

    first_day: date
    last_day: date
    organisation: uuid.UUID | None = None
    percent: int | None = None


class DrawMore(_Asked):
    """How many more of the same order, and how many the caller saw drawn."""

    count: int
    expected_drawn: int | None = None


class AskExport(_Asked):
    """What to export; something must be given."""

    plan: str = Field(default="", max_length=40)
    numbers: list[str] = Field(default_factory=list, max_length=2000)
    organisation: uuid.UUID | None = None
    closed_from: date | None = None
    closed_to: date | None = Field(default=None, description="That day included")
    urgency: Literal["", "M", "A", "B", "C"] = ""


class WaitingView(BaseModel):
    """A file of the queue."""

    number: str
    title: str
    stage: str
    level: str
    urgency: str | None
    organisation: uuid.UUID
    closed_at: datetime | None
    weight: int
    audit: uuid.UUID | None = Field(description="The audit it is in, if somebody has taken it")
    taken_by: uuid.UUID | None


class PointView(BaseModel):
    """One of the twenty points: what is asked, what the machine found, what the person says."""

    point: str
    number: int
    name: dict[str, str]
    asks: dict[str, str]
    basis: dict[str, str]
    mark: str
    machine: Literal["pass", "remark", "fail", "open", "na"]
    reason: dict[str, str]
    event_seqs: list[int]
    verdict: Literal["pass", "remark", "fail", "na"] | None
    verdict_reason: str | None


class AuditView(BaseModel):
    """An audit of one file."""

    id: uuid.UUID
    number: str = Field(description="The hazard's")
    state: Literal["open", "released", "passed", "returned"]
    version: int
    taken_by: uuid.UUID
    taken_at: datetime
    hazard_seq: int
    head: str = Field(description="Hash of its last event; the first event follows the hazard's own head")
    points: list[PointView]
    opinion: str | None
    decided_at: datetime | None
    score: int | None
    failed: int | None
    reopened: str | None = Field(description="Number of the hazard opened anew, within scope")


class ProgressView(BaseModel):
    """How far a plan is."""

    sampled: int
    audited: int
    open: int
    passed: int
    returned: int


class PlanView(BaseModel):
    """A sample, with all that repeating the draw needs."""

    number: str
    division: str
    organisation: uuid.UUID | None
    period_from: datetime
    period_to: datetime = Field(description="Not included")
    seed: str
    percent: int
    weights: dict[str, int]
    population: int
    population_sha256: str
    drawn_at: datetime
    drawn_by: uuid.UUID | None
    progress: ProgressView


class MismatchView(BaseModel):
    """Of one enterprise: sampled files decided on, and those sent back."""

    organisation: uuid.UUID
    audited: int
    mismatched: int


class ExportView(BaseModel):
    """An export: what it holds and where to fetch it."""

    number: str
    asked_at: datetime
    asked_by: uuid.UUID
    chosen: dict[str, Any]
    files: int
    size: int
    withheld: int
    missing: int
    manifest_sha256: str
    url: str


def waiting_view(one: Waiting) -> WaitingView:
    """A file of the queue."""
    hazard, audit = one.hazard, one.audit
    return WaitingView(
        number=hazard.number,
        title=hazard.title,
        stage=hazard.stage,
        level=hazard.level,
        urgency=hazard.urgency,
        organisation=hazard.home_id,
        closed_at=hazard.closed_at,
        weight=one.weight,
        audit=audit.id if audit is not None else None,
        taken_by=audit.taken_by if audit is not None else None,
    )


def audit_view(audit: Audit, hazard: Hazard, reopened: Hazard | None) -> AuditView:
    """An audit with its points."""
    findings = findings_of(audit)
    return AuditView(
        id=audit.id,
        number=hazard.number,
        state=audit.state,  # type: ignore[arg-type] # the table's constraint says so
        version=audit.seq,
        taken_by=audit.taken_by,
        taken_at=audit.taken_at,
        hazard_seq=audit.hazard_seq,
        head=audit.head.hex(),
        points=[
            PointView(
                point=point.key,
                number=point.number,
                name={"zh": point.name.zh, "en": point.name.en},
                asks={"zh": point.asks.zh, "en": point.asks.en},
                basis={"zh": point.basis.zh, "en": point.basis.en},
                mark=point.mark,
                machine=findings[point.key].result,  # type: ignore[arg-type] # likewise
                reason={"zh": findings[point.key].reason.zh, "en": findings[point.key].reason.en},
                event_seqs=list(findings[point.key].seqs),
                verdict=audit.verdicts.get(point.key, {}).get("verdict"),
                verdict_reason=audit.verdicts.get(point.key, {}).get("reason") or None,
            )
            for point in audit_rules().points.values()
        ],
        opinion=audit.opinion,
        decided_at=audit.decided_at,
        score=audit.score,
        failed=audit.failed,
        reopened=reopened.number if reopened is not None else None,
    )


def plan_view(plan: AuditPlan, progress: Progress) -> PlanView:
    """A plan and how far it is."""
    return PlanView(
        number=plan.number,
        division=plan.division,
        organisation=plan.organisation_id,
        period_from=plan.period_from,
        period_to=plan.period_to,
        seed=plan.seed,
        percent=plan.percent,
        weights=plan.weights,
        population=plan.population,
        population_sha256=plan.population_sha256,
        drawn_at=plan.drawn_at,
        drawn_by=plan.drawn_by,
        progress=ProgressView(
            sampled=progress.sampled,
            audited=progress.audited,
            open=progress.open,
            passed=progress.passed,
            returned=progress.returned,
        ),
    )


def mismatch_view(one: Mismatch) -> MismatchView:
    """The figures of one enterprise."""
    return MismatchView(organisation=one.organisation_id, audited=one.audited, mismatched=one.mismatched)


def export_view(export: AuditExport, prefix: str) -> ExportView:
    """An export; its ZIP lies below it."""
    return ExportView(
        number=export.number,
        asked_at=export.asked_at,
        asked_by=export.asked_by,
        chosen=export.chosen,
        files=len(export.files),
        size=export.size,
        withheld=export.withheld,
        missing=export.missing,
        manifest_sha256=export.manifest_sha256,
        url=f"{prefix}/audits/exports/{export.number}.zip",
    )
