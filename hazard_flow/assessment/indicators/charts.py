"""Small plots as numbers for an SVG. Pure: what is drawn is also said in words beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SPARK_WIDTH, SPARK_HEIGHT = 70, 22


def spark(values: Sequence[float | None], *, low: float | None = None, high: float | None = None) -> str:
    """The path of values in their order on a field of 70 × 22, with a gap where one is missing; empty for fewer than two."""
    known = [one for one in values if one is not None]
    if len(known) < 2:
        return ""
    least = min(known) if low is None else min(low, *known)
    most = max(known) if high is None else max(high, *known)
    span = (most - least) or 1.0
    step = (SPARK_WIDTH - 2) / (len(values) - 1)
    path, is_down = [], False
    for place, value in enumerate(values):
        if value is None:
            is_down = False
            continue
        x = round(1 + place * step, 1)
        y = round(SPARK_HEIGHT - 2 - (SPARK_HEIGHT - 4) * (value - least) / span, 1)
        path.append(f"{'L' if is_down else 'M'}{x} {y}")
        is_down = True
    return "".join(path)


@dataclass(frozen=True)
class Piece:
    """One part of a column."""

    kind: str
    y: float
    height: float
    n: int


@dataclass(frozen=True)
class Column:
    """One column, its parts from the bottom up."""

    x: float
    width: float
    label: str
    total: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Columns:
    """All a template draws: columns on a field of `width` × `height`, and the lines behind them."""

    width: int
    height: int
    base: float
    columns: tuple[Column, ...]
    #: (y, number)
    lines: tuple[tuple[float, int], ...]


def columns(
    counts: Sequence[tuple[str, Mapping[str, int]]],
    kinds: Sequence[str],
    *,
    width: int = 440,
    height: int = 210,
) -> Columns:
    """Stacked columns of counts: (label, kind → count) each, `kinds` from the bottom up."""
    left, top, base = 34.0, 14.0, height - 24.0
    most = max((sum(said.values()) for _, said in counts), default=0)
    step = _step(most)
    ceiling = max(step, -(-most // step) * step)
    room = (width - left - 6) / max(1, len(counts))
    drawn = []
    for place, (label, said) in enumerate(counts):
        y, pieces = base, []
        for kind in kinds:
            n = said.get(kind, 0)
            tall = (base - top) * n / ceiling
            y -= tall
            if n:
                pieces.append(Piece(kind, round(y, 1), round(max(tall, 1.0), 1), n))
        x = left + room * place + room * 0.2
        drawn.append(Column(round(x, 1), round(room * 0.6, 1), label, sum(said.values()), tuple(pieces)))
    lines = tuple(
        (round(base - (base - top) * number / ceiling, 1), number) for number in range(0, ceiling + 1, step)
    )
    return Columns(width, height, base, tuple(drawn), lines)


def _step(most: int) -> int:
    """A round distance of at most five lines."""
    step = 1
    while most > 5 * step:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    return step


@dataclass(frozen=True)
class Scale:
    """A value between floor and target, in percent of a bar; both marks stand on it."""

    fill: float
    floor: float
    target: float


def scale(value: float | None, floor: float, target: float) -> Scale:
    """Where value, floor and target stand on a bar that reaches from a little below the floor to the target, whichever is greater."""
    worst = floor - (target - floor) * 0.35
    span = target - worst

    def at(one: float) -> float:
        return round(100 * min(1.0, max(0.0, (one - worst) / span)) * 0.96, 1)

    return Scale(at(value) if value is not None else 0.0, at(floor), at(target))
