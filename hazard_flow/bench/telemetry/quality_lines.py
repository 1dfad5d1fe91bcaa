"""The quality table as lines with their bars: every lever as it is pulled, and the shipped rules in louder, fainter and noisier cities."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rich.progress import track

from hazard_flow.bench import Bar, Line, Options
from hazard_flow.bench.telemetry import keep
from hazard_flow.bench.telemetry.judging import Tally, shares
from hazard_flow.bench.telemetry.levers import SHIPPED, Lever, levers
from hazard_flow.bench.telemetry.quality import OTHERS, PLAIN, UNSEEN_SEEDS, Judged, Setting, measure
from hazard_flow.simulation.gas.parameters import Parameters, shipped_parameters

RECALL = Bar(0.97, at_least=True)
PER_LEAK = Bar(1.05, at_least=False)
DELAY = Bar(10, at_least=False)
FEWER = Bar(0.99, at_least=True)
TYPED = Bar(0.90, at_least=True)
QUICK_DAYS = 6
AS_IT_IS = "as it is"


def measured(options: Options) -> Sequence[Line]:
    """Run the months and say what came of them."""
    seeds: Sequence[int] = UNSEEN_SEEDS
    parameters, others = shipped_parameters(), OTHERS
    if options.quick:
        seeds, others = UNSEEN_SEEDS[:1], {}
        parameters = replace(parameters, time=replace(parameters.time, days=QUICK_DAYS))
    judged: list[Judged] = []
    for one in _judged(seeds, parameters, others):
        print(_sentence(one), flush=True)  # a row takes minutes: nobody should have to wait for the last
        judged.append(one)
    if options.out is not None:
        keep.table_as_csv(options.out / "telemetry-quality.csv", judged)
        keep.plot_quality(options.out / "telemetry-quality.svg", judged)
        keep.plot_leak(options.out / "telemetry-leak.svg", parameters)
    return [line for one in judged for line in _lines(one)]


def _judged(seeds: Sequence[int], parameters: Parameters, others: Mapping[str, Setting]) -> Iterator[Judged]:
    chosen: Sequence[Lever] = levers()
    for lever in track(chosen, description="pulling levers"):
        yield Judged(lever.name, AS_IT_IS, measure(seeds, PLAIN, lever, parameters))
    [shipped] = [lever for lever in chosen if lever.name == SHIPPED]
    for name, setting in track(others.items(), description="other cities"):
        yield Judged(SHIPPED, name, measure(seeds, setting, shipped, parameters))


def _lines(one: Judged) -> Iterator[Line]:
    tally, is_ours = one.tally, one.lever == SHIPPED
    named = one.lever if one.setting == AS_IT_IS else f"{one.lever}, {one.setting}"

    def line(name: str, value: float, unit: str, bar: Bar | None = None, versus: str = "") -> Line:
        return Line(f"{named}: {name}", value, unit, versus, bar=bar if is_ours else None)

    if tally.leaks:
        yield line("leak recall", tally.recall, "share", RECALL)
    if tally.found:
        yield line("hazards per found leak", tally.hazards_per_leak, "", PER_LEAK)
        yield line("delay p50", tally.delay(0.5), "samples")
        yield line("delay p95", tally.delay(0.95), "samples", DELAY)
    if tally.naive:
        yield line("fewer gas hazards", tally.fewer, "share", FEWER, f"naive, {sum(tally.naive.values())}")
        yield line("fewer, those typed suspect apart", tally.fewer_untyped, "share")
    if tally.untyped:
        yield line("typed precision", tally.typed_precision, "share", TYPED)
        yield line("leak precision", tally.leak_precision, "share")


def _sentence(one: Judged) -> str:
    tally: Tally = one.tally
    parts = [
        f"{one.lever} ({one.setting}): {tally.found} of {tally.leaks} leaks, {tally.opened} gas hazards",
        f"behind them {shares(tally.hazards)}",
        f"typed suspect {shares(tally.suspects) or 'none'}",
        f"told biogas {shares(tally.told_biogas) or 'none'}",
        f"without gas {shares(tally.without_gas) or 'none'}",
        f"at most {tally.busiest_ten_minutes} hazards in ten minutes",
        f"naive {sum(tally.naive.values())}: {shares(tally.naive)}",
    ]
    return "; ".join(parts + ([f"missed {', '.join(tally.missed)}"] if tally.missed else []))
