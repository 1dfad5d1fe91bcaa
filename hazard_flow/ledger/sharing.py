"""A verification shared by several processes: the answer is the same, and it comes sooner.

Helpers walk the events, part by part, while this process walks the leaves. Only a clean bill of health is believed: where anything
is found, a helper dies, or the helpers saw another instant than the leaves' (SQLite cannot lend its snapshot; PostgreSQL can), everything
is walked once more by this process alone, in one snapshot, and what that finds is the answer. So sharing can cost time, never truth.
"""

import contextlib
import multiprocessing
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.ledger.findings import Advance, Findings
from hazard_flow.ledger.sameness import PRIME, Secret
from hazard_flow.ledger.verification import PLAIN, Asked, EventKeeper, begin, conclude, verify, walk_leaves
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.streaming import Span
from hazard_flow.storage.unit import Database, lend

#: parts for each helper: the last ones should end together
PARTS_EACH = 8
#: how often the progress is looked at while waiting for helpers
LOOK_EVERY_SECONDS = 0.2
#: Born of a server without threads: a helper forked off this process could inherit a lock that another thread holds, and wait for ever.
_CONTEXT: Any = multiprocessing.get_context("forkserver" if hasattr(os, "fork") else "spawn")


def verify_by_many(
    database: Database,
    keeper: EventKeeper,
    asked: Asked = PLAIN,
    *,
    helpers: int | None = None,
) -> Findings:
    """What `verify` finds, by so many helpers (by default one for each processor, none where there is only one)."""
    helpers = _processors() if helpers is None else helpers
    if helpers > 1:
        done = _Done()
        found = _by_many(database, keeper, replace(asked, advance=done.telling(asked.advance)), helpers, done)
        if found is not None and found.is_intact:
            return found
        asked.advance(-done.told)
    with database.snapshot(SYSTEM) as session:
        return verify(session, keeper, asked)


def _by_many(
    database: Database, keeper: EventKeeper, asked: Asked, helpers: int, done: "_Done"
) -> Findings | None:
    """None where the helpers could not finish."""
    secret = Secret()
    with _helping(database, keeper, secret, helpers, done) as lines, database.snapshot(SYSTEM) as session:
        findings = begin(session)
        snapshot = lend(session)
        parts = keeper.spans(session, helpers * PARTS_EACH)
        for line in lines:
            line.send((snapshot, parts))
        leaves = walk_leaves(session, findings, asked, secret)
        events = _collect(session, lines, findings, asked.advance)
        if events is None:
            return None
        conclude(session, keeper, findings, asked, secret, events=events, leaves=leaves)
        return findings


def _collect(session: Session, lines: list[Connection], findings: Findings, advance: Advance) -> int | None:
    """The product of all parts; what they found and counted goes into the findings. None where a helper died."""
    product = 1
    for line in lines:
        try:
            while not line.poll(LOOK_EVERY_SECONDS):
                advance(0)
                # the server hangs up on whoever stays silent in a transaction for half a minute
                session.execute(sa.select(1))
            its_product, counts, broken = line.recv()
        except EOFError:
            return None
        product = product * its_product % PRIME
        _sum(findings, counts, broken)
    advance(0)
    return product


def _sum(findings: Findings, counts: Mapping[str, int], broken: int) -> None:
    findings.total += broken
    for name, count in counts.items():
        findings.counts[name] = findings.counts.get(name, 0) + count


@contextlib.contextmanager
def _helping(
    database: Database, keeper: EventKeeper, secret: Secret, helpers: int, done: "_Done"
) -> Iterator[list[Connection]]:
    """Helpers that wait at the other end of these lines for what there is to do."""
    if hasattr(_CONTEXT, "set_forkserver_preload"):
        _CONTEXT.set_forkserver_preload([__name__])
    url = database.engine.url.render_as_string(hide_password=False)
    taken = _CONTEXT.Value("q", 0)
    running = []
    lines = []
    for _ in range(helpers):
        ours, theirs = _CONTEXT.Pipe()
        helper = _CONTEXT.Process(target=_help, args=(theirs, url, keeper, secret, taken, done), daemon=True)
        helper.start()
        theirs.close()
        running.append(helper)
        lines.append(ours)
    try:
        yield lines
    finally:
        for line in lines:
            line.close()
        for helper in running:
            helper.kill()
            helper.join()


def _help(line: Connection, url: str, keeper: EventKeeper, secret: Secret, taken: Any, done: "_Done") -> None:
    """A helper's life: part after part, until none is left."""
    snapshot, parts = line.recv()
    findings, product = Findings(), 1
    database = Database(make_engine(url))
    with database.snapshot(SYSTEM, lent=snapshot) as session:
        while (part := _next(taken, parts)) is not None:
            of_part = Findings()
            product = product * keeper.walk(session, of_part, done.count, secret, part) % PRIME
            _sum(findings, of_part.counts, of_part.total)
    line.send((product, findings.counts, findings.total))


def _next(taken: Any, parts: list[Span]) -> Span | None:
    with taken.get_lock():
        number = taken.value
        taken.value += 1
    return parts[number] if number < len(parts) else None


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class _Done:
    """Rows looked at by all, told on by one."""

    told: int = 0
    _counted: Any = field(default_factory=lambda: _CONTEXT.Value("q", 0))

    def count(self, rows: int) -> None:
        """A helper has come so far."""
        with self._counted.get_lock():
            self._counted.value += rows

    def telling(self, advance: Advance) -> Advance:
        """Tell of one's own rows and of the helpers' since."""

        def tell(rows: int) -> None:
            self.count(rows)
            fresh = self._counted.value - self.told
            self.told += fresh
            advance(fresh)

        return tell
