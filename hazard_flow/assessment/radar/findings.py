"""What the radar finds: one finding of one signal with what was expected, what was seen, and the hazards behind it. Pure."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from hazard_flow.hazards.originality.checks import total_score
from hazard_flow.i18n import Label

#: what a finding is about
HAZARD, ENTERPRISE, TEAM, ASSET = "hazard", "enterprise", "team", "asset"
#: further out than so many times its threshold nothing scores more
RATIO_MAX = Decimal(4)
#: findings of one signal that count for an enterprise: a large one is not first merely by being large
HEAVIEST = 3


@dataclass(frozen=True)
class Case:
    """A hazard behind a finding."""

    id: uuid.UUID
    number: str
    title: str
    home_id: uuid.UUID
    level: str
    urgency: str | None
    stage: str
    closed_at: datetime | None

    @property
    def is_auditable(self) -> bool:
        """Whether its file can be taken to be audited."""
        return self.stage in ("verified", "closed")


@dataclass(frozen=True)
class Finding:
    """One thing worth a look. `expected` and `seen` fill the sentences `radar.<signal>.expected` and `….<variant>`."""

    signal: str
    home_id: uuid.UUID
    about: str
    subject_id: uuid.UUID
    #: 0–100
    score: int
    at: datetime
    expected: Mapping[str, Any]
    seen: Mapping[str, Any]
    cases: tuple[Case, ...] = ()
    variant: str = "seen"
    #: what a team or an asset is called
    name: Label | None = None


@dataclass(frozen=True)
class Ranked:
    """An enterprise or a hazard with all that was found of it."""

    subject_id: uuid.UUID
    score: int
    findings: tuple[Finding, ...] = field(default=())

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals that speak of it, each once."""
        return tuple(dict.fromkeys(one.signal for one in self.findings))


def score(weight: int, ratio: float | Decimal = 1) -> int:
    """The score of a finding whose signal weighs so much and which lies `ratio` times beyond its threshold (1: it only just trips).

    1 − (1 − w)^ratio, so that it grows and never reaches 100; own design [D].
    """
    innocent = 1 - Decimal(weight) / 100
    reach = max(Decimal(1), min(Decimal(str(ratio)), RATIO_MAX))
    return min(99, round(100 * (1 - innocent**reach)))


def by_weight(findings: Sequence[Finding]) -> list[Finding]:
    """The heaviest first, of equals the newest."""
    return sorted(findings, key=lambda one: (-one.score, -one.at.timestamp(), str(one.subject_id)))


def rank_enterprises(findings: Sequence[Finding]) -> list[Ranked]:
    """Enterprises by what was found of them: of each signal the three heaviest findings, each leaving only its share of the innocence."""
    found: dict[uuid.UUID, list[Finding]] = {}
    for one in by_weight(findings):
        found.setdefault(one.home_id, []).append(one)
    ranked = []
    for home, own in found.items():
        counted = [
            one.score
            for signal in {one.signal for one in own}
            for one in [each for each in own if each.signal == signal][:HEAVIEST]
        ]
        ranked.append(Ranked(home, total_score(counted), tuple(own)))
    return sorted(ranked, key=lambda one: (-one.score, -len(one.findings), str(one.subject_id)))


def rank_hazards(findings: Sequence[Finding]) -> list[tuple[Case, Ranked]]:
    """Hazards by what was found of them; a finding about many carries half its weight to each."""
    cases: dict[uuid.UUID, Case] = {}
    found: dict[uuid.UUID, list[Finding]] = {}
    for one in by_weight(findings):
        for case in one.cases:
            cases[case.id] = case
            found.setdefault(case.id, []).append(one)
    ranked = [
        Ranked(id_, total_score([_share(one, id_) for one in own]), tuple(own)) for id_, own in found.items()
    ]
    ranked.sort(key=lambda one: (-one.score, -len(one.findings), cases[one.subject_id].number))
    return [(cases[one.subject_id], one) for one in ranked]


def _share(finding: Finding, hazard_id: uuid.UUID) -> int:
    return finding.score if finding.subject_id == hazard_id else finding.score // 2
