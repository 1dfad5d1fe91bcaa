"""Episodes for tests and soaks: fixed seeds and a random one, one process or several, a seed printed for whoever wants to live it again."""

import gc
import os
import secrets
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager
from multiprocessing import get_context
from traceback import format_exception_only

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tests.sim.place import Place
from tests.sim.run import Findings, run

#: steps of one episode: long enough for hazards to be closed and a year to turn, short enough for tables to stay small
STEPS = 2_000
#: what happens in every episode of this length
EVERY_TIME = {
    "taken",
    "replayed",
    "refused refused",
    "timer.escalated",
    "timer.reminded",
    "act assign",
    "drain",
}
#: how a failure says what to do
AGAIN = "live it again: SIMULATION_SEED={seed} SIMULATION_STEPS={steps} python -m pytest -s tests/sim/test_replay.py -k one_seed"


def random_seed() -> int:
    """A seed nobody chose."""
    return secrets.randbits(32)


def asked_for() -> tuple[int, int] | None:
    """The seed and number of steps somebody wants to see again."""
    seed = os.environ.get("SIMULATION_SEED")
    return (int(seed), int(os.environ.get("SIMULATION_STEPS", STEPS))) if seed else None


def live(seed: int, steps: int = STEPS, *, place: AbstractContextManager[Place] | None = None) -> Findings:
    """One episode without any difference; prints its seed and rate, and what to do where there is one."""
    again = AGAIN.format(seed=seed, steps=steps)
    try:
        found = run(seed, steps, place=place)
    except Exception as error:
        error.add_note(again)
        raise
    print(
        f"seed {seed}: {found.steps} steps, {found.steps / found.seconds:.0f} a second, {dict(found.seen.most_common(12))}"
    )
    assert not found.differences, _complaint(found, again)
    return found


def _complaint(found: Findings, again: str) -> str:
    return "\n".join([*found.differences[:20], *found.journal[-5:], again])


def live_many(first: int, episodes: int, steps: int = STEPS) -> Counter[str]:
    """So many episodes from a first seed on, one process a core, with a bar: one that goes wrong is told at once, and again at the end."""
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    total = 0
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:.0f} steps/s"),
        TextColumn("seed {task.fields[seed]}"), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with (
        ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=_begin) as pool,
        Progress(*columns) as progress,
    ):
        bar = progress.add_task("simulation", total=episodes * steps, rate=0.0, seed=first)
        waiting = {pool.submit(_told, first + number, steps): first + number for number in range(episodes)}
        try:
            for done in as_completed(waiting):
                seed, (lived, seen_there, went_wrong) = waiting[done], done.result()
                seen += seen_there
                total += lived
                if went_wrong:
                    wrong.append(went_wrong)
                    progress.console.print(went_wrong, markup=False, highlight=False)
                elapsed = max(progress.tasks[bar].elapsed or 0, 0.001)
                progress.update(bar, advance=steps, seed=seed, rate=total / elapsed)
        except BaseException:  # whoever interrupts it does not wait for all the others
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        seconds = progress.tasks[bar].elapsed or 0.001
    print(
        f"seeds {first} to {first + episodes - 1}: {total} steps, {total / seconds:.0f} a second, "
        f"{len(wrong)} episodes with a difference, {dict(seen.most_common(40))}"
    )
    assert not wrong, "\n\n".join(wrong)
    return seen


def _begin() -> None:
    """What every episode of a process shares is read once, and looked through by no garbage collection again."""
    run(0, 1)
    gc.collect()
    gc.freeze()


def _told(seed: int, steps: int) -> tuple[int, Counter[str], str]:
    """Steps lived in an episode, what it saw, and what went wrong in it: one that goes wrong does not end the others."""
    again = AGAIN.format(seed=seed, steps=steps)
    try:
        found = run(seed, steps)
    except Exception as error:  # told, and the whole fails at its end; how far it came nobody knows
        return 0, Counter(), "\n".join([*format_exception_only(error), again])
    return found.steps, found.seen, _complaint(found, again) if found.differences else ""
