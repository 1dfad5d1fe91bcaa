"""A workflow file as the README describes it: limits, rungs, acts, states. Read once a text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import yaml

#: amount and unit: `min`, `h`, `day`, `workday`
Span = tuple[int, str]
#: strictest first: what counts where the urgency is not known yet
URGENCIES = ("M", "A", "B", "C")
COLOURS = ("blue", "yellow", "orange", "red")


@dataclass(frozen=True)
class ByUrgency:
    """One span for all, or one for each urgency."""

    each: Mapping[str, Span]
    other: Span | None = None

    def of(self, urgency: str | None) -> Span:
        """The span for an urgency; the strictest one where there is none for it."""
        if urgency is not None and urgency in self.each:
            return self.each[urgency]
        if self.other is not None:
            return self.other
        return next(self.each[u] for u in URGENCIES if u in self.each)


@dataclass(frozen=True)
class Limit:
    """A time limit: of a state, a clock, or begun by an act."""

    name: str
    ladder: str
    span: ByUrgency | None
    at: str | None
    reset_by: tuple[str, ...]
    #: None is `half way`
    remind: tuple[Span | None, ...]
    if_silent: str | None
    only_if: tuple[str, ...]
    starts_from: str | None
    until: tuple[str, ...]

    @property
    def goes_by_urgency(self) -> bool:
        """Whether its span is another one when the urgency changes."""
        return self.span is not None and bool(self.span.each)


@dataclass(frozen=True, eq=False)
class Rung:
    """One step of a ladder."""

    after: ByUrgency
    tell: tuple[str, ...]
    by: tuple[str, ...]
    colour: str | None
    patience: Span | None
    repeat: Span | None


@dataclass(frozen=True)
class Act:
    """What somebody may do; `said` is its entry in the file."""

    key: str
    sources: tuple[str, ...] | None
    said: Mapping[str, Any]
    starts: Mapping[str, Limit]

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words of the entry."""
        return _words(self.said.get(key))

    def word(self, key: str) -> str | None:
        """One word of the entry."""
        found = self.said.get(key)
        return None if found is None else str(found)

    @property
    def who(self) -> tuple[str, ...]:
        """Roles and parts that may do it."""
        return self.words("who")

    @property
    def switch(self) -> Mapping[str, Any] | None:
        """Where it goes on under another workflow."""
        return self.said.get("switch")

    @property
    def approved(self) -> Mapping[str, Any]:
        """What follows only from a yes."""
        return self.said.get("approved") or {}


@dataclass(frozen=True)
class State:
    """Where a hazard can stand."""

    key: str
    stage: str
    holder: str | None
    final: bool
    concealed: bool
    limits: Mapping[str, Limit]


@dataclass(frozen=True, eq=False)
class Flow:
    """One version of one workflow."""

    key: str
    version: int
    level: str | None
    states: Mapping[str, State]
    acts: Mapping[str, Act]
    ladders: Mapping[str, tuple[Rung, ...]]
    clocks: Mapping[str, Limit]

    @property
    def id(self) -> str:
        """Such as `general.v1`."""
        return f"{self.key}.v{self.version}"

    @cached_property
    def started(self) -> Mapping[str, Limit]:
        """The limits acts begin."""
        return {name: limit for act in self.acts.values() for name, limit in act.starts.items()}

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The instants limits end at or start from."""
        return frozenset(word for limit in self._limits() for word in (limit.at, limit.starts_from) if word)

    @cached_property
    def settled(self) -> frozenset[str]:
        """The requests some act settles."""
        return frozenset(word for act in self.acts.values() if (word := act.word("shuts")))

    @cached_property
    def marks(self) -> frozenset[str]:
        """The marks its acts set."""
        found = {mark for act in self.acts.values() for mark in act.words("sets")}
        return frozenset(found | {m for act in self.acts.values() for m in _words(act.approved.get("sets"))})

    def limit(self, kind: str, name: str, state: str) -> Limit | None:
        """The limit of this kind and name for a hazard in a state."""
        if kind == "clock":
            return self.clocks.get(name)
        return self.started.get(name) if kind == "started" else self.states[state].limits.get(name)

    def judged_by_others(self, request: str | None) -> bool:
        """Whether whoever made such a request may not settle it."""
        return request is not None and any(
            act.word("shuts") == request and "applicant" in act.words("other_than")
            for act in self.acts.values()
        )

    def request_behind(self, limit: str) -> str | None:
        """The request that began this limit."""
        return next(
            (w for act in self.acts.values() if limit in act.starts and (w := act.word("opens"))), None
        )

    def _limits(self) -> Iterator[Limit]:
        for state in self.states.values():
            yield from state.limits.values()
        yield from self.clocks.values()
        yield from self.started.values()


@lru_cache(maxsize=64)
def read(text: str) -> Flow:
    """A file's text as a workflow."""
    said = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    states = {key: _state(key, entry) for key, entry in said["states"].items()}
    living = tuple(key for key, state in states.items() if not state.final)
    return Flow(
        key=said["workflow"],
        version=said["version"],
        level=said["applies_to"].get("level"),
        states=states,
        acts={key: _act(key, entry, living) for key, entry in said["actions"].items()},
        ladders={key: tuple(_rung(entry) for entry in rungs) for key, rungs in said["ladders"].items()},
        clocks={name: _limit(name, entry) for name, entry in (said.get("clocks") or {}).items()},
    )


def span(text: str) -> Span:
    """`5 workdays` as amount and unit."""
    amount, unit = text.split()
    return int(amount), unit.removesuffix("s") if unit != "h" else unit


def _state(key: str, said: Mapping[str, Any]) -> State:
    limits = {name: _limit(name, entry) for name, entry in (said.get("timers") or {}).items()}
    final, concealed = bool(said.get("final")), bool(said.get("concealed"))
    return State(key, said["stage"], said.get("holder"), final, concealed, limits)


def _act(key: str, said: Mapping[str, Any], living: tuple[str, ...]) -> Act:
    sources = said["from"]
    where = None if sources is None else living if sources == "any" else tuple(sources)
    starts = {name: _limit(name, entry) for name, entry in (said.get("starts") or {}).items()}
    return Act(key, where, said, starts)


def _limit(name: str, said: Mapping[str, Any]) -> Limit:
    spans = said.get("within") or said.get("every")
    return Limit(
        name=name,
        ladder=said["ladder"],
        span=None if spans is None else _spans(spans),
        at=said.get("at"),
        reset_by=_words(said.get("reset_by")),
        remind=tuple(
            None if w == "half way" else span(w.removesuffix(" before")) for w in said.get("remind") or ()
        ),
        if_silent=said.get("if_silent"),
        only_if=_words(said.get("only_if")),
        starts_from=said.get("from"),
        until=_words(said.get("until")),
    )


def _rung(said: Mapping[str, Any]) -> Rung:
    wait, again = said.get("acknowledge_within"), said.get("repeat")
    return Rung(
        after=_spans(said["after"]),
        tell=_words(said["tell"]),
        by=_words(said["by"]),
        colour=said.get("colour"),
        patience=span(wait) if wait else None,
        repeat=span(again) if again else None,
    )


def _spans(said: str | Mapping[str, str]) -> ByUrgency:
    if isinstance(said, str):
        return ByUrgency({}, span(said))
    return ByUrgency({urgency: span(text) for urgency, text in said.items()})


def _words(said: Any) -> tuple[str, ...]:
    if said is None:
        return ()
    return (said,) if isinstance(said, str) else tuple(said)
