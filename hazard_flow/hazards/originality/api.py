"""The JSON API of originality: what was found doubtful about a hazard's evidence, for those who judge it."""

from datetime import datetime

from flask import Blueprint, Response
from pydantic import BaseModel, Field

from hazard_flow.errors import NotAllowed
from hazard_flow.hazards import queries
from hazard_flow.hazards.originality.flags import Flag, flags_of, may_see_flags
from hazard_flow.web import api
from hazard_flow.web.auth import require
from hazard_flow.web.context import reading
from hazard_flow.web.locale import current_locale
from hazard_flow.web.openapi import operation

blueprint = Blueprint("originality_api", __name__, url_prefix=api.PREFIX)


class OriginalityFlagView(BaseModel):
    """One doubt."""

    doubt: str = Field(description="Which check found it: reused_exact, reused_near, far_from_asset, …")
    score: int = Field(description="How much it weighs, 0–100")
    message: str = Field(description="Why, in the caller's language")
    event_seq: int
    sha256: str | None = Field(description="The doubted file; null where the act itself is doubted")
    compared_hazard: str | None = Field(
        description="Number of the other hazard; null where there is none within scope"
    )
    measured: dict[str, int]
    found_at: datetime


class OriginalityView(BaseModel):
    """All doubts of one hazard and what they come to; hints for the re-check, never a verdict."""

    score: int
    flags: list[OriginalityFlagView]


@blueprint.get("/hazards/<number>/originality")
@operation(
    summary="What was found doubtful about the evidence; for verifiers, the closer, the safety director and the regulator",
    responses={200: OriginalityView},
    tags=["hazards"],
)
def originality(number: str) -> Response:
    actor = require("hazards.read")
    with reading(actor) as session:
        hazard = queries.by_number(session, number)
        if not may_see_flags(actor, hazard):
            raise NotAllowed("originality", right="originality")
        found = flags_of(session, hazard)
    locale = current_locale()
    return api.answer(OriginalityView(score=found.score, flags=[_view(flag, locale) for flag in found.all]))


def _view(flag: Flag, locale: str) -> OriginalityFlagView:
    return OriginalityFlagView(
        doubt=flag.doubt,
        score=flag.score,
        message=flag.sentence(locale),
        event_seq=flag.event_seq,
        sha256=flag.subject or None,
        compared_hazard=flag.number,
        measured=dict(flag.measured),
        found_at=flag.found_at,
    )
