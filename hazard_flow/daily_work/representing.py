"""What the API of daily work takes and gives, as declared models."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hazard_flow.daily_work.models import WorkFile, WorkItem, WorkRecord


class FigureView(BaseModel):
    """A KPI: what stands above and below its line."""

    key: str
    name_zh: str
    name_en: str
    numerator: float
    denominator: float | None = Field(description="null for a plain count")
    value: float | None = Field(description="Percent, or the count; null where there is nothing to divide by")
    target: float | None
    better: str
    mark: str = Field(description="How surely its target was read: V, V2, P, M or D (our default)")


class LineView(BaseModel):
    """A line of work."""

    key: str
    name_zh: str
    name_en: str
    kinds: list[str]
    figures: list[FigureView]


class WorkFileView(BaseModel):
    """A file of a record."""

    id: str
    sha256: str
    size: int
    mime: str
    filename: str
    received_at: datetime


class RecordView(BaseModel):
    """A record; `data` holds the fields of its kind, references as ids, flags as yes and no."""

    id: str
    line: str
    kind: str
    organisation: str
    division: str
    own_key: str | None
    happened_on: date
    valid_until: date | None
    state: str
    due_at: datetime | None
    closed_at: datetime | None
    parent: str | None
    item: str | None
    hazard: str | None = Field(description="Id of the hazard it opened")
    version: int
    data: dict[str, Any]
    files: list[WorkFileView]


class WorkItemView(BaseModel):
    """What a plan asks for between two days."""

    id: str
    plan: str
    line: str
    kind: str
    organisation: str
    begins_on: date
    due_on: date
    done_on: date | None
    outcome: str | None
    record: str | None


class NewRecord(BaseModel):
    """Something that was done."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    organisation: str = Field("", description="Id of the unit; the caller's own where it is left out")
    item: str = Field("", description="The planned item it does, where its day does not say so")
    data: dict[str, Any]


class WorkCorrection(BaseModel):
    """Other values, for a reason; fields that are left out keep theirs."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any]
    why: str
    expected_version: int | None = None


class Closure(BaseModel):
    """What its end asks for."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any]


class Withdrawal(BaseModel):
    """Why it should not have been recorded."""

    model_config = ConfigDict(extra="forbid")

    why: str


def record_view(row: WorkRecord, files: Sequence[WorkFile]) -> RecordView:
    """A record as the API shows it."""
    return RecordView(
        id=str(row.id),
        line=row.line,
        kind=row.kind,
        organisation=str(row.organisation_id),
        division=row.division,
        own_key=row.own_key,
        happened_on=row.happened_on,
        valid_until=row.valid_until,
        state=row.state,
        due_at=row.due_at,
        closed_at=row.closed_at,
        parent=str(row.parent_id) if row.parent_id else None,
        item=str(row.item_id) if row.item_id else None,
        hazard=str(row.hazard_id) if row.hazard_id else None,
        version=row.version,
        data=row.data,
        files=[
            WorkFileView(
                id=str(one.id),
                sha256=one.sha256,
                size=one.size,
                mime=one.mime,
                filename=one.filename,
                received_at=one.received_at,
            )
            for one in files
        ],
    )


def item_view(row: WorkItem) -> WorkItemView:
    """An item as the API shows it."""
    return WorkItemView(
        id=str(row.id),
        plan=str(row.plan_id),
        line=row.line,
        kind=row.kind,
        organisation=str(row.organisation_id),
        begins_on=row.begins_on,
        due_on=row.due_on,
        done_on=row.done_on,
        outcome=row.outcome,
        record=str(row.record_id) if row.record_id else None,
    )
