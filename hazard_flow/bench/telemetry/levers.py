"""The levers, pulled one after the other: each rule set is the one before with one thing more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Combination, Part, Rules, Threshold

BASE, SUSPECT, RISE, NEIGHBOURS, BIOGAS, SHIPPED = (
    "base",
    "suspect",
    "rise",
    "neighbours",
    "biogas",
    "shipped",
)

#: two heads of one well a little under the limit say more than one
NEIGHBOURS_LEL, NEIGHBOURS_WITHIN = 20.0, timedelta(minutes=10)


@dataclass(frozen=True)
class Lever:
    """A rule set to be judged; `needs` are the quantities it looks at, `tells_biogas` whether openings are told apart afterwards."""

    name: str
    rules: Rules
    needs: Sequence[str] = ("ch4_lel",)
    tells_biogas: bool = False


def levers() -> Sequence[Lever]:
    """From k of n alone to the rules as shipped."""
    full = shipped_rules()
    thresholds = {rule.id: rule for rule in full.thresholds}
    bare = replace(full, combinations=(), stuck=(), no_data=(), storms=(), hides=())
    base = _with(bare, thresholds, "gas_level")
    suspect = replace(_with(bare, thresholds, "gas_level", "over_range"), stuck=full.stuck)
    rise = replace(
        _with(bare, thresholds, "gas_level", "over_range", "gas_rise"), stuck=full.stuck, hides=full.hides
    )
    neighbours = replace(rise, combinations=(_neighbours(),))
    return (
        Lever(BASE, base),
        Lever(SUSPECT, suspect),
        Lever(RISE, rise),
        Lever(NEIGHBOURS, neighbours),
        Lever(BIOGAS, neighbours, tells_biogas=True),
        Lever(SHIPPED, full, ("ch4_lel", "pressure"), tells_biogas=True),
    )


def _with(rules: Rules, thresholds: Mapping[str, Threshold], *ids: str) -> Rules:
    return replace(rules, thresholds=tuple(thresholds[key] for key in ids))


def _neighbours() -> Combination:
    return Combination(
        id="neighbours",
        parts=(Part("ch4_lel", NEIGHBOURS_LEL, devices=2),),
        all_of=True,
        within=NEIGHBOURS_WITHIN,
        family="gas_leak",
        level=1,
    )
