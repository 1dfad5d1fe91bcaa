"""A day of one quantity as a small line: numbers for an SVG of 120 × 28. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hazard_flow.telemetry.devices.history import SPARK_SPAN, SPARK_STEP, Point
from hazard_flow.telemetry.quantities import Signal

WIDTH, HEIGHT = 120, 28
_TOP, _BOTTOM = 2.0, 26.0


@dataclass(frozen=True)
class Sparkline:
    """What a template draws: paths of the pieces between gaps, dots of lone points, the height of a limit that lies within the scale."""

    paths: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    limit: float | None
    lowest: float
    highest: float
    width: int = WIDTH
    height: int = HEIGHT


def draw(
    points: Sequence[Point], signal: Signal, *, now: datetime, limit: float | None = None
) -> Sparkline | None:
    """The highest of each half hour; a missing half hour is a gap, not a straight line. None where nothing was measured.

    The scale is what was measured and a little, never less than what counts as calm: noise must look quiet. With a
    limit (the first alarm level) the scale reaches up to it.
    """
    if not points:
        return None
    lowest, highest = min(point.low for point in points), max(point.high for point in points)
    bottom, top = _scale(lowest, max(highest, limit or highest), signal)
    since = now - SPARK_SPAN

    def x(at: datetime) -> float:
        return round(min(WIDTH, max(0.0, WIDTH * ((at - since) / SPARK_SPAN))), 1)

    def y(value: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * (value - bottom) / (top - bottom), 1)

    pieces: list[list[tuple[float, float]]] = []
    before: datetime | None = None
    for point in points:
        if before is None or point.at - before > SPARK_STEP:
            pieces.append([])
        pieces[-1].append((x(point.at), y(point.high)))
        before = point.at
    return Sparkline(
        paths=tuple("M" + " ".join(f"{a:g} {b:g}" for a, b in piece) for piece in pieces if len(piece) > 1),
        dots=tuple(piece[0] for piece in pieces if len(piece) == 1),
        limit=y(limit) if limit is not None else None,
        lowest=lowest,
        highest=highest,
    )


def _scale(lowest: float, highest: float, signal: Signal) -> tuple[float, float]:
    if signal.is_switch:
        return 0.0, 1.0
    height = max(highest - lowest, signal.calm)
    bottom = max(signal.quantity.low, lowest - (height - (highest - lowest)) / 2)
    return bottom, bottom + height
