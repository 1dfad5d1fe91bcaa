"""The draw of a check: who is checked and by whom, at random by a recorded seed, the riskier more often. Pure, and repeatable."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Candidate:
    """Something that may be drawn; twice the weight is drawn twice as often first."""

    key: str
    weight: float = 1.0


def draw(candidates: Sequence[Candidate], count: int, seed: str) -> list[str]:
    """The keys drawn, in order; the order candidates are given in does not matter.

    Weighted sampling without replacement: each candidate gets u from SHA-256(seed, key) in (0, 1), the smallest −ln(u) / weight
    come first (Efraimidis and Spirakis, Information Processing Letters 97, 2006).
    """
    by_luck = sorted(
        (one for one in candidates if one.weight > 0),
        key=lambda one: (-math.log(_luck(seed, one.key)) / one.weight, one.key),
    )
    return [one.key for one in by_luck[:count]]


def protocol(candidates: Sequence[Candidate], count: int, seed: str) -> dict[str, Any]:
    """What is written down of a draw, enough to repeat it."""
    return {
        "seed": seed,
        "candidates": {one.key: round(one.weight, 3) for one in sorted(candidates, key=lambda one: one.key)},
        "drawn": draw(candidates, count, seed),
    }


def repeats(said: dict[str, Any]) -> bool:
    """Whether a written draw comes out the same again."""
    candidates = [Candidate(key, float(weight)) for key, weight in said["candidates"].items()]
    return draw(candidates, len(said["drawn"]), said["seed"]) == list(said["drawn"])


def risk_weight(*, open_majors: int, overdue: int, contradictions: int) -> float:
    """How much more often an enterprise is drawn [D]: 1, and 3 for each open major, 1 for each overdue hazard, 2 for each contradiction."""
    return 1.0 + 3.0 * open_majors + 1.0 * overdue + 2.0 * contradictions


def _luck(seed: str, key: str) -> float:
    raw = int.from_bytes(hashlib.sha256(f"{seed}\n{key}".encode()).digest()[:8])
    return (raw + 0.5) / 2**64
