"""A round as it comes in from a desk, the API or a tablet: plain values, nothing judged yet."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.inspections.tracks import Point


@dataclass(frozen=True)
class Answer:
    """What was said to one item. `after`: pictures of what was mended at once."""

    value: str = ""
    note: str = ""
    is_fixed: bool = False
    photos: tuple[EvidenceItem, ...] = ()
    after: tuple[EvidenceItem, ...] = ()


@dataclass(frozen=True)
class PlaceVisit:
    """One place of the round. `skipped`: why nobody could look; then nothing is answered."""

    asset_id: uuid.UUID
    answers: Mapping[str, Answer] = field(default_factory=dict)
    visited_at: datetime | None = None
    #: WGS84, decimal degrees
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    is_mocked: bool = False
    skipped: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A round as it was done. Instants by our clock."""

    started_at: datetime
    ended_at: datetime
    visits: Sequence[PlaceVisit]
    track: Sequence[Point] = ()
    weather: str = ""
    remark: str = ""
    #: `desk`, `api` or `tablet`
    source: str = "api"
