"""What is kept beside the JSON: the quality table as CSV, and plots as SVG that need no program to draw them."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hazard_flow.bench.telemetry.judging import FAMILY
from hazard_flow.bench.telemetry.levers import SHIPPED, levers
from hazard_flow.bench.telemetry.quality import UNSEEN_SEEDS, Judged, walked
from hazard_flow.bench.telemetry.truth import VENTED, Behind
from hazard_flow.simulation.gas.city import SiteMonth, gas_city
from hazard_flow.simulation.gas.labels import Leak
from hazard_flow.simulation.gas.parameters import Parameters
from hazard_flow.telemetry.replay_values import Opening

_WIDTH, _ROW, _LEFT, _BAR = 960, 34, 210, 560
_COLOURS = {
    Behind.LEAK: "#b42318", Behind.BIOGAS: "#9a6700", Behind.FAILED_HIGH: "#566273", Behind.STUCK: "#8794a6",
    Behind.SPIKE: "#c7b8e0", Behind.DRIFT: "#7aa7d9", Behind.OTHER: "#d0d5dd",
}  # fmt: skip
_NAMES = {
    Behind.LEAK: "泄漏 leak", Behind.BIOGAS: "沼气 biogas", Behind.FAILED_HIGH: "探头失效 failed head", Behind.STUCK: "读数卡死 stuck",
    Behind.SPIKE: "尖峰 spike", Behind.DRIFT: "漂移 drift", Behind.OTHER: "其他 other",
}  # fmt: skip
_STYLE = (
    "text{font:13px system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;fill:#1c2430}"
    ".h{font-size:16px;font-weight:600}.n{fill:#566273}.w{fill:#fff}.axis{stroke:#d0d5dd}.limit{stroke:#b42318;stroke-dasharray:6 4}"
    ".a{fill:none;stroke:#2563a8;stroke-width:1.5}.b{fill:none;stroke:#0f766e;stroke-width:1.5}.t{stroke:#b42318;stroke-width:2}"
)


def table_as_csv(file: Path, judged: Sequence[Judged]) -> None:
    """One row a rule set and city."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        counted = [f"{what}_{cause.value}" for what in ("hazards", "suspects", "naive") for cause in Behind]
        head = [
            "rules",
            "city",
            "leaks",
            "found",
            "hazards_of_found",
            "delay_p50",
            "delay_p95",
            "opened",
            "with_gas",
            "told_biogas",
        ]
        writer.writerow([*head, *counted])
        for one in judged:
            tally = one.tally
            delays = [tally.delay(0.5), tally.delay(0.95)] if tally.delays else ["", ""]
            causes = [
                found[cause] for found in (tally.hazards, tally.suspects, tally.naive) for cause in Behind
            ]
            told = sum(tally.told_biogas.values())
            counts = [
                tally.leaks,
                tally.found,
                tally.hazards_of_found,
                *delays,
                tally.opened,
                tally.with_gas,
                told,
            ]
            writer.writerow([one.lever, one.setting, *counts, *causes])


def plot_quality(file: Path, judged: Sequence[Judged]) -> None:
    """Gas hazards of each rule set, by what was behind them; the naive panel would not fit on the paper and is told in words."""
    file.parent.mkdir(parents=True, exist_ok=True)
    most = max([one.tally.opened for one in judged] + [1])
    parts = [
        '<text class="h" x="16" y="30">燃气隐患来自何处 · What is behind the gas hazards</text>',
        '<text class="n" x="16" y="52">同一城市、同一月份；条长为隐患数 · bars: hazards opened in the same months</text>',
    ]
    at = 16
    for cause in Behind:
        parts.append(
            f'<rect x="{at}" y="64" width="12" height="12" fill="{_COLOURS[cause]}"/><text x="{at + 18}" y="75">{_NAMES[cause]}</text>'
        )
        at += 34 + sum(13 if ord(letter) > 0x2E80 else 7 for letter in _NAMES[cause])
    for place, one in enumerate(judged):
        parts += _row(one, 100 + place * _ROW, _BAR / most)
    _write(file, parts, 116 + _ROW * len(judged), "Gas hazards by what was behind them")


