"""Figures of regions: Σ above ÷ Σ below, never a mean of shares (domain 6.3), and the field, nobody named."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from hazard_flow.assessment.indicators.definition import Indicator, Ratio
from hazard_flow.identity.models import Organisation

ALL = "all"
#: lengths of the codes of a province, a city and a county (GB/T 2260)
LENGTHS = (2, 4, 6)


def regions_of(division: str) -> tuple[str, ...]:
    """The regions an enterprise belongs to, as beginnings of its code, the widest first."""
    return tuple(division[:length] for length in LENGTHS if len(division) >= length)


def region_rows(
    indicator: Indicator,
    homes: Sequence[Organisation],
    supplies: Mapping[uuid.UUID, str],
    ratios: Mapping[uuid.UUID, Ratio],
    *,
    period: str,
    few: int,
    now: datetime,
) -> Iterator[dict[str, Any]]:
    """A row for each region and class of enterprises that has any of them; a figure that is no share is their weighted median."""
    groups: dict[tuple[str, str], list[Ratio]] = {}
    for home in homes:
        for division in regions_of(home.division):
            for peers in filter(None, dict.fromkeys((ALL, supplies.get(home.id, "")))):
                group = groups.setdefault((division, peers), [])
                if home.id in ratios:
                    group.append(ratios[home.id])
    for (division, peers), known in groups.items():
        above, below = float(sum(one.above for one in known)), float(sum(one.below for one in known))
        pooled = Ratio(above, below, _weighted_median(known) if indicator.unit == "ratio" else None)
        field = [value for one in known if one.below >= few and (value := indicator.value(one)) is not None]
        yield {
            "division": division, "peers": peers, "period": period, "indicator": indicator.id, "above": above, "below": below,
            "value": indicator.value(pooled), "field": {"values": sorted(field, reverse=indicator.better == "more")}, "made_at": now,
        }  # fmt: skip


def _weighted_median(known: Sequence[Ratio]) -> float | None:
    """The value half of the rows are at or below: medians cannot be added up, and reading all rows again would say little more."""
    ranked = sorted((one.value, one.below) for one in known if one.value is not None)
    whole, seen = sum(weight for _, weight in ranked), 0.0
    for value, weight in ranked:
        seen += weight
        if seen * 2 >= whole:
            return value
    return None
