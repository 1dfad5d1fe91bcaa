"""Hazards, events and evidence as the API shows and takes them."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.actions import allowed
from hazard_flow.hazards.forecast import forecast
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.protecting import reporter_in_sight
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.workflow.permitted import Allowed


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
    controls: list[str]
    reopen_of: str | None
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
    lon: float | None
    lat: float | None
    pair_of: str | None
    url: str
    display_url: str | None


class NewHazard(BaseModel):
    """A report. `data` fields may also stand at the top level of a multipart form."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any] = Field(description="Fields of the creating action: description, place, found_at, …")
    asset: str | None = Field(default=None, max_length=200, description="Code of the asset it was found at")
    organisation: str | None = Field(default=None, max_length=40, description="Id of the unit it belongs to")
    source: str = Field(default="self_inspection", max_length=40)


class Acting(BaseModel):
    """An action with its fields."""

    model_config = ConfigDict(extra="forbid")

    data: dict[str, Any] = Field(default_factory=dict)
    expected_version: int | None = Field(default=None, ge=0, le=2**31)


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


def summary(hazard: Hazard) -> HazardSummary:
    """The hazard as a list shows it."""
    return HazardSummary(**_plain(hazard))


def _plain(hazard: Hazard) -> dict[str, Any]:
    names = HazardSummary.model_fields.keys() - {"organisation", "responsible", "version"}
    found: dict[str, Any] = {name: getattr(hazard, name) for name in names}
    found["organisation"] = str(hazard.organisation_id)
    found["responsible"] = str(hazard.responsible_id) if hazard.responsible_id else None
    found["version"] = hazard.seq
    return found


def detail(
    session: Session, hazard: Hazard, actor: Actor, *, now: datetime, asset: str | None
) -> HazardDetail:
    """The hazard with its allowed actions and next timers."""
    ahead = forecast(session, hazard, now=now)[:3]
    verifiers = [*hazard.verifier_ids]
    reporter = reporter_in_sight(hazard, actor.scope)
    ids = [p for p in (reporter, hazard.responsible_id, hazard.closer_id) if p]
    known = identity.names(
        session, [*ids, *(uuid.UUID(v) for v in verifiers), *(p for f in ahead for p in f.people)]
    )

    def person(id_: Any) -> PersonRef | None:
        return None if id_ is None else PersonRef(id=str(id_), name=known.get(uuid.UUID(str(id_))))

    return HazardDetail(
        **_plain(hazard),
        description=hazard.description,
        catalogue_code=hazard.catalogue_code,
        asset=asset,
        lon=hazard.lon,
        lat=hazard.lat,
        crs=hazard.crs,
        reporter=person(reporter),
        responsible_person=person(hazard.responsible_id),
        verifiers=[p for v in verifiers if (p := person(v))],
        closer=person(hazard.closer_id),
        workflow=f"{hazard.workflow}.v{hazard.workflow_version}",
        details=dict(hazard.details),
        counters=dict(hazard.counters),
        controls=[control.code for control in read(hazard.proceedings).controls],
        reopen_of=str(hazard.reopen_of_id) if hazard.reopen_of_id else None,
        allowed_actions=[_allowed(one) for one in allowed(session, hazard, actor, now=now)],
        next_timers=[
            NextTimer(
                name=f.name,
                level=f.level,
                due_at=f.due_at,
                colour=f.colour,
                to=[p for i in f.people if (p := person(i))],
            )
            for f in ahead
        ],
    )


def _allowed(one: Allowed) -> AllowedAction:
    return AllowedAction(
        action=one.action.key,
        name={"zh": one.action.label.zh, "en": one.action.label.en},
        allowed=one.allowed,
        needs=[
            {
                "field": n.field,
                "required": n.required,
                "type": n.rule.known.type,
                "choices": list(n.rule.choices),
            }
            for n in one.action.needs
        ],
        refused_because=[
            ReasonView(kind=r.kind, code=r.code, params=_texts(r.params))
            for r in (*one.refused_because, *one.still_needed)
        ],
    )


def _texts(params: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v if isinstance(v, str | int | list | bool | None) else str(v) for k, v in params.items()}


def event_view(event: HazardEvent) -> EventView:
    """An event out of its own stored bytes."""
    body = json.loads(event.body)
    return EventView(
        seq=event.seq,
        at=event.at,
        actor=body["actor"],
        type=body["type"],
        action=event.action,
        data=body["data"],
        prev=body["prev"],
        hash=event.hash.hex(),
    )


def evidence_views(hazard: Hazard, items: Sequence[Evidence]) -> list[EvidenceView]:
    """The pieces of a hazard with the addresses of their bytes."""
    names = EvidenceView.model_fields.keys() - {"url", "display_url"}
    return [
        EvidenceView(
            **{name: getattr(item, name) for name in names},
            url=f"/evidence/{hazard.number}/{item.sha256}",
            display_url=f"/evidence/{hazard.number}/{item.display_sha256}/display"
            if item.display_sha256
            else None,
        )
        for item in items
    ]
