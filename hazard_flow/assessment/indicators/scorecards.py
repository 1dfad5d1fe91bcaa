"""Scores of enterprises, made with the figures of a period and kept; the running month's day by day (domain 6.2)."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.book import indicators
from hazard_flow.assessment.indicators.classes import Class
from hazard_flow.assessment.indicators.definition import Frame, Ratio
from hazard_flow.assessment.indicators.models import RegionValue, Scorecard, ScoreDay
from hazard_flow.assessment.indicators.notices import notices
from hazard_flow.assessment.indicators.regions import ALL, regions_of
from hazard_flow.assessment.indicators.scoring import Notices, Score, score, shrunk
from hazard_flow.identity.models import Organisation
from hazard_flow.schedule.bulk import insert_rows

#: stands beside the ids of indicators where a region's score is kept
SCORE = "score"
_COLUMNS = (
    "path", "division", "policy_version", "score", "base", "grade", "deductions", "vetoes", "parts", "made_at", "frozen_at",
)  # fmt: skip


def keep_scores(
    session: Session,
    frame: Frame,
    homes: Sequence[Organisation],
    ratios: Mapping[str, Mapping[uuid.UUID, Ratio]],
    classes: Mapping[uuid.UUID, Class],
    *,
    now: datetime,
    is_last: bool,
) -> None:
    """Score every enterprise and write it down."""
    means = _means(homes, ratios)
    told = notices(session, frame, [one.id for one in homes])
    scores = {one.id: _score(frame, one, ratios, means, told[one.id]) for one in homes}
    rows = [
        {
            "home_id": one.id, "period": frame.period.key, "path": one.path, "division": one.division,
            "policy_version": frame.policy.version, **_told(scores[one.id], told[one.id]), "made_at": now,
            "frozen_at": now if is_last else None,
        }
        for one in homes
    ]  # fmt: skip
    insert_rows(session, Scorecard.__table__, rows, key=("home_id", "period"), update=_COLUMNS)
    fields = list(_score_regions(frame, homes, classes, scores, now))
    insert_rows(
        session, RegionValue.__table__, fields, key=("division", "peers", "period", "indicator"),
        update=("above", "below", "value", "field", "made_at"),
    )  # fmt: skip
    if frame.period.kind == "month" and frame.until_at == now:
        day = now.astimezone(frame.zone).date().isoformat()
        days = [
            {"home_id": one.id, "day": day, "path": one.path, "division": one.division,
             "score": scores[one.id].value, "grade": scores[one.id].grade}
            for one in homes
        ]  # fmt: skip
        insert_rows(session, ScoreDay.__table__, days, key=("home_id", "day"), update=("path", "division", "score", "grade"))  # fmt: skip


def _score_regions(
    frame: Frame,
    homes: Sequence[Organisation],
    classes: Mapping[uuid.UUID, Class],
    scores: Mapping[uuid.UUID, Score],
    now: datetime,
) -> Iterator[dict[str, Any]]:
    """The score of a region: the mean over its enterprises, each by its users (domain 6.3), or by one where nobody is entered."""
    groups: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for home in homes:
        value, known = scores[home.id].value, classes[home.id]
        for division in regions_of(home.division) if value is not None else ():
            for peers in filter(None, (ALL, known.supply)):
                groups.setdefault((division, peers), []).append((value or 0.0, max(1, known.users)))
    for (division, peers), group in groups.items():
        below = float(sum(users for _, users in group))
        above = float(sum(value * users for value, users in group))
        yield {
            "division": division, "peers": peers, "period": frame.period.key, "indicator": SCORE, "above": above, "below": below,
            "value": above / below, "field": {"values": sorted((value for value, _ in group), reverse=True)}, "made_at": now,
        }  # fmt: skip


def _score(
    frame: Frame,
    home: Organisation,
    ratios: Mapping[str, Mapping[uuid.UUID, Ratio]],
    means: Mapping[tuple[str, str], float],
    told: Notices,
) -> Score:
    """From the values as they count: those of few rows drawn to the mean of the region, the narrowest that has one."""
    values: dict[str, float] = {}
    for id_, indicator in indicators().items():
        ratio = ratios[id_].get(home.id)
        value = indicator.value(ratio) if ratio is not None else None
        if ratio is None or value is None:
            continue
        if indicator.unit == "percent" and ratio.below < frame.policy.few:
            mean = next(
                (means[id_, one] for one in reversed(regions_of(home.division)) if (id_, one) in means), None
            )
            value = shrunk(ratio.above, ratio.below, mean, frame.policy.prior)
        if value is not None:
            values[id_] = value
    return score(values, frame.policy.aims_of(home.division), told, frame.policy)


def _means(
    homes: Sequence[Organisation], ratios: Mapping[str, Mapping[uuid.UUID, Ratio]]
) -> Mapping[tuple[str, str], float]:
    """(indicator, region) → Σ above ÷ Σ below in percent."""
    sums: dict[tuple[str, str], list[float]] = {}
    for id_, by_home in ratios.items():
        for home in homes:
            ratio = by_home.get(home.id)
            for region in regions_of(home.division) if ratio is not None else ():
                both = sums.setdefault((id_, region), [0.0, 0.0])
                both[0] += ratio.above if ratio else 0
                both[1] += ratio.below if ratio else 0
    return {key: 100 * above / below for key, (above, below) in sums.items() if below}


def _told(found: Score, told: Notices) -> dict[str, Any]:
    """The columns of a score that people read."""
    return {
        "score": found.value,
        "base": found.base,
        "grade": found.grade,
        "deductions": [
            {"kind": kind, "count": count}
            for kind, count in (("orange", told.orange), ("red", told.red), ("own_major_in_time", told.own_majors_in_time))
            if count
        ],
        "vetoes": [{"kind": kind, "name": name, "href": href} for kind, name, href in told.vetoes],
        "parts": {one: {"points": points, "weight": weight} for one, (points, weight) in found.parts.items()},
    }  # fmt: skip
