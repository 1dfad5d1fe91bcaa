"""The timer engine's speed and safety, beside pgbench of the same minute and, with `--peers`, beside other programs that keep timers.

Ours is the whole product: claims, the door, the hash-chained event, the message, the next timer, rules from the workflow files, row-level
security, PostgreSQL as it comes (every commit on disk). A peer does its least: one UPDATE for each timer. Measurements are taken in
turn, round by round, and medians of the rounds' ratios are given, because a rate taken alone says more about the minute than the program.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hazard_flow.bench import Line, Options
from hazard_flow.bench.timers import keep, lines, pgbench, rounds
from hazard_flow.bench.timers.databases import SqliteTown, Template, Towns
from hazard_flow.bench.timers.rivals import PEERS, install
from hazard_flow.bench.timers.rounds import OURS, PER_ROW, TWO_WORKERS
from hazard_flow.simulation.servers import Postgres

FEW_PENDING, MANY_PENDING = "few_pending", "many_pending"


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int
    #: timers ours fires in a round; a peer fires as many as it does in a few seconds
    ours: int
    theirs: dict[str, int]
    per_row_seconds: float
    yardstick_seconds: int
    pgbench_scale: int
    few_pending: int
    many_pending: int
    pending_rounds: int
    trickle: int
    trickle_seconds: float
    crash: int
    their_crash: int
    planned: int
    sqlite: int


FULL = Size(
    rounds=3, ours=20_000, theirs={"pgqueuer": 6_000, "apscheduler": 3_000, "procrastinate": 1_500, "dbos": 600},
    per_row_seconds=5, yardstick_seconds=3, pgbench_scale=20, few_pending=10_000, many_pending=1_000_000, pending_rounds=3,
    trickle=300, trickle_seconds=12, crash=20_000, their_crash=2_000, planned=50_000, sqlite=10_000,
)  # fmt: skip
QUICK = Size(
    rounds=1, ours=2_000, theirs={"pgqueuer": 1_000, "apscheduler": 500, "procrastinate": 300, "dbos": 100},
    per_row_seconds=1, yardstick_seconds=1, pgbench_scale=1, few_pending=1_000, many_pending=20_000, pending_rounds=1,
    trickle=40, trickle_seconds=2, crash=2_000, their_crash=400, planned=5_000, sqlite=1_000,
)  # fmt: skip
#: pgqueuer notices a dead worker after 30 s; who has not by then will not
NOTICE_SECONDS = 40.0

Step = tuple[str, Callable[[], None]]


@dataclass
class Bench:
    """Everything a run holds."""

    size: Size
    server: Postgres
    towns: Towns
    sqlite: SqliteTown
    folder: Path
    #: interpreter with the peers; None where they are not asked for
    python: Path | None
    measured: lines.Measured = field(default_factory=lines.Measured)
    templates: dict[str, Template] = field(default_factory=dict)

    @property
    def peers(self) -> Sequence[str]:
        """Who is measured beside us."""
        return PEERS if self.python is not None else ()


def run(options: Options) -> Sequence[Line]:
    """Measure, and keep rounds and plot beside the figures where asked to."""
    size = QUICK if options.quick else FULL
    python = install() if options.peers else None
    with tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as name, Postgres() as server:
        folder = Path(name)
        bench = Bench(size, server, Towns(server, folder), SqliteTown(folder / "sqlite"), folder, python)
        _work_off([*_preparing(bench), *_steps(bench)])
    found = lines.lines(bench.measured)
    if options.out is not None:
        keep.rounds_as_csv(options.out / "timers.csv", bench.measured)
        keep.plot(options.out / "timers.svg", found)
    return found


def _work_off(steps: Sequence[Step]) -> None:
    columns = (
        TextColumn("bench timers"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("", total=len(steps))
        for name, step in steps:
            progress.update(task, description=name)
            step()
            progress.advance(task)


def _preparing(bench: Bench) -> list[Step]:
    size = bench.size

    def prepare() -> None:
        bench.templates["town"] = bench.towns.prepare("town", overdue=size.ours)

    def pending(name: str, count: int) -> Callable[[], None]:
        def fill() -> None:
            bench.templates[name] = bench.towns.with_pending(bench.templates["town"], count=count)

        return fill

    return [
        ("pgbench's tables", lambda: pgbench.prepare(bench.server, scale=size.pgbench_scale)),
        (f"{size.ours} hazards, each through the door", prepare),
        (f"{size.few_pending} timers due in a year", pending(FEW_PENDING, size.few_pending)),
        (f"{size.many_pending} timers due in a year", pending(MANY_PENDING, size.many_pending)),
        ("the same on SQLite", lambda: bench.sqlite.prepare(overdue=size.sqlite)),
    ]


def _steps(bench: Bench) -> list[Step]:
    found: list[Step] = []
    for number in range(bench.size.rounds):
        found += _round(bench, number)
    for _ in range(bench.size.pending_rounds):
        found += [(f"with {name}", _ours(bench, name, template=name)) for name in (FEW_PENDING, MANY_PENDING)]
    return found + _once(bench)


def _round(bench: Bench, number: int) -> list[Step]:
    size, samples = bench.size, bench.measured.samples
    found: list[Step] = [
        ("pgbench", lambda: rounds.yardstick(bench.server, samples, seconds=size.yardstick_seconds)),
        ("ours", _ours(bench, OURS)),
    ]
    found += [(peer, _theirs(bench, peer)) for peer in bench.peers]
    found += [
        ("two workers", _ours(bench, TWO_WORKERS, workers=2)),
        ("one timer a transaction", _ours(bench, PER_ROW, mode="per-row", seconds_max=size.per_row_seconds)),
    ]
    for mode in ("batched", "per-row"):
        seconds = size.per_row_seconds if mode == "per-row" else rounds.SECONDS_MAX
        found.append((f"SQLite, {mode}", _on_sqlite(bench, number, mode, seconds)))
    return found


def _once(bench: Bench) -> list[Step]:
    size, measured = bench.size, bench.measured

    def schedule() -> None:
        measured.scheduled[OURS] = [
            rounds.schedule(bench.towns, bench.templates["town"], count=size.planned)
            for _ in range(size.rounds)
        ]

    def lag() -> None:
        measured.lags_ms[OURS] = rounds.our_lags_ms(
            bench.folder, count=size.trickle, seconds=size.trickle_seconds
        )

    def crash() -> None:
        measured.crashes[OURS] = rounds.our_crash(bench.towns, bench.templates["town"], count=size.crash)

    found: list[Step] = [("planning", schedule), ("a trickle", lag), ("kill -9", crash)]
    python = bench.python
    if python is None:
        return found

    def their_lag(peer: str) -> Callable[[], None]:
        def take() -> None:
            measured.lags_ms[peer] = rounds.their_lags_ms(
                peer, python, bench.server, count=size.trickle, seconds=size.trickle_seconds
            )

        return take

    def their_crash(peer: str) -> Callable[[], None]:
        def take() -> None:
            measured.crashes[peer] = rounds.their_crash(
                peer, python, bench.server, count=size.their_crash, seconds_max=NOTICE_SECONDS
            )

        return take

    found += [(f"a trickle, {peer}", their_lag(peer)) for peer in bench.peers]
    found += [(f"kill -9, {peer}", their_crash(peer)) for peer in bench.peers]
    return found


def _ours(
    bench: Bench, name: str, *, template: str = "town", workers: int = 1, mode: str = "batched", seconds_max: float = rounds.SECONDS_MAX
) -> Callable[[], None]:  # fmt: skip
    def take() -> None:
        rounds.ours(
            bench.towns, bench.templates[template], bench.measured.samples, name, workers=workers, mode=mode,
            seconds_max=seconds_max,
        )  # fmt: skip

    return take


def _theirs(bench: Bench, peer: str) -> Callable[[], None]:
    def take() -> None:
        assert bench.python is not None
        scheduled = rounds.theirs(
            peer, bench.python, bench.server, bench.measured.samples, count=bench.size.theirs[peer]
        )
        bench.measured.scheduled.setdefault(peer, []).append(scheduled)

    return take


def _on_sqlite(bench: Bench, number: int, mode: str, seconds_max: float) -> Callable[[], None]:
    def take() -> None:
        rounds.on_sqlite(
            bench.sqlite, bench.measured.samples, number=number, mode=mode, seconds_max=seconds_max
        )

    return take
