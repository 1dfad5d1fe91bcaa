"""The parts of a workflow file that hold time: timers of states and actions, clocks, ladders."""

from collections.abc import Mapping

from hazard_flow.workflow.definition import COLOURS, Duration, Keyed, Remind, Rung, TimerRule
from hazard_flow.workflow.durations import FORM, parse_duration
from hazard_flow.workflow.problems import ANCHOR, LADDER_CLIMB, LADDER_END, LANGUAGE, SILENCE, WORDS
from hazard_flow.workflow.reading import Reading
from hazard_flow.workflow.yaml_lines import Node

_SPANS = ("within", "at", "every")
_TIMER_KEYS = ("name", *_SPANS, "reset_by", "remind", "ladder", "if_silent", "only_if")
_RUNG_KEYS = ("after", "tell", "by", "colour", "acknowledge_within", "repeat")
INSTANT_TYPES = ("instant", "deadline")


def read_timers(
    node: Node | None, what: str, reading: Reading, *, clock: bool = False
) -> Mapping[str, TimerRule]:
    """Named timers of a state or action, or the clocks of a workflow."""
    return {
        name: _timer(name, entry, line, what, reading, clock)
        for name, entry, line in reading.named(node, what)
    }


def read_ladders(node: Node | None, reading: Reading) -> Mapping[str, tuple[Rung, ...]]:
    """The ladders, rungs in their order."""
    return {name: _ladder(name, entry, reading) for name, entry, _ in reading.named(node, "ladders")}


def _timer(name: str, node: Node, line: int, what: str, reading: Reading, clock: bool) -> TimerRule:
    title = f"the clock {name}" if clock else f"the timer {name} of {what}"
    extra = ("from", "until") if clock else ()
    required = ("ladder", *extra) if clock else ()
    if not reading.keys(node, allowed=(*_TIMER_KEYS, *extra), required=required, what=title, line=line):
        return TimerRule(name=name, ladder="", line=line)
    got = node.entries
    given = [key for key in _SPANS if key in got]
    if not clock and "ladder" not in got:
        reading.refuse(line, SILENCE, f"{title} climbs no ladder: nobody would hear of it", "ladder: idle")
    if not clock and not given:
        reading.refuse(
            line, SILENCE, f"{title} never expires", "within: 4 h, or at: due_at, or every: 7 days"
        )
    elif len(given) != 1:
        reading.refuse(
            node,
            WORDS,
            f"{title} needs exactly one of within, at, every",
            "within: 4 h, or at: due_at, or every: 7 days",
        )
    if clock and "at" in got:
        reading.refuse(got["at"], WORDS, f"{title} counts from its start", "use within: …")
    return TimerRule(
        name=name,
        ladder=reading.text(got.get("ladder"), f"ladder of {title}") or "",
        label=reading.label(got["name"], title) if "name" in got else None,
        within=reading.keyed_duration(got["within"], f"within of {title}") if "within" in got else None,
        at=_instant_field(got.get("at"), reading),
        every=_positive(got.get("every"), title, reading),
        reset_by=reading.words(got.get("reset_by"), f"reset_by of {title}"),
        remind=tuple(_remind(item, title, reading) for item in _reminders(got.get("remind"), title, reading)),
        if_silent=reading.text(got.get("if_silent"), f"if_silent of {title}"),
        only_if=reading.words(got.get("only_if"), f"only_if of {title}"),
        starts_from=reading.text(got.get("from"), f"start of {title}") if clock else None,
        until=reading.words(got.get("until"), f"until of {title}") if clock else (),
        line=line,
    )


def _instant_field(node: Node | None, reading: Reading) -> str | None:
    if node is None:
        return None
    instants = [name for name, known in reading.vocabulary.fields.items() if known.type in INSTANT_TYPES]
    word = reading.word(node, instants, "instant field")
    if word is None:
        reading.refuse(node, ANCHOR, f"no action can ever set {node.plain()!r}", "at: due_at")
    return word


def _positive(node: Node | None, title: str, reading: Reading) -> Keyed[Duration] | None:
    if node is None:
        return None
    spans = reading.keyed_duration(node, f"every of {title}")
    if spans and any(span.amount == 0 for span in (*spans.by_urgency.values(), spans.default) if span):
        reading.refuse(node, LANGUAGE, f"{title} repeats after no time at all", "every: 7 days")
    return spans


def _reminders(node: Node | None, title: str, reading: Reading) -> list[Node]:
    if node is None:
        return []
    if not isinstance(node.value, list):
        reading.refuse(node, WORDS, f"remind of {title} must be a list", "remind: [half way, 24 h before]")
    return node.items


def _remind(node: Node, title: str, reading: Reading) -> Remind:
    if node.value == "half way":
        return Remind(half_way=True)
    text = node.value if isinstance(node.value, str) else ""
    span = parse_duration(text.removesuffix(" before")) if text.endswith(" before") else None
    if span is None or span.amount == 0:
        reading.refuse(
            node,
            LANGUAGE,
            f"{title}: {node.plain()!r} is not a reminder",
            f"`half way`, or a span and `before`: `24 h before`; {FORM}",
        )
        return Remind(half_way=True)
    return Remind(before=span)


def _ladder(name: str, node: Node, reading: Reading) -> tuple[Rung, ...]:
    if not isinstance(node.value, list) or not node.items:
        reading.refuse(
            node,
            LADDER_END,
            f"the ladder {name} has no rungs",
            "- {after: 0 h, tell: [holder], by: [inbox]}, … up to highest_regulator",
        )
        return ()
    return tuple(
        _rung(f"rung {number} of ladder {name}", item, reading) for number, item in enumerate(node.items, 1)
    )


def _rung(title: str, node: Node, reading: Reading) -> Rung:
    if not reading.keys(node, allowed=_RUNG_KEYS, required=("after", "tell", "by"), what=title):
        return Rung(after=Keyed(), tell=(), by=(), line=node.line)
    got = node.entries
    vocabulary = reading.vocabulary
    after = reading.keyed_duration(got["after"], f"after of {title}") if "after" in got else None
    tell = reading.known_words(got.get("tell"), vocabulary.addressees, "addressee")
    by = reading.known_words(got.get("by"), vocabulary.channels, "channel")
    deaf = set(reading.words(got.get("tell"), f"tell of {title}")) - (vocabulary.addressees - {"system"})
    if deaf:
        said = ", ".join(sorted(deaf))
        reading.refuse(
            got["tell"],
            LADDER_CLIMB,
            f"{title}: there is nobody to tell behind {said}",
            "tell: [safety_director]",
        )
    for key, words in (("tell", tell), ("by", by)):
        if key in got and not words:
            reading.refuse(
                got[key],
                WORDS,
                f"{title} names nobody to tell" if key == "tell" else f"{title} names no channel",
                "tell: [holder]" if key == "tell" else "by: [inbox]",
            )
    repeat = reading.duration(got["repeat"], f"repeat of {title}") if "repeat" in got else None
    if repeat is not None and repeat.amount == 0:
        reading.refuse(got["repeat"], LADDER_END, f"{title} repeats after no time at all", "repeat: 24 h")
    wait = got.get("acknowledge_within")
    return Rung(
        after=after or Keyed(),
        tell=tell,
        by=by,
        colour=reading.word(got["colour"], COLOURS, "colour") if "colour" in got else None,
        acknowledge_within=reading.duration(wait, f"acknowledge_within of {title}") if wait else None,
        repeat=repeat,
        line=node.line,
    )
