"""The ladders as values, read from the versioned file beside this module and checked whole: none may end in silence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from hazard_flow.i18n import Label
from hazard_flow.identity.roles import ROLES
from hazard_flow.workflow.definition import COLOURS
from hazard_flow.workflow.durations import FORM, parse_duration
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

ADDRESSEES = ("responsible", "highest_regulator", *ROLES)
CHANNELS = ("inbox", "message", "phone", "letter")
#: how a rung is told where it does not say otherwise
USUAL = ("inbox", "message")
MARKS = ("V", "V2", "P", "M", "D")
#: one of these hears the last rung of every ladder
_AT_THE_TOP = frozenset({"county_officer", "city_officer", "provincial_officer", "highest_regulator"})
_SPANS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "day": timedelta(days=1)}
_RUNG = ("before", "after", "tell", "by", "colour", "acknowledge_within", "repeat")


@dataclass(frozen=True)
class Rung:
    """One step: how long after the limit (before it where negative), whom it tells and how."""

    after: timedelta
    tell: tuple[str, ...]
    by: tuple[str, ...]
    colour: str | None
    acknowledge_within: timedelta | None
    repeat: timedelta | None

    def addressees(self, *, is_named: bool) -> tuple[str, ...]:
        """Whom it tells; where nobody owes it by name, whoever leads the team does."""
        return (
            self.tell
            if is_named
            else tuple("team_leader" if one == "responsible" else one for one in self.tell)
        )


@dataclass(frozen=True)
class Ladder:
    """What happens while a limit is not met. The last rung repeats."""

    key: str
    label: Label
    #: confidence of its numbers
    mark: str
    rungs: tuple[Rung, ...]

    def rung_at(self, due_at: datetime, now: datetime) -> int:
        """The highest rung whose own time has come, counted from 1; 0 for none yet."""
        return max((n for n, rung in enumerate(self.rungs, 1) if due_at + rung.after <= now), default=0)


@cache
def ladders() -> Mapping[str, Ladder]:
    """The newest ladders of this release, by key."""
    path = newest(Path(__file__).parent.glob("ladders.v*.yaml"))
    return load_ladders(path.read_text("utf-8"), name=path.name)


def load_ladders(text: str, *, name: str) -> Mapping[str, Ladder]:
    """Read a file of ladders; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_ladders)


def _ladders(reader: Reader, root: Node) -> Mapping[str, Ladder]:
    top = reader.entries(root, ("version", "ladders"))
    reader.whole(top["version"], 1, 10_000)
    return {key: _ladder(reader, key, node) for key, node in reader.map(top["ladders"]).items()}


def _ladder(reader: Reader, key: str, node: Node) -> Ladder:
    found = reader.entries(node, ("name", "mark", "rungs"))
    nodes = reader.list(found["rungs"])
    rungs = tuple(_rung(reader, one) for one in nodes)
    for before, after, one in zip(rungs, rungs[1:], nodes[1:], strict=False):
        if after.after <= before.after:
            reader.wrong(
                one.line, "a rung comes no later than the one before it.", "order the rungs by time."
            )
        if before.repeat is not None:
            reader.wrong(one.line, "a rung follows one that repeats.", "let only the last rung repeat.")
    if rungs and (rungs[-1].repeat is None or not _AT_THE_TOP & set(rungs[-1].tell)):
        reader.wrong(
            nodes[-1].line,
            f"the ladder {key!r} ends in silence.",
            "let its last rung repeat and tell the regulator (county_officer … highest_regulator).",
        )
    return Ladder(key, reader.label(found["name"]), reader.word(found["mark"], MARKS), rungs)


def _rung(reader: Reader, node: Node) -> Rung:
    found = reader.map(node)
    for name in found.keys() - set(_RUNG):
        reader.wrong(node.key_lines[name], f"{name!r} is not known here.", f"one of: {', '.join(_RUNG)}.")
    when = [name for name in ("before", "after") if name in found]
    if len(when) != 1 or "tell" not in found:
        reader.wrong(
            node.line, "a rung says when and whom it tells.", "write `{after: 1 days, tell: [team_leader]}`."
        )
        return Rung(timedelta(), (), USUAL, None, None, None)
    span = _span(reader, found[when[0]])
    return Rung(
        after=-span if when[0] == "before" else span,
        tell=_words(reader, found["tell"], ADDRESSEES),
        by=_words(reader, found["by"], CHANNELS) if "by" in found else USUAL,
        colour=reader.word(found["colour"], COLOURS) if "colour" in found else None,
        acknowledge_within=_span(reader, found["acknowledge_within"])
        if "acknowledge_within" in found
        else None,
        repeat=_span(reader, found["repeat"]) if "repeat" in found else None,
    )


def _words(reader: Reader, node: Node, known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reader.word(item, known) for item in reader.list(node)))


def _span(reader: Reader, node: Node) -> timedelta:
    parsed = parse_duration(node.value)
    if parsed is None or parsed.unit not in _SPANS:
        reader.wrong(node.line, "a span by the clock is expected here.", f"{FORM}; no working days.")
        return timedelta(days=1)
    return parsed.amount * _SPANS[parsed.unit]
