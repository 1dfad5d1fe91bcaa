"""`/api/v1/radar`: what the signals found, ranked, with what was expected and what was seen."""

from datetime import datetime

from flask import Blueprint, Response, request
from pydantic import BaseModel

from hazard_flow.assessment.radar import queries, views
from hazard_flow.assessment.radar.asking import READ, WINDOWS, read_asked
from hazard_flow.assessment.radar.findings import Finding
from hazard_flow.assessment.radar.rules import SIGNALS, radar_rules
from hazard_flow.web import api
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.locale import current_locale
from hazard_flow.web.openapi import Parameter, operation

blueprint = Blueprint("radar_api", __name__, url_prefix=f"{api.PREFIX}/radar")

_TAGS = ["radar"]


class RadarFinding(BaseModel):
    """One finding; `score` 0–100, `expected` and `seen` in the caller's language, the hazards behind it by number."""

    signal: str
    about: str
    subject: str
    subject_id: str
    organisation: str
    score: int
    at: datetime
    expected: str
    seen: str
    hazards: list[str]


class RadarEnterprise(BaseModel):
    """An enterprise by what was found of it; `closed` counts the hazards it closed as rectified within the days."""

    organisation: str
    score: int
    signals: list[str]
    findings: int
    closed: int


class RadarHazard(BaseModel):
    """A hazard by what was found of it."""

    number: str
    organisation: str
    score: int
    signals: list[str]


class RadarView(BaseModel):
    """A whole look over some days."""

    rules_version: int
    since: datetime
    until: datetime
    items: list[RadarFinding]
    enterprises: list[RadarEnterprise]
    hazards: list[RadarHazard]


@blueprint.get("")
@operation(
    summary="Closings that look untrue and dangers that are forgotten, ranked, within scope",
    responses={200: RadarView},
    parameters=(
        Parameter("organisation", "One enterprise", {"type": "string", "format": "uuid"}),
        Parameter("signal", "One signal", {"type": "string", "enum": list(SIGNALS)}),
        Parameter("days", "How far back", {"type": "string", "enum": [str(one) for one in WINDOWS]}),
    ),
    tags=_TAGS,
)
def radar() -> Response:
    actor, locale, zone = require(READ), current_locale(), kernel().settings.zone
    asked = read_asked(request.args, actor, rules=radar_rules(), now=now(), zone=zone)
    wanted = (request.args["signal"],) if request.args.get("signal") else SIGNALS
    with reading(actor) as session:
        found = queries.look(session, asked, wanted)
        said = views.words(session, {one.subject_id for one in found.enterprises}, locale, zone, asked.now)
    return api.answer(
        RadarView(
            rules_version=asked.rules.version,
            since=asked.since,
            until=asked.now,
            items=[_finding(one, said) for own in found.findings.values() for one in own],
            enterprises=[
                RadarEnterprise(
                    organisation=str(one.subject_id), score=one.score, signals=list(one.signals),
                    findings=len(one.findings), closed=found.closed.get(one.subject_id, 0),
                )
                for one in found.enterprises
            ],
            hazards=[
                RadarHazard(
                    number=case.number, organisation=str(case.home_id), score=one.score, signals=list(one.signals)
                )
                for case, one in found.hazards
            ],
        )
    )  # fmt: skip


def _finding(one: Finding, said: views.Words) -> RadarFinding:
    row = said.finding(one)
    return RadarFinding(
        signal=one.signal, about=one.about, subject=row.subject, subject_id=str(one.subject_id),
        organisation=str(one.home_id), score=one.score, at=one.at, expected=row.expected, seen=row.seen,
        hazards=[case.number for case in one.cases],
    )  # fmt: skip
