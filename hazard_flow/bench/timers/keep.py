"""What is kept beside the JSON: every single round as CSV, and a plot as SVG that needs no program to draw it."""

import csv
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from hazard_flow.bench import Line
from hazard_flow.bench.timers.lines import Measured

_WIDTH, _ROW, _LEFT, _BAR = 900, 42, 230, 500
_STYLE = (
    "text{font:13px system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;fill:#1c2430}"
    ".h{font-size:16px;font-weight:600}.n{fill:#566273}.b{fill:#2563a8}.w{fill:#c2410c}.t{stroke:#1c2430;stroke-width:2}"
)


def rounds_as_csv(file: Path, measured: Measured) -> None:
    """One row a measurement."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["measured", "round", "fired", "seconds", "fires_per_second", "cpu_ms_per_fire"])
        for number, rate in enumerate(measured.samples.yardstick, start=1):
            writer.writerow(["pgbench", number, "", "", f"{rate:.1f}", ""])
        for name, trials in measured.samples.trials.items():
            for number, trial in enumerate(trials, start=1):
                writer.writerow(
                    [name, number, trial.fired, f"{trial.seconds:.3f}", f"{trial.per_second:.1f}", f"{trial.cpu_ms:.4f}"]
                )  # fmt: skip


def plot(file: Path, lines: Sequence[Line]) -> None:
    """How far each ratio is on the good side of its bar: the bar is the upright stroke, longer is better."""
    file.parent.mkdir(parents=True, exist_ok=True)
    shown = [line for line in lines if line.bar is not None and line.ratio and line.bar.limit]
    height = 96 + _ROW * len(shown)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img">',
        f"<title>Timers: ratios against their bars</title><style>{_STYLE}</style><rect width='100%' height='100%' fill='#fff'/>",
        '<text class="h" x="16" y="30">时限引擎：与对照之比 · Timer engine: ratios to others</text>',
        '<text class="n" x="16" y="52">竖线为目标，条越长越好 · the stroke is the bar to meet, longer is better</text>',
    ]
    for place, line in enumerate(shown):
        parts += _row(line, 76 + place * _ROW)
    file.write_text("\n".join([*parts, "</svg>"]) + "\n", "utf-8")


def _row(line: Line, top: int) -> list[str]:
    assert line.bar is not None
    assert line.ratio is not None
    share = line.ratio / line.bar.limit if line.bar.at_least else line.bar.limit / line.ratio
    goal = _BAR / 2
    length = min(_BAR, goal * share)
    told = f"{line.ratio:.2f} ×" if line.bar.at_least else f"1/{1 / line.ratio:.1f}"
    wanted = f"{line.bar.limit:g} ×" if line.bar.at_least else f"1/{1 / line.bar.limit:.0f}"
    colour = "b" if line.holds else "w"
    return [
        f'<text x="16" y="{top + 10}">{escape(_NAMES.get(line.name, line.name))}</text>',
        f'<text class="n" x="16" y="{top + 26}">{escape(_VERSUS.get(line.versus, line.versus))}</text>',
        f'<rect class="{colour}" x="{_LEFT}" y="{top + 2}" width="{length:.1f}" height="20" rx="3"/>',
        f'<line class="t" x1="{_LEFT + goal}" x2="{_LEFT + goal}" y1="{top - 2}" y2="{top + 26}"/>',
        f'<text x="{_LEFT + _BAR + 12}" y="{top + 17}">{told} <tspan class="n">({wanted})</tspan></text>',
    ]


_VERSUS = {
    "per_row": "一条期限一个事务 · one a transaction",
    "few_pending": "少量未到期 · few pending",
    "one_worker": "一个工作进程 · one worker",
    "one_per_commit": "一条一提交 · one a commit",
}
_NAMES = {
    "fires_per_second": "每秒触发 · fires/s",
    "cpu_per_fire": "每次 CPU · CPU per fire",
    "fires_per_second_many_pending": "大量未到期 · many pending",
    "fires_per_second_two_workers": "两个工作进程 · two workers",
    "fires_per_second_sqlite": "SQLite 批量 · SQLite batched",
}
