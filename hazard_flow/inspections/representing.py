"""Rounds, plans and checklists as the API shows them."""

import uuid
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from hazard_flow.assets.queries import labels
from hazard_flow.hazards import queries as hazards
from hazard_flow.inspections import queries
from hazard_flow.inspections.checklists.items import Checklist
from hazard_flow.inspections.models import Round, RoundPlan


class RoundPlanView(BaseModel):
    """A plan."""

    id: str
    organisation: str
    name_zh: str
    name_en: str
    line: str
    checklist: str
    rule: str
    starts_on: date
    ends_on: date | None
    term_days: int
    assets: list[str]
    responsible: str | None
    needs_sign_off: bool
    ended_at: datetime | None


class RoundView(BaseModel):
    """A round in a list."""

    id: str
    plan: str
    organisation: str
    name_zh: str
    name_en: str
    line: str
    checklist: str
    planned_on: date
    due_at: datetime
    state: str
    is_late: bool
    is_valid: bool | None
    due_m: float | None
    covered_m: float | None
    responsible: str | None
    done_by: str | None
    started_at: datetime | None
    ended_at: datetime | None
    handed_in_at: datetime | None
    signed_off_at: datetime | None
    findings: int
    doubts: int
    version: int


class AnswerView(BaseModel):
    """One answer."""

    item: str
    value: str
    note: str
    failed: bool
    fixed: bool
    hazard: str | None


class PlaceView(BaseModel):
    """One place of a round."""

    asset: str
    visited_at: datetime | None
    lon: float | None
    lat: float | None
    skipped: str
    due_m: float | None
    covered_m: float | None
    answers: list[AnswerView]


class DoubtView(BaseModel):
    """One doubt for a reviewer."""

    id: str
    rule: str
    asset: str | None
    data: dict[str, Any]
    verdict: str | None


class RoundDetail(RoundView):
    """A round whole."""

    track: dict[str, Any] | None
    places: list[PlaceView]
    doubt_list: list[DoubtView]


class ItemView(BaseModel):
    """One item of a checklist; `mark` says how sure the clause is."""

    key: str
    text_zh: str
    text_en: str
    clause: str
    mark: str
    answer: str
    unit: str
    low: str | None
    high: str | None
    times: str | None
    photo: str
    optional: bool
    choices: list[str]
    catalogue: str


class ChecklistView(BaseModel):
    """A checklist of this release."""

    key: str
    version: int
    name_zh: str
    name_en: str
    line: str
    kinds: list[str]
    items: list[ItemView]


def view(one: Round) -> RoundView:
    """The round as lists show it."""
    return RoundView(**_plain(one))


def _plain(one: Round) -> dict[str, Any]:
    return {
        "id": str(one.id), "plan": str(one.plan_id), "organisation": str(one.organisation_id),
        "name_zh": one.name_zh, "name_en": one.name_en, "line": one.line, "checklist": one.checklist,
        "planned_on": one.planned_on, "due_at": one.due_at, "state": one.state, "is_late": one.is_late,
        "is_valid": one.is_valid, "due_m": one.due_m, "covered_m": one.covered_m,
        "responsible": str(one.responsible_id) if one.responsible_id else None,
        "done_by": str(one.done_by) if one.done_by else None, "started_at": one.started_at, "ended_at": one.ended_at,
        "handed_in_at": one.handed_in_at, "signed_off_at": one.signed_off_at, "findings": one.findings,
        "doubts": one.flags, "version": one.seq,
    }  # fmt: skip


def detail(session: Session, one: Round) -> RoundDetail:
    """The round whole."""
    places = queries.places(session, [one.id])[one.id]
    assets = labels(session, [place.asset_id for place in places])
    codes = {id_: asset.code for id_, asset in assets.items()}
    answers = queries.answers(session, one.id)
    numbers = {
        h.id: h.number
        for h in hazards.by_ids(session, {a.hazard_id for a in answers.values() if a.hazard_id})
    }
    by_place: dict[uuid.UUID, list[AnswerView]] = {}
    for (asset_id, item), row in sorted(answers.items(), key=lambda pair: pair[0][1]):
        said = AnswerView(
            item=item, value=row.value, note=row.note, failed=row.is_failed, fixed=row.is_fixed,
            hazard=numbers.get(row.hazard_id) if row.hazard_id else None,
        )  # fmt: skip
        by_place.setdefault(asset_id, []).append(said)
    return RoundDetail(
        **_plain(one),
        track=one.track,
        places=[
            PlaceView(
                asset=codes.get(place.asset_id, str(place.asset_id)), visited_at=place.visited_at, lon=place.lon,
                lat=place.lat, skipped=place.skipped, due_m=place.due_m, covered_m=place.covered_m,
                answers=by_place.get(place.asset_id, []),
            )
            for place in places
        ],
        doubt_list=[
            DoubtView(
                id=str(flag.id), rule=flag.rule, asset=_place_code(flag.subject, codes), data=flag.data, verdict=flag.verdict,
            )
            for flag in queries.flags(session, one.id)
        ],
    )  # fmt: skip


def _place_code(subject: str, codes: dict[uuid.UUID, str]) -> str | None:
    _, _, hexed = subject.partition(":")
    return codes.get(uuid.UUID(hex=hexed)) if hexed else None


def plan_view(session: Session, one: RoundPlan) -> RoundPlanView:
    """The plan with the codes of its places."""
    ids = queries.plan_places(session, [one.id])[one.id]
    known = labels(session, ids)
    return RoundPlanView(
        id=str(one.id), organisation=str(one.organisation_id), name_zh=one.name_zh, name_en=one.name_en, line=one.line,
        checklist=one.checklist, rule=one.rule, starts_on=one.starts_on, ends_on=one.ends_on, term_days=one.term_days,
        assets=[known[id_].code for id_ in ids if id_ in known],
        responsible=str(one.responsible_id) if one.responsible_id else None, needs_sign_off=one.needs_sign_off,
        ended_at=one.ended_at,
    )  # fmt: skip


def checklist_view(one: Checklist) -> ChecklistView:
    """The checklist with every item."""
    return ChecklistView(
        key=one.key, version=one.version, name_zh=one.label.zh, name_en=one.label.en, line=one.line, kinds=list(one.kinds),
        items=[
            ItemView(
                key=item.key, text_zh=item.text.zh, text_en=item.text.en, clause=item.clause, mark=item.mark,
                answer=item.answer, unit=item.unit,
                low=str(item.limits.low) if item.limits and item.limits.low is not None else None,
                high=str(item.limits.high) if item.limits and item.limits.high is not None else None,
                times=item.limits.times if item.limits else None, photo=item.photo, optional=item.is_optional,
                choices=[choice.key for choice in item.choices], catalogue=item.catalogue,
            )
            for item in one.items
        ],
    )  # fmt: skip