def _row(one: Judged, top: int, each: float) -> Iterator[str]:
    yield f'<text x="16" y="{top + 16}">{one.lever} <tspan class="n">{one.setting}</tspan></text>'
    at = float(_LEFT)
    for cause in Behind:
        width = one.tally.hazards[cause] * each
        if width:
            yield f'<rect x="{at:.1f}" y="{top + 2}" width="{width:.1f}" height="20" fill="{_COLOURS[cause]}"/>'
        at += width
    found, naive = f"{one.tally.found}/{one.tally.leaks}", sum(one.tally.naive.values())
    yield f'<text x="{at + 8:.1f}" y="{top + 17}">{one.tally.opened} <tspan class="n">/ {naive}, {found}</tspan></text>'


@dataclass(frozen=True)
class _Frame:
    """Samples and %LEL to places on the paper."""

    begin: int
    end: int
    left: float = 60.0
    top: float = 70.0
    width: float = 860.0
    height: float = 320.0

    def x(self, sample: float) -> float:
        return self.left + (sample - self.begin) / (self.end - self.begin) * self.width

    def y(self, lel: float) -> float:
        return self.top + self.height * (1 - min(lel, 105) / 105)


def plot_leak(file: Path, parameters: Parameters) -> None:
    """One leak as both heads showed it, the limits, and when the shipped rules opened its hazard; nothing where no leak was found."""
    city = gas_city(UNSEEN_SEEDS[0], parameters=parameters)
    [shipped] = [lever for lever in levers() if lever.name == SHIPPED]
    opened = [opening for opening in walked(city, shipped).openings if opening.family == FAMILY]
    found = _a_leak(city.months(), opened, parameters.label.leak_peak_lel)
    if found is None:
        return
    month, leak, opening = found
    frame = _Frame(max(0, leak.begin - 120), min(parameters.samples, leak.end + VENTED))
    title = f"{leak.site}: 泄漏与报警 · a leak and its alarm, peak {leak.peak_lel:.0f} %LEL"
    parts = [f'<text class="h" x="16" y="30">{title}</text>']
    for lel in (0, 25, 50, 100):
        kind = "limit" if lel in (25, 50) else "axis"
        parts.append(
            f'<line class="{kind}" x1="60" x2="920" y1="{frame.y(lel):.1f}" y2="{frame.y(lel):.1f}"/>'
        )
        parts.append(f'<text class="n" x="52" y="{frame.y(lel) + 4:.1f}" text-anchor="end">{lel}</text>')
    for place, kind in enumerate("ab"[: len(month.values)]):
        parts.append(f'<path class="{kind}" d="{_path(frame, month.values[place])}"/>')
    at = (opening.at - city.begun_at).total_seconds() / parameters.time.sample_seconds
    parts.append(f'<line class="t" x1="{frame.x(at):.1f}" x2="{frame.x(at):.1f}" y1="60" y2="390"/>')
    parts.append(f'<text x="{frame.x(at) + 6:.1f}" y="64">{opening.rule} → 隐患 hazard</text>')
    for hour in range(0, (frame.end - frame.begin) // 60, 6):
        place_x = frame.x(frame.begin + hour * 60)
        parts.append(f'<text class="n" x="{place_x:.1f}" y="410" text-anchor="middle">{hour} h</text>')
    _write(file, parts, 430, "A leak and its alarm")


def _a_leak(
    months: Iterator[SiteMonth], opened: Sequence[Opening], peak_lel: float
) -> tuple[SiteMonth, Leak, Opening] | None:
    for month in months:
        for leak in month.leaks:
            begin, end = (
                float(month.taken[leak.begin]),
                float(month.taken[min(leak.end, len(month.taken)) - 1]),
            )
            mine = [o for o in opened if o.site == leak.site and begin <= o.at.timestamp() <= end]
            if leak.peak_lel >= peak_lel and mine and not month.spells:
                return month, leak, mine[0]
    return None


def _path(frame: _Frame, values: np.ndarray) -> str:
    """The curve, broken where nothing was received."""
    words, drawing = [], False
    step = max(1, (frame.end - frame.begin) // 900)
    for sample in range(frame.begin, frame.end, step):
        value = float(values[sample])
        if np.isnan(value):
            drawing = False
            continue
        words.append(f"{'L' if drawing else 'M'}{frame.x(sample):.1f} {frame.y(value):.1f}")
        drawing = True
    return "".join(words)


def _write(file: Path, parts: Sequence[str], height: int, title: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img">'
    ground = f"<title>{title}</title><style>{_STYLE}</style><rect width='100%' height='100%' fill='#fff'/>"
    file.write_text("\n".join([head + ground, *parts, "</svg>"]) + "\n", "utf-8")
