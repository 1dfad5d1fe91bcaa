"""The JSON API of figures: what is counted, what each enterprise comes to, the rows behind, and scores."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel

from hazard_flow.assessment.indicators import queries
from hazard_flow.assessment.indicators.book import indicators
from hazard_flow.assessment.indicators.definition import Indicator, frame_of
from hazard_flow.assessment.indicators.models import IndicatorValue, Scorecard
from hazard_flow.assessment.indicators.pages import READ, asked_period
from hazard_flow.assessment.indicators.policy import policy
from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.identity.queries import enterprises
from hazard_flow.supervision.lines import Lines
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.openapi import CURSOR, Listed, Parameter, operation

blueprint = Blueprint("figures_api", __name__, url_prefix=api.PREFIX)

_TAGS = ["indicators"]
_PERIOD = Parameter(
    "period", "2026-11, 2026-Q4 or 2026; the running month without one", {"type": "string", "maxLength": 7}
)


class IndicatorView(BaseModel):
    """What an indicator counts and how it is scored; `mark` says how sure its source is."""

    id: str
    key: str
    name_zh: str
    name_en: str
    formula_zh: str
    formula_en: str
    unit: str
    better: str
    source_zh: str
    source_en: str
    mark: str
    gamed_zh: str
    gamed_en: str
    companions: list[str]
    weight: float
    target: float
    floor: float


class IndicatorFigureView(BaseModel):
    """One figure of one enterprise in one period; `value` is null where nothing stands below the line."""

    organisation: str
    indicator: str
    period: str
    above: float
    below: float
    value: float | None
    is_bound: bool
    is_ranked: bool
    made_at: datetime
    frozen_at: datetime | None


class IndicatorRowView(BaseModel):
    """One row behind a figure."""

    hazard: str
    number: str
    is_counted: bool
    at: datetime | None
    weight: float


class ScorecardView(BaseModel):
    """The score of an enterprise in a period and what it is made of."""

    organisation: str
    period: str
    score: float | None
    base: float | None
    grade: str
    rank: int | None
    parts: dict[str, Any]
    deductions: list[dict[str, Any]]
    vetoes: list[dict[str, Any]]
    policy_version: int
    made_at: datetime
    frozen_at: datetime | None


def _indicator(one: Indicator) -> IndicatorView:
    aim = policy().aims[one.id]
    return IndicatorView(
        id=one.id, key=one.key, name_zh=one.label.zh, name_en=one.label.en, formula_zh=one.formula.zh, formula_en=one.formula.en,
        unit=one.unit, better=one.better, source_zh=one.source.zh, source_en=one.source.en, mark=one.mark, gamed_zh=one.gamed.zh,
        gamed_en=one.gamed.en, companions=list(one.companions), weight=aim.weight, target=aim.target, floor=aim.floor,
    )  # fmt: skip


def _figure(one: IndicatorValue) -> IndicatorFigureView:
    return IndicatorFigureView(
        organisation=str(one.home_id), indicator=one.indicator, period=one.period, above=one.above, below=one.below,
        value=one.value, is_bound=one.is_bound, is_ranked=one.below >= policy().few, made_at=one.made_at, frozen_at=one.frozen_at,
    )  # fmt: skip


def _score(one: Scorecard, rank: int | None) -> ScorecardView:
    return ScorecardView(
        organisation=str(one.home_id), period=one.period, score=one.score, base=one.base, grade=one.grade, rank=rank, parts=one.parts,
        deductions=one.deductions, vetoes=one.vetoes, policy_version=one.policy_version, made_at=one.made_at, frozen_at=one.frozen_at,
    )  # fmt: skip


@blueprint.get("/indicators")
@operation(
    summary="What is counted, and how it is scored", responses={200: Listed(IndicatorView)}, tags=_TAGS
)
def listing() -> Response:
    require(READ)
    return api.listing([_indicator(one) for one in indicators().values()])


@blueprint.get("/indicators/<key>")
@operation(
    summary="One figure of every enterprise within scope", responses={200: Listed(IndicatorFigureView)}, parameters=(_PERIOD,), tags=_TAGS,
)  # fmt: skip
def figures(key: str) -> Response:
    actor, period = require(READ), asked_period()
    if key not in indicators():
        raise NotFound(f"indicator {key[:10]}")
    with reading(actor) as session:
        homes = [home.id for home in enterprises(session) if home.parent_id is None]
        values = queries.values_of(session, homes, period)
        found = [_figure(said[key]) for said in values.values() if key in said]
    found.sort(key=lambda one: one.organisation)
    return api.listing(found)


@blueprint.get("/indicators/<key>/rows")
@operation(
    summary="The rows behind one figure of one enterprise",
    responses={200: Listed(IndicatorRowView)},
    parameters=(
        Parameter("organisation", "The enterprise", {"type": "string", "format": "uuid"}), _PERIOD, *CURSOR,
    ),
    tags=_TAGS,
)  # fmt: skip
def rows(key: str) -> Response:
    actor, period = require(READ), asked_period()
    cursor, limit = paging.asked()
    one = indicators().get(key)
    if one is None:
        raise NotFound(f"indicator {key[:10]}")
    home_id = _id("organisation", request.args.get("organisation", ""))
    after = _id("cursor", cursor) if cursor else None
    with reading(actor) as session:
        queries.card_of(session, home_id, period)
        frame = frame_of(period, now(), kernel().settings.zone, policy(), part(Lines))
        found = list(one.counter.cases(session, frame, home_id, limit=limit + 1, after=after))
    items = [
        IndicatorRowView(
            hazard=str(case.hazard_id), number=case.name, is_counted=case.is_counted, at=case.at, weight=case.weight
        )
        for case in found[:limit]
    ]  # fmt: skip
    more = str(found[limit - 1].hazard_id) if len(found) > limit else None
    return api.listing(items, more)


@blueprint.get("/scorecards")
@operation(
    summary="Scores of the enterprises within scope, ranked", responses={200: Listed(ScorecardView)}, parameters=(_PERIOD,),
    tags=["scorecards"],
)  # fmt: skip
def scores() -> Response:
    actor, period = require(READ), asked_period()
    with reading(actor) as session:
        found = [_score(one.card, one.rank) for one in queries.league(session, period)]
    return api.listing(found)


def _id(name: str, raw: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError as error:
        raise BadRequest(name, fields=[FieldError(name, "not_an_id", {})]) from error
