"""From samples to figures: medians over the rounds, ratios taken within a round."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from hazard_flow.bench import Line
from hazard_flow.bench.timers.bars import BARS
from hazard_flow.bench.timers.chains import Tally
from hazard_flow.bench.timers.rivals import PEERS
from hazard_flow.bench.timers.rounds import OURS, PER_ROW, TWO_WORKERS, Samples, percentile
from hazard_flow.bench.timers.trial import Trial


@dataclass
class Measured:
    """Everything that was measured."""

    samples: Samples = field(default_factory=Samples)
    #: timers scheduled a second
    scheduled: dict[str, list[float]] = field(default_factory=dict)
    #: sorted, from due to done
    lags_ms: dict[str, list[float]] = field(default_factory=dict)
    crashes: dict[str, Tally] = field(default_factory=dict)

    def rates(self, name: str) -> list[float]:
        """Timers fired a second, round by round."""
        return [trial.per_second for trial in self.samples.trials.get(name, [])]

    def cpu_ms(self, name: str) -> list[float]:
        """CPU for a timer, round by round."""
        return [trial.cpu_ms for trial in self.samples.trials.get(name, [])]


def lines(measured: Measured) -> list[Line]:
    """All figures, one line a pair."""
    return [*_speed(measured), *_pending(measured), *_other(measured), *_lag(measured), *_crash(measured)]


def _speed(measured: Measured) -> Iterator[Line]:
    ours = measured.samples.trials[OURS]
    others = [peer for peer in PEERS if peer in measured.samples.trials]
    yield _line("fires_per_second", _rates(ours), "1/s", "pgbench", measured.samples.yardstick)
    for name in (*others, PER_ROW):
        yield _line("fires_per_second", _rates(ours), "1/s", name, measured.rates(name))
    for name in (*others, PER_ROW):
        yield _line("cpu_per_fire", _each(ours, lambda t: t.cpu_ms), "ms", name, measured.cpu_ms(name))
    for peer in others:
        yield _line("scheduled_per_second", measured.scheduled[OURS], "1/s", peer, measured.scheduled[peer])
    if not others:
        yield Line("scheduled_per_second", median(measured.scheduled[OURS]), "1/s")


def _pending(measured: Measured) -> Iterator[Line]:
    few, many = measured.rates("few_pending"), measured.rates("many_pending")
    yield _line("fires_per_second_many_pending", many, "1/s", "few_pending", few)
    yield _line(
        "cpu_per_fire_many_pending", measured.cpu_ms("many_pending"), "ms", "few_pending", measured.cpu_ms("few_pending")
    )  # fmt: skip


def _other(measured: Measured) -> Iterator[Line]:
    yield _line(
        "fires_per_second_two_workers", measured.rates(TWO_WORKERS), "1/s", "one_worker", measured.rates(OURS)
    )
    yield _line(
        "fires_per_second_sqlite", measured.rates("sqlite_batched"), "1/s", "one_per_commit", measured.rates("sqlite_per-row")
    )  # fmt: skip


def _lag(measured: Measured) -> Iterator[Line]:
    ours = measured.lags_ms[OURS]
    for name, share in (("lag_p50", 0.5), ("lag_p99", 0.99)):
        yield _judged(Line(name, percentile(ours, share), "ms"))
        for peer in PEERS:
            theirs = measured.lags_ms.get(peer)
            if theirs:
                yield _line(name, [percentile(ours, share)], "ms", peer, [percentile(theirs, share)])


def _crash(measured: Measured) -> Iterator[Line]:
    ours = measured.crashes[OURS]
    yield _line("fired", [ours.fired], "timers", "planned", [ours.planned])
    for name, count in (("lost", ours.lost), ("doubled", ours.doubled), ("broken_chains", ours.broken)):
        yield _judged(Line(name, count, "timers", "kill_9"))
    for peer in PEERS:
        theirs = measured.crashes.get(peer)
        if theirs is not None:
            yield Line(f"lost_by_{peer}", theirs.lost, "timers", f"of {theirs.planned}")
            yield Line(f"doubled_by_{peer}", theirs.doubled, "timers", f"of {theirs.planned}")


def _line(name: str, ours: Sequence[float], unit: str, versus: str, theirs: Sequence[float]) -> Line:
    ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
    return _judged(Line(name, median(ours), unit, versus, ratio))


def _judged(line: Line) -> Line:
    return Line(line.name, line.value, line.unit, line.versus, line.ratio, BARS.get((line.name, line.versus)))


def _rates(trials: Sequence[Trial]) -> list[float]:
    return _each(trials, lambda trial: trial.per_second)


def _each(trials: Sequence[Trial], figure: Callable[[Trial], float]) -> list[float]:
    return [figure(trial) for trial in trials]
