"""Messages a second through the broker's consumer: parsed alone, stored, and all the way to alert and hazard; and a long backlog."""

from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any

from rich.progress import track

from hazard_flow.bench import Bar, Line
from hazard_flow.bench.telemetry.ground import Ground, prime, publish, started

#: the issue's bar: inbox, signal and alert ÷ parsing and acknowledging alone
WHOLE = Bar(0.4, at_least=True)
#: memory at the end of a backlog ÷ after its first fifth
FLAT = Bar(1.2, at_least=False)
MODES = ("parse", "store", "whole")


def rates(ground: Ground, *, count: int, rounds: int) -> Sequence[Line]:
    """Each mode drains the same backlog, in turn; ratios are the median of the rounds' own."""
    found: dict[str, list[float]] = {mode: [] for mode in MODES}
    spent: dict[str, list[float]] = {mode: [] for mode in MODES}
    for number in track(range(rounds * len(MODES)), description="messages over MQTT"):
        mode = MODES[number % len(MODES)]
        told = _drained(ground, mode, count)
        found[mode].append(count / told["seconds"])
        spent[mode].append(count / told["cpu_seconds"])
    floor = median(found["parse"])
    versus = f"parse and acknowledge, {floor:,.0f}/s"

    def line(mode: str, name: str, bar: Bar | None) -> Line:
        ratio = median(ours / bare for ours, bare in zip(found[mode], found["parse"], strict=True))
        return Line(f"mqtt: {name}", median(found[mode]), "1/s", versus, ratio, bar)

    return [
        line("whole", "inbox, signal and alert", WHOLE),
        line("store", "inbox only", None),
        # A busy machine's clock says little; what work a message costs our process says more, and what it costs the database nothing.
        Line(
            "mqtt: inbox, signal and alert, a CPU second of ours",
            median(spent["whole"]),
            "1/s",
            f"parse and acknowledge, {median(spent['parse']):,.0f}/s",
            median(ours / bare for ours, bare in zip(spent["whole"], spent["parse"], strict=True)),
        ),
    ]


def backlog(ground: Ground, *, count: int) -> Sequence[Line]:
    """One long backlog, all the way; its time, and whether memory stays flat."""
    told = _drained(ground, "whole", count)
    memory = told["memory_kib"]
    early, late = memory[len(memory) // 5], max(memory[len(memory) // 5 :])
    named = f"backlog of {count:,}"
    return [
        Line(f"{named}: time", told["seconds"], "s"),
        Line(f"{named}: rate", count / told["seconds"], "1/s"),
        Line(f"{named}: CPU of the consumer", told["cpu_seconds"], "s"),
        Line(
            f"{named}: memory",
            late / 1024,
            "MiB",
            f"after a fifth, {early / 1024:.0f} MiB",
            late / early,
            FLAT,
        ),
    ]


def _drained(ground: Ground, mode: str, count: int) -> dict[str, Any]:
    prime(ground.broker)
    publish(ground.broker, count, now=datetime.now(UTC))
    with (
        ground.copy() as environment,
        started("consuming", mode, ground.broker.url, str(count), environment=environment) as process,
    ):
        process.go()
        return process.told()
