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
from hazard_flow.telemetry.models import Inbox, Source
from hazard_flow.telemetry.notices import Notice, NotTaken
from hazard_flow.telemetry.placed import Placed, judge, keep, touch
from hazard_flow.telemetry.places import look_up
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Rules
from hazard_flow.telemetry.series import fold_series
from hazard_flow.telemetry.signals import Parsed, Problem, Raw, Signal, Status
from hazard_flow.telemetry.sources import parsers
from hazard_flow.telemetry.statements import fold_links, fold_statements
from hazard_flow.telemetry.tickets import carry

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

    message: Inbox
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
    sources = {source.id: source for source in session.scalars(sa.select(Source))}
    problems: Problems = defaultdict(list)
    items: list[Item] = []
    for number, message in enumerate(messages):
        if len(items) >= SIGNALS_A_CALL_MAX:
            messages = messages[:number]
            break
        parsed = _parse(message)
        problems[message.id] += parsed.problems
        items += [Item(message, sources[message.source_id], signal) for signal in parsed.signals]
    for start in range(0, len(items), SIGNALS_MAX):
        _take(session, items[start : start + SIGNALS_MAX], rules, now, problems, done)
    inbox.mark(session, [message.id for message in messages], reasons=problems, now=now)
    done.taken = len(messages)
    done.more = found == limit or len(messages) < found
    done.dead = sum(bool(problems[message.id]) for message in messages)
    return done


def _parse(message: Inbox) -> Parsed:
    parser = parsers().get(message.kind)
    if parser is None:
        return Parsed(problems=(Problem("unknown_kind", message.kind),))
    try:
        return parser(Raw(message.kind, message.body, message.received_at, message.headers))
    except Exception as error:  # a parser's own mistake must not stop the others
        return Parsed(problems=(Problem("parser_failed", repr(error)[:300]),))


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
            found, opened = _evaluate(session, items, rules, now)
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
    for message_id, problem in found:
        problems[message_id].append(problem)


def _is_outage(error: Exception) -> bool:
    """Whether the database itself failed (gone, deadlocked, out of space): then nothing was anybody's fault and all is tried again."""
    return isinstance(error, DBAPIError) and not isinstance(error, IntegrityError) and not _is_data(error)


def _is_data(error: DBAPIError) -> bool:
    return type(error).__name__ in ("DataError", "StatementError", "ProgrammingError")


def _evaluate(
    session: Session, items: Sequence[Item], rules: Rules, now: datetime
) -> tuple[list[tuple[uuid.UUID, Problem]], list[uuid.UUID]]:
    places = look_up(session, [(item.source.home_id, item.signal) for item in items], now=now)
    problems: list[tuple[uuid.UUID, Problem]] = []
    placed: list[Placed] = []
    for item in items:
        place = places.find(item.source.home_id, item.signal)
        read = place if isinstance(place, Problem) else judge(item.signal, item.source, place, rules)
        if isinstance(read, Problem):
            problems.append((item.message.id, read))
        else:
            placed.append(read)
    fresh = keep(session, placed, messages=_messages(items))
    notices = _fold(session, fresh, rules, now=now)
    opened = carry(session, notices, rules, now=now)
    publish(session, notices, now=now)
    return problems, opened


def _fold(session: Session, fresh: Sequence[Placed], rules: Rules, *, now: datetime) -> list[Notice]:
    """Bring devices and alerts up to these signals; the transitions, in the order of what was observed.

    A sample that took longer than `late_window` to arrive is kept for the record and not evaluated.
    """
    series: dict[tuple[uuid.UUID, str], list[Placed]] = defaultdict(list)
    notices: list[Notice] = []
    statements: list[Placed] = []
    for p in fresh:
        touch(p)
        if p.signal.status is not Status.SAMPLE:
            statements.append(p)
        elif p.signal.received_at - p.signal.observed_at <= rules.late_window and p.place.device is not None:
            series[p.place.device.id, p.signal.quantity].append(p)
    notices += fold_series(session, series, rules, now=now)
    notices += fold_statements(session, [p for p in statements if p.meaning], rules, now=now)
    notices += fold_links(session, [p for p in statements if p.meaning is None], rules, now=now)
    session.flush()
    return sorted(notices, key=lambda notice: notice.transition.at)


def _messages(items: Sequence[Item]) -> dict[tuple[uuid.UUID, str], uuid.UUID]:
    """By source and delivery key, the first message that carried the signal."""
    return {(item.source.id, item.signal.delivery_key): item.message.id for item in reversed(items)}
