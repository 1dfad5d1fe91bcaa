"""The whole look: every signal once, ranked for a page, for the API, for a test."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.asking import Asked
from hazard_flow.assessment.radar.findings import (
    Case,
    Finding,
    Ranked,
    by_weight,
    rank_enterprises,
    rank_hazards,
)
from hazard_flow.assessment.radar.rules import SIGNALS
from hazard_flow.assessment.radar.signals import LOOKS
from hazard_flow.hazards.models import Hazard


@dataclass(frozen=True)
class Seen:
    """All that was found."""

    #: signal → its findings, the heaviest first
    findings: Mapping[str, list[Finding]]
    enterprises: list[Ranked]
    hazards: list[tuple[Case, Ranked]]
    #: enterprise → hazards closed as rectified within the days: what the findings are held against
    closed: Mapping[uuid.UUID, int]

    @property
    def count(self) -> int:
        """How many findings there are."""
        return sum(map(len, self.findings.values()))


def look(session: Session, asked: Asked, signals: Collection[str] = SIGNALS) -> Seen:
    """What the signals find; a question whose reader has no reach finds nothing."""
    found = {key: by_weight(LOOKS[key](session, asked)) for key in SIGNALS if key in signals}
    flat = [one for own in found.values() for one in own]
    return Seen(found, rank_enterprises(flat), rank_hazards(flat), closed_by_enterprise(session, asked))


def closed_by_enterprise(session: Session, asked: Asked) -> dict[uuid.UUID, int]:
    """Hazards each enterprise closed as rectified within the days."""
    rows = session.execute(
        sa.select(Hazard.home_id, sa.func.count()).where(*asked.rectified()).group_by(Hazard.home_id)
    )
    return {home: int(count) for home, count in rows}
