"""The way of stored messages: parse, place, fold into alerts, through the door. One batch, one transaction; replayable at every step.

1 hold the lane · 2 take up to 500 pending messages · 3 parse each · 4 in a savepoint: place the signals, store the new ones, fold,
carry · 5 if that fails, halve until the one signal at fault stands alone and its message is dead with the reason · 6 mark the messages.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from hazard_flow.telemetry import inbox, lanes
from hazard_flow.telemetry.desk.publishing import publish
from hazard_flow.telemetry.devices.values import remember
from hazard_flow.telemetry.evaluated import keep
from hazard_flow.telemetry.inbox import Message
from hazard_flow.telemetry.models import Source
from hazard_flow.telemetry.notices import Notice, NotTaken
from hazard_flow.telemetry.own_episodes import named
from hazard_flow.telemetry.parsing import Parsing
from hazard_flow.telemetry.placed import Placed, judge, touch, write_touched
from hazard_flow.telemetry.places import look_up
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Rules
from hazard_flow.telemetry.series import fold_series
from hazard_flow.telemetry.signals import Problem, Signal, Status
from hazard_flow.telemetry.silence import heard_again
from hazard_flow.telemetry.sites import fold_sites
from hazard_flow.telemetry.statements import fold_links, fold_statements
from hazard_flow.telemetry.tickets import carry
from hazard_flow.telemetry.unregistered import Stranger, report, stranger

#: messages a transaction takes at most
BATCH_MAX = 500
#: signals evaluated together: a message may carry thousands, a statement only so many values
SIGNALS_MAX = 1_000
#: and those of one transaction, so that other writers do not wait long
SIGNALS_A_CALL_MAX = 2_000
#: a signal at fault is tried again once: somebody else may have moved its hazard meanwhile
TRIES = 2

Problems = dict[uuid.UUID, list[Problem]]


@dataclass(frozen=True)
class Item:
    """A signal with the message and the source it came in."""

    message: Message
    source: Source
    signal: Signal


@dataclass
class Drained:
    """What one call did."""

    #: messages taken, of which dead
    taken: int = 0
    dead: int = 0
    #: whether there may be more to take at once
    more: bool = False
    #: ids of hazards opened
    opened: list[uuid.UUID] = field(default_factory=list)
    #: the signals stored by it
    fresh: list[Placed] = field(default_factory=list)


def drain(session: Session, now: datetime, *, rules: Rules | None = None, limit: int = BATCH_MAX) -> Drained:
    """Work through the oldest pending messages; call again while there is `more`.

    Only one transaction evaluates at a time; whoever finds the lane held takes nothing and comes back.
    """
    rules = rules or shipped_rules()
    done = Drained()
    if not lanes.lock(session, lanes.EVALUATION):
        return done
    messages = inbox.pending(session, limit=limit)
    found = len(messages)
    if not messages:
        return done
    problems = evaluate(session, messages, now, done, rules=rules)
    inbox.mark(session, messages[: done.taken], reasons=problems, now=now)
    done.more = found == limit or done.taken < found
    return done


def evaluate(
    session: Session, messages: Sequence[Message], now: datetime, done: Drained, *, rules: Rules | None = None
) -> Problems:
    """Parse and evaluate as many of these messages as one transaction should take, counted in `done`; what was wrong with which.

    The caller holds the lane, and says in the inbox what became of them.
    """
    rules = rules or shipped_rules()
    sources = {source.id: source for source in session.scalars(sa.select(Source))}
    problems: Problems = defaultdict(list)
    items: list[Item] = []
    parsing = Parsing(session, sources, rules)
    for number, message in enumerate(messages):
        if len(items) >= SIGNALS_A_CALL_MAX:
            messages = messages[:number]
            break
        parsed = parsing.parse(message)
        problems[message.id] += parsed.problems
        items += [Item(message, sources[message.source_id], signal) for signal in parsed.signals]
    parsing.keep()
    for start in range(0, len(items), SIGNALS_MAX):
        _take(session, items[start : start + SIGNALS_MAX], rules, now, problems, done)
    remember(session, done.fresh)
    done.taken = len(messages)
    done.dead = sum(bool(problems[message.id]) for message in messages)
    return problems


def _take(
    session: Session,
    items: Sequence[Item],
    rules: Rules,
    now: datetime,
    problems: Problems,
    done: Drained,
    tries: int = TRIES,
) -> None:
    """Evaluate the items together; on failure by halves, so that one bad signal fails alone."""
    if not items:
        return
    try:
        with session.begin_nested():
            found, opened, fresh = _evaluate(session, items, rules, now)
    except Exception as error:
        if _is_outage(error):
            raise
        if len(items) > 1:
            middle = len(items) // 2
            _take(session, items[:middle], rules, now, problems, done)
            _take(session, items[middle:], rules, now, problems, done)
        elif tries > 1:
            _take(session, items, rules, now, problems, done, tries - 1)
        else:
            code = "not_taken" if isinstance(error, NotTaken) else "failed"
            problems[items[0].message.id].append(
                Problem(code, (str(error) if code == "not_taken" else repr(error))[:300])
            )
        return
    done.opened += opened
    done.fresh += fresh
    for message_id, problem in found:
        problems[message_id].append(problem)


def _is_outage(error: Exception) -> bool:
    """Whether the database itself failed (gone, deadlocked, out of space): then nothing was anybody's fault and all is tried again."""
    return isinstance(error, DBAPIError) and not isinstance(error, IntegrityError) and not _is_data(error)


