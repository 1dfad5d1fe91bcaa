"""From values to a score and a grade (domain 6.1, 6.2 [D]). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hazard_flow.assessment.indicators.policy import Aim, Policy


@dataclass(frozen=True)
class Notices:
    """What takes points off, adds some, or caps the score, within the period."""

    orange: int = 0
    red: int = 0
    #: majors found by oneself and cancelled by their first deadline
    own_majors_in_time: int = 0
    #: kinds of vetoes, with what they are about: ("responsible_death", "SG-…", "/accidents/…")
    vetoes: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True)
class Score:
    """A score and all it is made of."""

    #: indicator → (points 0 to 100, weight as it came to count, summing to 100)
    parts: Mapping[str, tuple[float, float]]
    base: float | None
    taken_off: float
    added: float
    value: float | None
    grade: str
    is_capped: bool


def shrunk(above: float, below: float, mean: float | None, prior: int) -> float | None:
    """A share in percent as if `prior` more had been counted at the region's mean: what few rows say is drawn towards it.

    Without a mean it is the share itself; with nothing counted, None.
    """
    if not below:
        return None
    if mean is None:
        return 100 * above / below
    return 100 * (above + prior * mean / 100) / (below + prior)


def score(values: Mapping[str, float], aims: Mapping[str, Aim], notices: Notices, policy: Policy) -> Score:
    """The weighted mean over the indicators that apply, weights made a hundred again, less deductions, plus bonus, under the cap."""
    weights = {one: aims[one].weight for one in values}
    whole = sum(weights.values())
    parts = {
        one: (aims[one].points(value), 100 * weights[one] / whole if whole else 0.0)
        for one, value in values.items()
    }
    base = sum(points * weight for points, weight in parts.values()) / 100 if whole else None
    off = min(
        policy.deductions_max,
        notices.orange * policy.deductions["orange"] + notices.red * policy.deductions["red"],
    )
    more = min(policy.bonus_max, notices.own_majors_in_time * policy.bonus)
    if base is None:
        return Score(parts, None, off, more, None, "", is_capped=False)
    value = min(100.0, max(0.0, base - off + more))
    is_capped = bool(notices.vetoes)
    if is_capped:
        value = min(value, policy.veto_caps_at)
    return Score(parts, base, off, more, value, "D" if is_capped else policy.grade(value), is_capped)


def wilson(above: float, below: float, z: float = 1.959964) -> tuple[float, float] | None:
    """The 95 % interval of a share in percent (Wilson, JASA 22, 1927); None where nothing was counted."""
    if below <= 0:
        return None
    share = min(1.0, max(0.0, above / below))
    spread = z * z / below
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * (share * (1 - share) / below + spread / (4 * below)) ** 0.5
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)
