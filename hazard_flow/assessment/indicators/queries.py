"""Reads of figures and scores as they were made, within the scope: leagues, cards, months, regions. All small tables."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.models import (
    EnterpriseClass,
    IndicatorValue,
    RegionValue,
    Scorecard,
    ScoreDay,
)
from hazard_flow.assessment.indicators.periods import Period, back, read_period
from hazard_flow.assessment.indicators.policy import policy
from hazard_flow.assessment.indicators.regions import ALL
from hazard_flow.assessment.indicators.scorecards import SCORE
from hazard_flow.errors import NotFound
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.unit import scope_of_session

#: a season is compared with the same month a year before (domain 6.3)
MONTHS = 13


@dataclass(frozen=True)
class Entry:
    """One enterprise of a league."""

    home: Organisation
    card: Scorecard
    #: what it is compared with; None until it was classified
    kind: EnterpriseClass | None
    values: Mapping[str, IndicatorValue]
    #: None where too little is known to rank it
    rank: int | None
    #: places gained since the period before; None where it was not ranked then
    gained: int | None
    #: scores of the last 13 periods, the oldest first
    trend: Sequence[float | None]


def periods(session: Session, kind: str) -> Sequence[Period]:
    """The periods of a kind that have figures, the newest first."""
    keys = session.scalars(
        sa.select(RegionValue.period).where(RegionValue.indicator == SCORE).distinct()
    ).all()
    found = sorted((read_period(key) for key in keys), reverse=True)
    return [one for one in found if one.kind == kind]


def league(session: Session, period: Period, *, supply: str = "", division: str = "") -> Sequence[Entry]:
    """The enterprises in sight by score, those that cannot be ranked after the others, in the order of their names."""
    cards = _cards(session, period, supply, division)
    before = {
        card.home_id: place
        for place, (_, card, _) in enumerate(_ranked(_cards(session, period.before, supply, division)), 1)
    }
    homes = [home.id for home, _, _ in cards]
    values = values_of(session, homes, period)
    trends = trends_of(session, homes, period)
    ranked = _ranked(cards)
    places = {card.home_id: place for place, (_, card, _) in enumerate(ranked, 1)}
    rest = sorted((one for one in cards if one[0].id not in places), key=lambda one: one[0].name_zh)
    return [
        Entry(
            home, card, kind, values.get(home.id, {}), rank=places.get(home.id),
            gained=before[home.id] - places[home.id] if home.id in before and home.id in places else None,
            trend=trends.get(home.id, ()),
        )
        for home, card, kind in (*ranked, *rest)
    ]  # fmt: skip


def may_rank(card: Scorecard) -> bool:
    """Whether enough of the weight is known: a score of three figures says little."""
    aims = policy().aims_of(card.division)
    return card.score is not None and sum(aims[one].weight for one in card.parts) >= policy().rank_from_weight


def card_of(session: Session, home_id: uuid.UUID, period: Period) -> tuple[Organisation, Scorecard | None]:
    """One enterprise and its score, within the scope; raises NotFound where it is out of sight."""
    scope = scope_of_session(session)
    home = session.scalar(
        sa.select(Organisation).where(
            Organisation.id == home_id, Organisation.kind == "enterprise", scope.where(Organisation.path, Organisation.division)
        )
    )  # fmt: skip
    if home is None:
        raise NotFound(f"organisation {home_id}")
    return home, session.get(Scorecard, (home_id, period.key))


def class_of(session: Session, home_id: uuid.UUID) -> EnterpriseClass | None:
    """What an enterprise is compared with."""
    return session.get(EnterpriseClass, home_id)


def values_of(
    session: Session, homes: Sequence[uuid.UUID], period: Period
) -> Mapping[uuid.UUID, Mapping[str, IndicatorValue]]:
    """(enterprise, indicator) → figure of a period."""
    found: dict[uuid.UUID, dict[str, IndicatorValue]] = {}
    for one in session.scalars(
        sa.select(IndicatorValue).where(
            IndicatorValue.period == period.key,
            IndicatorValue.home_id.in_(list(homes)),
            scope_of_session(session).where(IndicatorValue.path, IndicatorValue.division),
        )
    ):
        found.setdefault(one.home_id, {})[one.indicator] = one
    return found


def months_of(session: Session, home: uuid.UUID, period: Period) -> Mapping[str, Sequence[float | None]]:
    """Indicator → values of 13 periods of its kind up to this one, the oldest first."""
    keys = [one.key for one in back(period, MONTHS)]
    rows = session.execute(
        sa.select(IndicatorValue.indicator, IndicatorValue.period, IndicatorValue.value).where(
            IndicatorValue.home_id == home,
            IndicatorValue.period.in_(keys),
            scope_of_session(session).where(IndicatorValue.path, IndicatorValue.division),
        )
    )
    found: dict[str, dict[str, float | None]] = {}
    for indicator, key, value in rows:
        found.setdefault(indicator, {})[key] = value
    return {indicator: [said.get(key) for key in keys] for indicator, said in found.items()}


def trends_of(
    session: Session, homes: Sequence[uuid.UUID], period: Period
) -> Mapping[uuid.UUID, Sequence[float | None]]:
    """Scores of 13 periods up to this one, the oldest first."""
    keys = [one.key for one in back(period, MONTHS)]
    found: dict[uuid.UUID, dict[str, float | None]] = {}
    for home, key, score in session.execute(
        sa.select(Scorecard.home_id, Scorecard.period, Scorecard.score).where(
            Scorecard.home_id.in_(list(homes)), Scorecard.period.in_(keys)
        )
    ):
        found.setdefault(home, {})[key] = score
    return {home: [said.get(key) for key in keys] for home, said in found.items()}


def days_of(session: Session, home: uuid.UUID, month: Period) -> Sequence[ScoreDay]:
    """The score of a month day by day."""
    return session.scalars(
        sa.select(ScoreDay)
        .where(
            ScoreDay.home_id == home,
            ScoreDay.day.between(month.first.isoformat(), month.last.isoformat()),
            scope_of_session(session).where(ScoreDay.path, ScoreDay.division),
        )
        .order_by(ScoreDay.day)
    ).all()


def region(session: Session, division: str, period: Period, peers: str = ALL) -> Mapping[str, RegionValue]:
    """Indicator → figure of a region; its score stands under `score`."""
    rows = session.scalars(
        sa.select(RegionValue).where(
            RegionValue.division == division, RegionValue.period == period.key, RegionValue.peers == peers
        )
    )
    return {one.indicator: one for one in rows}


def below(session: Session, division: str, period: Period) -> Mapping[str, Mapping[str, RegionValue]]:
    """The regions directly below one → indicator → figure, by code."""
    length = len(division) + 2
    found: dict[str, dict[str, RegionValue]] = {}
    for one in session.scalars(
        sa.select(RegionValue)
        .where(
            RegionValue.period == period.key,
            RegionValue.peers == ALL,
            RegionValue.division.startswith(division, autoescape=True),
            sa.func.length(RegionValue.division) == length,
        )
        .order_by(RegionValue.division)
    ):
        found.setdefault(one.division, {})[one.indicator] = one
    return found


def _cards(
    session: Session, period: Period, supply: str, division: str
) -> Sequence[tuple[Organisation, Scorecard, EnterpriseClass | None]]:
    wanted = (
        sa.select(Organisation, Scorecard, EnterpriseClass)
        .join(Scorecard, Scorecard.home_id == Organisation.id)
        .outerjoin(EnterpriseClass, EnterpriseClass.home_id == Organisation.id)
        .where(Scorecard.period == period.key, scope_of_session(session).where(Scorecard.path, Scorecard.division))
        .order_by(Organisation.id)
    )  # fmt: skip
    if supply:
        wanted = wanted.where(EnterpriseClass.supply == supply)
    if division:
        wanted = wanted.where(Organisation.division.startswith(division, autoescape=True))
    return [(row[0], row[1], row[2]) for row in session.execute(wanted)]


def _ranked(
    cards: Sequence[tuple[Organisation, Scorecard, EnterpriseClass | None]],
) -> Sequence[tuple[Organisation, Scorecard, EnterpriseClass | None]]:
    return sorted(
        (one for one in cards if may_rank(one[1])), key=lambda one: (-(one[1].score or 0), one[0].name_zh)
    )
