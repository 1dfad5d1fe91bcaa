"""Who owes a report to whom by when: a chain of hops from the enterprise up to the level the class asks for. Pure.

Each change of the figures is a version. A hop owes a report while its sender knows a newer version than it has passed on. What is sent here
arrives at once, so the next hop's clock starts at the sending; that somebody has read it is written down beside, and starts nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from hazard_flow.accidents.rules import LEVELS, AccidentRules, accident_rules

ENTERPRISE = "enterprise"


@dataclass(frozen=True)
class Hop:
    """One step of the way up: who sends, to which level."""

    sender: str
    receiver: str

    @property
    def limit(self) -> str:
        """The name of its time limit."""
        return f"accident_report_{self.sender}"


@dataclass(frozen=True)
class Sent:
    """A report that was made: which hop, which version of the figures, when."""

    receiver: str
    version: int
    at: datetime


@dataclass(frozen=True)
class Owed:
    """A hop whose sender knows more than it has passed on."""

    hop: Hop
    version: int
    due_at: datetime


def hops(accident_class: str, present: Sequence[str], rules: AccidentRules | None = None) -> tuple[Hop, ...]:
    """The way up for a class, over the levels that work here; reports to the State Council leave the system and are only written down."""
    wanted = (rules or accident_rules()).levels[accident_class]
    reached = [level for level in LEVELS if level in wanted and (level in present or level == "state")]
    stations = [ENTERPRISE, *reached]
    return tuple(Hop(a, b) for a, b in pairwise(stations))


def passed_on(sent: Sequence[Sent]) -> dict[str, int]:
    """The newest version each level has been told."""
    found: dict[str, int] = {}
    for one in sent:
        found[one.receiver] = max(found.get(one.receiver, 0), one.version)
    return found


def owed(
    way: Sequence[Hop],
    known: Mapping[int, datetime],
    sent: Sequence[Sent],
    rules: AccidentRules | None = None,
) -> tuple[Owed, ...]:
    """The hops that owe a report, lowest first.

    `known`: version → when the enterprise knew those figures. The clock of a hop runs from the instant its sender first knew something it
    has not passed on: one hour for the enterprise, two for each level above (Order 493 art. 9, 11 [V]).
    """
    book = rules or accident_rules()
    told = passed_on(sent)
    found = []
    for hop in way:
        behind = told.get(hop.receiver, 0)
        if hop.sender == ENTERPRISE:
            news = {version: at for version, at in known.items() if version > behind}
            within = book.principal_within
        else:
            news = {
                one.version: one.at for one in sent if one.receiver == hop.sender and one.version > behind
            }
            within = book.level_within
        if news:
            found.append(Owed(hop, max(news), min(news.values()) + within))
    return tuple(found)


@dataclass(frozen=True)
class Made:
    """How the first report over a hop came out: when it was due (None while its sender knows nothing yet), when it was made."""

    hop: Hop
    due_at: datetime | None
    sent_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Made after its time."""
        return self.sent_at is not None and self.due_at is not None and self.sent_at > self.due_at


def first_reports(
    way: Sequence[Hop],
    known: Mapping[int, datetime],
    sent: Sequence[Sent],
    rules: AccidentRules | None = None,
) -> tuple[Made, ...]:
    """The first report over each hop of the way, made or not."""
    book = rules or accident_rules()
    first: dict[str, datetime] = {}
    for one in sent:
        first[one.receiver] = min(first.get(one.receiver, one.at), one.at)
    found = []
    for hop in way:
        knew = known.get(1) if hop.sender == ENTERPRISE else first.get(hop.sender)
        within = book.principal_within if hop.sender == ENTERPRISE else book.level_within
        found.append(Made(hop, knew + within if knew else None, first.get(hop.receiver)))
    return tuple(found)
