"""The city's worker that looks at evidence, and what it found."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.operations import receive
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.examining import Examiner
from hazard_flow.hazards.originality.models import OriginalityFlag
from tests.harness.city import City


def examine(city: City) -> int:
    """A worker looks at everything that waits; how many submissions that was."""
    return Examiner(city.database, city.store).drain(city.now, limit=1000)


def doubts(city: City, hazard: Hazard) -> dict[str, OriginalityFlag]:
    """What was found doubtful about a hazard, by kind."""
    wanted = sa.select(OriginalityFlag).where(OriginalityFlag.hazard_id == hazard.id)
    return {flag.doubt: flag for flag in city.all(wanted)}


def take(
    city: City,
    data: bytes,
    kind: str = "PHOTO_BEFORE",
    *,
    stage: str = "report",
    name: str = "photo.jpg",
    pair_of: str | None = None,
    captured_at: datetime | None = None,
    skew_s: int | None = None,
    at: tuple[float, float] | None = None,
) -> EvidenceItem:
    """A file of one's own making, received now; `at` is (lon, lat) as the tablet says."""
    return receive(
        city.store, data, name, stage=stage, kind=kind, received_at=city.now, captured_at=captured_at, pair_of=pair_of,
        clock_skew_s=skew_s, lon=Decimal(str(at[0])) if at else None, lat=Decimal(str(at[1])) if at else None,
    )  # fmt: skip
