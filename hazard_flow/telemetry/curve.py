"""The gas curve around an alarm as numbers for an SVG: what lies where on a field of 720 × 200. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hazard_flow.telemetry.alerts import Sample
from hazard_flow.telemetry.rules import Quantity, Threshold

WIDTH, HEIGHT = 720, 200
LEFT, RIGHT, TOP, BOTTOM = 34.0, 714.0, 18.0, 176.0
#: evidence reaches this far to both sides of the first alarm
AROUND = timedelta(minutes=30)
#: a longer silence is a gap in the line, not a straight piece of it
GAP = timedelta(minutes=10)
TICKS = 4


@dataclass(frozen=True)
class Line:
    """One detector's samples: SVG paths of the pieces between gaps, lone samples as dots."""

    device: str
    first_out: bool
    paths: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Mark:
    """A line across the field: a threshold (`at` is y) or an instant (`at` is x)."""

    at: float
    text: str
    level: int = 0
    #: where the text stands: `start`, `middle`, `end`
    anchor: str = "start"


@dataclass(frozen=True)
class Curve:
    """All a template draws."""

    lines: tuple[Line, ...]
    thresholds: tuple[Mark, ...]
    ticks: tuple[Mark, ...]
    alarms: tuple[Mark, ...]
    #: area under the first detector's line
    area: str
    unit: str
    peak: float
    peak_at: datetime
    width: int = WIDTH
    height: int = HEIGHT
    left: float = LEFT
    right: float = RIGHT
    top: float = TOP
    bottom: float = BOTTOM


def draw(
    samples: Mapping[str, Sequence[Sample]],
    *,
    rule: Threshold,
    quantity: Quantity,
    centre: datetime,
    alarms: Sequence[tuple[datetime, int]],
    zone: ZoneInfo,
) -> Curve | None:
    """The curve of some detectors (first-out first) half an hour around `centre`; None where nothing was measured.

    The scale reaches from the bottom of the span to a quarter above the peak and always shows the worst threshold.
    """
    shown = {
        device: [s for s in series if abs(s.observed_at - centre) <= AROUND]
        for device, series in samples.items()
    }
    every = [sample for series in shown.values() for sample in series]
    if not every:
        return None
    highest = max(every, key=lambda sample: sample.value)
    top = min(quantity.high, max(highest.value, rule.levels[-1].above) * 1.25)
    since, span = centre - AROUND, (2 * AROUND).total_seconds()

    def x(at: datetime) -> float:
        return round(LEFT + (RIGHT - LEFT) * (at - since).total_seconds() / span, 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - quantity.low) / (top - quantity.low), 1)

    lines = tuple(
        _line(device, [(s.observed_at, x(s.observed_at), y(s.value)) for s in series], first_out=number == 0)
        for number, (device, series) in enumerate(shown.items())
        if series
    )
    return Curve(
        lines=lines,
        thresholds=tuple(
            Mark(y(level.above), f"{level.above:g}", level.level, "end") for level in rule.levels
        ),
        ticks=tuple(_tick(number, since, zone) for number in range(TICKS + 1)),
        alarms=tuple(
            Mark(
                x(at), f"{at.astimezone(zone):%H:%M}", level, "end" if x(at) > (LEFT + RIGHT) / 2 else "start"
            )
            for at, level in alarms
            if abs(at - centre) <= AROUND
        ),
        area=_area(lines[0]) if lines[0].first_out else "",
        unit=quantity.unit,
        peak=highest.value,
        peak_at=highest.observed_at,
    )


def _tick(number: int, since: datetime, zone: ZoneInfo) -> Mark:
    at = since + 2 * AROUND * number / TICKS
    place = LEFT + (RIGHT - LEFT) * number / TICKS
    return Mark(
        place,
        f"{at.astimezone(zone):%H:%M}",
        anchor=("start", "middle", "end")[(number > 0) + (number == TICKS)],
    )


def _line(device: str, points: Sequence[tuple[datetime, float, float]], *, first_out: bool) -> Line:
    pieces: list[list[tuple[float, float]]] = []
    before: datetime | None = None
    for at, x, y in points:
        if before is None or at - before > GAP:
            pieces.append([])
        pieces[-1].append((x, y))
        before = at
    return Line(
        device=device,
        first_out=first_out,
        paths=tuple("M" + " ".join(f"{x} {y}" for x, y in piece) for piece in pieces if len(piece) > 1),
        dots=tuple(piece[0] for piece in pieces if len(piece) == 1),
    )


def _area(line: Line) -> str:
    closed = []
    for path in line.paths:
        numbers = path[1:].split(" ")
        closed.append(f"{path} {numbers[-2]} {BOTTOM} {numbers[0]} {BOTTOM}Z")
    return " ".join(closed)
