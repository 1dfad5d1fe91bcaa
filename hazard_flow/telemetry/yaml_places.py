"""YAML nodes asked for values: where one does not fit, the mistake is noted with line and mend, and a plain value stands in its place."""

import math
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import yaml

from hazard_flow.i18n import Label
from hazard_flow.workflow.rule_file import Mistake

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Reader:
    """Collects what is wrong with one file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mistakes: list[Mistake] = []

    def wrong(self, node: Any, message: str, mend: str) -> None:
        """Note a mistake at a node's line."""
        line = node.start_mark.line + 1 if node is not None else 1
        self.mistakes.append(Mistake(self.name, line, message, mend))


class Place:
    """A YAML node with the reader that notes what is wrong with it."""

    def __init__(self, reader: Reader, node: Any) -> None:
        self.reader, self.node = reader, node

    def wrong(self, message: str, mend: str) -> None:
        """Note a mistake here."""
        self.reader.wrong(self.node, message, mend)

    def map(self, *known: str, needed: tuple[str, ...] = ()) -> dict[str, "Place"]:
        """The entries of a mapping; `known` empty allows any key."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong("a mapping is expected here", "write `key: value` lines")
            return {}
        found: dict[str, Place] = {}
        for key, value in self.node.value:
            if known and key.value not in known:
                self.reader.wrong(key, f"unknown key {key.value!r}", f"one of: {', '.join(known)}")
            elif key.value in found:
                self.reader.wrong(key, f"the key {key.value!r} stands twice", "keep one of them")
            else:
                found[str(key.value)] = Place(self.reader, value)
        for key in needed:
            if key not in found:
                self.wrong(f"{key!r} is missing", f"add `{key}: …`")
        return found

    def items(self) -> Iterator["Place"]:
        """The entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.wrong("a list is expected here", "write `- …` lines or `[…]`")
            return
        yield from (Place(self.reader, node) for node in self.node.value)

    def text(self) -> str:
        """A word or sentence; empty (and noted) if it is not one."""
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value:
            self.wrong("a text is expected here", "write a word or a quoted sentence")
            return ""
        return str(self.node.value)

    def number(self) -> float:
        """A number; nan (and noted) if it is not one."""
        try:
            return float(self.text())
        except ValueError:
            self.wrong(f"{self.node.value!r} is not a number", "write digits, e.g. 25 or 0.5")
            return float("nan")

    def whole(self, low: int, high: int) -> int:
        """A whole number within bounds."""
        value = self.number()
        if math.isnan(value) or not (value.is_integer() and low <= value <= high):
            self.wrong(f"a whole number from {low} to {high} is expected here", f"write {low} … {high}")
            return low
        return int(value)

    def span(self) -> timedelta:
        """A duration such as 10m."""
        found = re.fullmatch(r"(\d+) ?([smhd])", self.text())
        if found is None:
            self.wrong("a duration with its unit is expected here", "write e.g. 30s, 10m, 6h or 3d")
            return timedelta(0)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})

    def choice(self, *words: str) -> str:
        """One of a few words."""
        word = self.text()
        if word not in words:
            self.wrong(f"{word!r} is not known here", f"one of: {', '.join(words)}")
        return word

    def label(self) -> Label:
        """A text in both languages."""
        words = {locale: word.text() for locale, word in self.map("zh", "en", needed=("zh", "en")).items()}
        return Label(zh=words.get("zh", ""), en=words.get("en", ""))