def _is_data(error: DBAPIError) -> bool:
    return type(error).__name__ in ("DataError", "StatementError", "ProgrammingError")


def _evaluate(
    session: Session, items: Sequence[Item], rules: Rules, now: datetime
) -> tuple[list[tuple[uuid.UUID, Problem]], list[uuid.UUID], list[Placed]]:
    places = look_up(session, [(item.source.home_id, item.signal) for item in items], now=now)
    problems: list[tuple[uuid.UUID, Problem]] = []
    placed: list[Placed] = []
    strange: list[Stranger] = []
    for item in items:
        place = places.find(item.source.home_id, item.signal)
        if unknown := stranger(item.signal, item.source, place, rules):
            strange.append(unknown)
        read = place if isinstance(place, Problem) else judge(item.signal, item.source, place, rules)
        if isinstance(read, Problem):
            problems.append((item.message.id, read))
        else:
            placed.append(read)
    messages = _messages(items)
    fresh = keep(session, placed, messages=messages)
    notices = _fold(session, fresh, rules, now=now)
    opened = carry(session, notices, rules, now=now)
    publish(session, notices, now=now)
    further, ownerless = report(session, strange, rules, now=now)
    for one in ownerless:
        message = messages[one.source.id, one.signal.delivery_key]
        problems.append((message.id, Problem("nobody_responsible", one.subject)))
    return problems, opened + further, fresh


def _fold(session: Session, fresh: Sequence[Placed], rules: Rules, *, now: datetime) -> list[Notice]:
    """Bring devices and alerts up to these signals; the transitions, in the order of what was observed.

    A sample that took longer than `late_window` to arrive is kept for the record and not evaluated.
    """
    series: dict[tuple[uuid.UUID, str], list[Placed]] = defaultdict(list)
    notices: list[Notice] = []
    statements: list[Placed] = []
    behind: set[uuid.UUID] = set()
    for p in fresh:
        if touch(p):
            behind.add(p.id)
        if p.signal.status is not Status.SAMPLE:
            statements.append(p)
        elif not p.is_stale and p.place.device is not None:
            series[p.place.device.id, p.signal.quantity].append(p)
    write_touched(session, fresh)
    statements = named(session, statements)
    notices += fold_series(session, series, rules, behind=behind, now=now)
    notices += fold_sites(session, series, rules, now=now)
    notices += heard_again(session, {p.place.device.id for p in fresh if p.place.device}, rules, now=now)
    notices += fold_statements(session, [p for p in statements if p.meaning], rules, now=now)
    notices += fold_links(session, [p for p in statements if p.meaning is None], rules, now=now)
    session.flush()
    return sorted(notices, key=lambda notice: notice.place_in_order)


def _messages(items: Sequence[Item]) -> dict[tuple[uuid.UUID, str], Message]:
    """By source and delivery key, the first message that carried the signal."""
    return {(item.source.id, item.signal.delivery_key): item.message for item in reversed(items)}
