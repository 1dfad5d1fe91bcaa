"""What an action brings beside its step: limits on how often, what counting leads to, what an approval changes."""

from collections.abc import Mapping

from hazard_flow.workflow.definition import COLOURS, Approved, AtMost, Climb
from hazard_flow.workflow.problems import WORDS
from hazard_flow.workflow.reading import Reading
from hazard_flow.workflow.yaml_lines import Node

_ADOPTED = ("due_at", "urgency")


def read_at_most(node: Node | None, title: str, reading: Reading) -> AtMost | None:
    """`{times: 1, per: person, then: above}`."""
    if node is None or not reading.keys(
        node, allowed=("times", "per", "then"), required=("times",), what=f"at_most of {title}"
    ):
        return None
    got = node.entries
    times = reading.count(got["times"], f"times of {title}") if "times" in got else 0
    if times < 1 and isinstance(got.get("times", node).value, int):
        reading.refuse(got.get("times", node), WORDS, f"{title} could never be done", "times: 1")
    per = reading.word(got["per"], ("hazard", "person"), "way of counting") if "per" in got else "hazard"
    then = reading.word(got["then"], ("above",), "consequence") if "then" in got else None
    return AtMost(times, "person" if per == "person" else "hazard", then_above=then is not None)


def read_climbs(node: Node | None, title: str, reading: Reading) -> Mapping[int, Climb]:
    """`{2: {tell: [county_officer], by: [inbox], colour: orange}}`."""
    found: dict[int, Climb] = {}
    if node is None:
        return found
    if not node.entries:
        reading.refuse(
            node, WORDS, f"climbs of {title} must be a map", "{2: {tell: [county_officer], by: [inbox]}}"
        )
    for key, entry in node.entries.items():
        if not key.isdigit() or int(key) < 1:
            reading.refuse(node.key_lines[key], WORDS, f"{key!r} is no count", "a whole number from 1")
            continue
        found[int(key)] = _climb(entry, f"climbs {key} of {title}", reading)
    return found


def read_approved(node: Node | None, title: str, reading: Reading) -> Approved | None:
    """`{adopts: {due_at: requested_due_at}, sets: plan_approved, ends: [plan], counts: extended}`."""
    if node is None or not reading.keys(
        node, allowed=("adopts", "sets", "ends", "counts"), what=f"approved of {title}"
    ):
        return None
    got = node.entries
    adopts = reading.plain_map(got.get("adopts"), f"adopts of {title}")
    fields = reading.vocabulary.fields
    for goal, source in adopts.items():
        if goal not in _ADOPTED:
            reading.unknown("adopted field", goal, _ADOPTED, got["adopts"])
        elif source not in fields:
            reading.unknown("field", source, fields, got["adopts"], add_to="workflows/fields.yaml")
        elif fields[str(source)].type != fields[goal].type:
            reading.refuse(
                got["adopts"],
                WORDS,
                f"{source} is a {fields[str(source)].type}, {goal} is a {fields[goal].type}",
                "a field of the same type",
            )
    return Approved(
        adopts={goal: str(source) for goal, source in adopts.items()},
        sets=reading.words(got.get("sets"), f"sets of {title}"),
        ends=reading.words(got.get("ends"), f"ends of {title}"),
        counts=reading.text(got.get("counts"), f"counts of {title}"),
    )


def _climb(node: Node, title: str, reading: Reading) -> Climb:
    if not reading.keys(node, allowed=("tell", "by", "colour"), required=("tell", "by"), what=title):
        return Climb((), ())
    got, vocabulary = node.entries, reading.vocabulary
    return Climb(
        tell=reading.known_words(got.get("tell"), vocabulary.addressees - {"system"}, "addressee"),
        by=reading.known_words(got.get("by"), vocabulary.channels, "channel"),
        colour=reading.word(got["colour"], COLOURS, "colour") if "colour" in got else None,
    )
