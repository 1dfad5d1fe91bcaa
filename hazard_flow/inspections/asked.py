"""What the API and tablets send of rounds and plans: strict models, and the paper they are."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from hazard_flow.assets.queries import labels
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.inspections import planning, queries, receiving
from hazard_flow.inspections.papers import Answer, Paper, PlaceVisit
from hazard_flow.inspections.tracks import Point


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None or not 2000 <= at.year <= 2100:
        raise ValueError("an instant with its offset from UTC, such as 2026-05-01T08:30:00+08:00")
    return at.astimezone(UTC)


Instant = Annotated[datetime, AfterValidator(_aware)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Metres = Annotated[float, Field(ge=0, le=10_000_000)]
Text = Annotated[str, Field(max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GivenAnswer(_Part):
    """An answer: `yes`, `no`, `na`, a number as text, a choice's key."""

    value: Annotated[str, Field(max_length=40)] = ""
    note: Text = ""
    fixed: bool = False


class GivenVisit(_Part):
    """One place: its asset's code, what was said there, when and where the person stood (WGS84)."""

    asset: Annotated[str, Field(max_length=80)]
    answers: dict[str, GivenAnswer] = Field(default_factory=dict)
    visited_at: Instant | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    accuracy_m: Metres | None = None
    mocked: bool = False
    skipped: Text = ""


class GivenPoint(_Part):
    """One fix of the track."""

    at: Instant
    lon: Lon
    lat: Lat
    accuracy_m: Metres = 0
    mocked: bool = False


class GivenRound(_Part):
    """A round as it was done; photos as further parts of a multipart form, named `<asset>.<item>`, of what was mended `….after`."""

    started_at: Instant
    ended_at: Instant
    weather: Text = ""
    remark: Text = ""
    visits: Annotated[list[GivenVisit], Field(max_length=planning.ASSETS_MAX)]
    track: list[GivenPoint] = Field(default_factory=list)


class GivenPlan(_Part):
    """A plan; an empty `rule` lets the dynamic colour of each place decide."""

    organisation: uuid.UUID
    name_zh: Annotated[str, Field(max_length=200)]
    name_en: Annotated[str, Field(max_length=200)] = ""
    line: Annotated[str, Field(max_length=40)]
    checklist: Annotated[str, Field(max_length=40)]
    rule: Annotated[str, Field(max_length=400)] = ""
    starts_on: date
    ends_on: date | None = None
    term_days: int = 1
    assets: list[Annotated[str, Field(max_length=80)]]
    responsible: uuid.UUID | None = None
    needs_sign_off: bool = False


def paper_of(
    session: Session,
    round_id: uuid.UUID,
    body: GivenRound,
    files: Sequence[tuple[str, EvidenceItem]],
    *,
    source: str = "api",
) -> Paper:
    """What came as the paper of a round; a place is named by its asset's code, one of no place of it stays unknown."""
    places = queries.places(session, [round_id])[round_id]
    codes = {asset.code: id_ for id_, asset in labels(session, [place.asset_id for place in places]).items()}
    visits = [
        PlaceVisit(
            asset_id=codes.get(one.asset, uuid.UUID(int=0)),
            answers={key: Answer(said.value, said.note, said.fixed) for key, said in one.answers.items()},
            visited_at=one.visited_at,
            lon=one.lon,
            lat=one.lat,
            accuracy_m=one.accuracy_m,
            is_mocked=one.mocked,
            skipped=one.skipped.strip(),
        )
        for one in body.visits
    ]
    return Paper(
        started_at=body.started_at,
        ended_at=body.ended_at,
        visits=receiving.with_photos(visits, [one.asset for one in body.visits], files),
        track=[Point(one.at, one.lon, one.lat, one.accuracy_m, one.mocked) for one in body.track],
        weather=body.weather.strip(),
        remark=body.remark.strip(),
        source=source,
    )
