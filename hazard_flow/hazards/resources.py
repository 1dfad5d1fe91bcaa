"""Hazards, events and evidence as the API shows and takes them: the shapes. `representing` fills them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hazard_flow.web.openapi import ProblemField


class PersonRef(BaseModel):
    """A person by id and, where the reader may know it, name."""

    id: str
    name: str | None


class OrganisationRef(BaseModel):
    """An organisation by id and name in both languages."""

    id: str
    name_zh: str
    name_en: str


class ReasonView(BaseModel):
    """Why an action is not open to the caller."""

    kind: str
    code: str
    params: dict[str, Any]


class AllowedAction(BaseModel):
    """An action that starts from the present state: the fields it needs and what stands in the caller's way."""

    action: str
    name: dict[str, str]
    allowed: bool
    needs: list[dict[str, Any]]
    refused_because: list[ReasonView]


class NextTimer(BaseModel):
    """A firing to come and whom it would reach now."""

    name: str
    level: int
    due_at: datetime
    colour: str | None
    to: list[PersonRef]


class FlagView(BaseModel):
    """A request or measure that stands open; `by` is null for the system and for a protected reporter."""

    flag: str
    by: PersonRef | None
    at: datetime


class ControlView(BaseModel):
    """An interim control in force."""

    control: str
    by: PersonRef | None
    at: datetime


class SignatureView(BaseModel):
    """An act that needs several people and that some have signed."""

    action: str
    have: int
    needed: int
    by: list[PersonRef]


class LinkView(BaseModel):
    """Another hazard within scope that belongs to this one."""

    link: str = Field(
        description="reopen_of, reopened_as, split_from, split_into, merged_into or merged_from"
    )
    number: str


class HazardSummary(BaseModel):
    """A hazard in a list."""

    number: str
    title: str
    stage: str
    state: str
    level: str
    urgency: str | None
    organisation: str
    division: str
    responsible: str | None
    place: str
    source: str
    family: str | None
    alarm_level: int | None
    blind: bool
    incomplete: bool
    colour: str | None
    found_at: datetime
    reported_at: datetime
    due_at: datetime | None
    original_due_at: datetime | None
    closed_at: datetime | None
    resolution: str | None
    version: int


class HazardDetail(HazardSummary):
    """One hazard with everything the caller may know and do."""

    description: str
    catalogue_code: str | None
    asset: str | None
    lon: float | None
    lat: float | None
    crs: str | None
    reporter: PersonRef | None
    responsible_person: PersonRef | None
    verifiers: list[PersonRef]
    closer: PersonRef | None
    workflow: str
    details: dict[str, Any]
    counters: dict[str, Any]
    marks: dict[str, datetime]
    controls: list[str]
    controls_open: list[ControlView]
    flags: list[FlagView]
    signatures: list[SignatureView]
    links: list[LinkView]
    reopen_of: str | None = Field(description="Number of the closed hazard it is a relapse of, within scope")
    protected: bool = Field(
        description="Reported past a manager; `reporter` is null for everybody but the regulator's officers"
    )
    allowed_actions: list[AllowedAction]
    next_timers: list[NextTimer]


class EventView(BaseModel):
    """One event exactly as it was hashed, with its hash."""

    seq: int
    at: datetime
    actor: str
    type: str
    action: str | None
    data: dict[str, Any]
    prev: str
    hash: str


class EvidenceView(BaseModel):
    """One piece of evidence."""

    sha256: str
    size: int
    mime: str
    stage: str
    kind: str
    filename: str
    event_seq: int
    captured_at: datetime | None
    exif_at: datetime | None
    received_at: datetime
    clock_skew_s: int | None = Field(
        description="Seconds by which the device's clock was ahead of ours when it sent this; null where it did not say"
    )
    lon: float | None
    lat: float | None
    pair_of: str | None
    is_declared: bool = Field(description="Named by its hashes before its bytes came")
    has_copy: bool = Field(
        description="Whether the copy for the eye has come; false only for declared pieces"
    )
    has_original: bool = Field(description="Whether the original has come; false only for declared pieces")
    url: str
    display_url: str | None


class NewHazard(BaseModel):
    """A report. `data` fields may also stand at the top level of a multipart form."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any] = Field(description="Fields of the creating action: description, place, found_at, …")
    asset: str | None = Field(default=None, max_length=200, description="Code of the asset it was found at")
    organisation: str | None = Field(default=None, max_length=40, description="Id of the unit it belongs to")
    source: str = Field(default="self_inspection", max_length=40)
    action: str | None = Field(
        default=None,
        max_length=40,
        description="Another way of reporting than the ordinary one: report_protected",
    )
    reopen_of: str | None = Field(
        default=None, max_length=40, description="Number of the closed hazard it is a relapse of"
    )


class Acting(BaseModel):
    """An action with its fields."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any] = Field(default_factory=dict)
    expected_version: int | None = Field(default=None, ge=0, le=2**31)


class ManyItem(BaseModel):
    """One hazard of an act on many."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(max_length=40)
    expected_version: int | None = Field(default=None, ge=0, le=2**31)


class ActingOnMany(BaseModel):
    """The same act on up to 100 hazards, each judged by itself."""

    model_config = ConfigDict(extra="forbid")

    items: list[ManyItem] = Field(min_length=1, max_length=100)
    data: dict[str, Any] = Field(default_factory=dict)


class ItemProblem(BaseModel):
    """Why one of many was refused, as a single act would have been."""

    status: int
    code: str
    title: str
    errors: list[ProblemField]


class ItemResult(BaseModel):
    """What became of one of many: done (`hazard` is how it stands now), or refused."""

    number: str
    done: bool
    replayed: bool
    hazard: HazardSummary | None
    problem: ItemProblem | None


#: what a report says of itself; everything else in a flat body is a field of the hazard
_REPORT_KEYS = NewHazard.model_fields.keys()
#: names practice forms use, and ours
_ALIASES = {"address": "place", "unit": "leak_unit", "instrument_no": "instrument_number"}


def report_body(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A report's body in its one form: fields stand under `data`, or all of them flat, by our names or those of practice forms."""
    if "data" in raw:
        found = dict(raw)
    else:
        found = {name: value for name, value in raw.items() if name in _REPORT_KEYS}
        found["data"] = {name: value for name, value in raw.items() if name not in _REPORT_KEYS}
    if not isinstance(found["data"], dict):
        return found
    fields = dict(found["data"])
    if "asset_id" in fields:
        found.setdefault("asset", fields.pop("asset_id"))
    for theirs, ours in _ALIASES.items():
        if theirs in fields and ours not in fields:
            fields[ours] = fields.pop(theirs)
    return {**found, "data": fields}
