"""Figures as people read them: a line of a card, what will cost points next, an interval. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hazard_flow.assessment.indicators.book import indicators
from hazard_flow.assessment.indicators.charts import Scale, scale, spark
from hazard_flow.assessment.indicators.definition import Indicator
from hazard_flow.assessment.indicators.models import IndicatorValue, RegionValue, Scorecard
from hazard_flow.assessment.indicators.policy import Aim, Policy
from hazard_flow.assessment.indicators.scoring import wilson


@dataclass(frozen=True)
class Line:
    """One indicator on a card."""

    indicator: Indicator
    #: `103 / 118`; empty where nothing was counted
    counts: str
    value: str
    scale: Scale
    spark: str
    weight: float
    points: float | None
    lost: float
    #: counted too few to be ranked
    is_thin: bool
    region: str
    #: the 95 % interval; empty where the figure is no share
    interval: str


def lines(
    card: Scorecard,
    values: Mapping[str, IndicatorValue],
    months: Mapping[str, Sequence[float | None]],
    region: Mapping[str, RegionValue],
    policy: Policy,
) -> list[Line]:
    """Every indicator, the one that costs most first; those that do not apply at the end."""
    aims = policy.aims_of(card.division)
    found = [
        _line(
            one, values.get(id_), months.get(id_, ()), region.get(id_), aims[id_], card.parts.get(id_), policy
        )
        for id_, one in indicators().items()
    ]
    return sorted(found, key=lambda line: (line.points is None, -line.lost, line.indicator.id))


def _line(
    indicator: Indicator,
    value: IndicatorValue | None,
    months: Sequence[float | None],
    region: RegionValue | None,
    aim: Aim,
    part: Mapping[str, float] | None,
    policy: Policy,
) -> Line:
    weight = float(part["weight"]) if part else aim.weight
    points = float(part["points"]) * weight / 100 if part else None
    return Line(
        indicator=indicator,
        counts=counts(indicator, value),
        value=shown(indicator, value.value, is_bound=value.is_bound) if value else "",
        scale=scale(value.value if value else None, aim.floor, aim.target),
        spark=spark(months),
        weight=weight,
        points=points,
        lost=weight - points if points is not None else 0.0,
        is_thin=value is not None and 0 < value.below < policy.few,
        region=shown(indicator, region.value) if region else "",
        interval=interval(indicator, value.above, value.below) if value else "",
    )


def counts(indicator: Indicator, value: IndicatorValue | RegionValue | None) -> str:
    """What stands above and below, as people write it."""
    if value is None or not value.below:
        return ""
    if indicator.unit == "ratio":
        return f"{value.below:,.0f}"
    return f"{trim(value.above)} / {trim(value.below)}"


def shown(indicator: Indicator, value: float | None, *, is_bound: bool = False) -> str:
    """A value with its unit; empty where there is none: a share of nothing is blank, not nought."""
    if value is None:
        return ""
    text = f"{value:.1f} %" if indicator.unit == "percent" else f"{value:.2f}"
    return f"≥ {text}" if is_bound else text


def interval(indicator: Indicator, above: float, below: float) -> str:
    """Within which the true share lies with 95 % certainty, were the rows a sample."""
    found = wilson(above, below) if indicator.unit == "percent" else None
    return f"{found[0]:.1f}–{found[1]:.1f}" if found else ""


def trim(number: float) -> str:
    """A count without a needless fraction, thousands apart."""
    return f"{number:,.0f}" if abs(number - round(number)) < 0.05 else f"{number:,.1f}"


def lost_if(above: float, below: float, more_below: int, aim: Aim, weight: float) -> float:
    """Points of the score that go if so many more stand below the line of a share and none above."""
    if not below + more_below:
        return 0.0
    before = aim.points(100 * above / below) if below else 100.0
    return max(0.0, before - aim.points(100 * above / (below + more_below))) * weight / 100
