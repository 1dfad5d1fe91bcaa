"""Reading one workflow file: takes nodes apart, collects every problem with its line, never stops at the first."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from hazard_flow.i18n import Label
from hazard_flow.workflow.definition import URGENCIES, Duration, Keyed
from hazard_flow.workflow.durations import FORM, parse_duration
from hazard_flow.workflow.problems import LANGUAGE, WORDS, Problem
from hazard_flow.workflow.vocabulary import Vocabulary
from hazard_flow.workflow.yaml_lines import Node

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Reading:
    """The file being read, its vocabulary and the problems found so far."""

    def __init__(self, file: str, vocabulary: Vocabulary) -> None:
        self.file = file
        self.vocabulary = vocabulary
        self.problems: list[Problem] = []

    def refuse(self, where: Node | int, rule: int, message: str, mend: str) -> None:
        """Note a problem at a node or line."""
        line = where.line if isinstance(where, Node) else where
        self.problems.append(Problem(self.file, line, rule, message, mend))

    def unknown(
        self, kind: str, word: Any, known: Iterable[str], where: Node | int, *, add_to: str = ""
    ) -> None:
        """Note an unknown word, with the nearest known one as mend."""
        names = sorted(map(str, known))
        near = difflib.get_close_matches(str(word), names, 1)
        mend = f"did you mean {near[0]!r}?" if near else "one of " + ", ".join(names[:40]) if names else ""
        if add_to:
            mend += f" Or add it to {add_to}."
        self.refuse(where, WORDS, f"unknown {kind} {word!r}", mend)

    def keys(
        self,
        node: Node,
        *,
        allowed: Collection[str],
        required: Collection[str] = (),
        what: str,
        line: int | None = None,
    ) -> bool:
        """Whether the node is a map; notes unknown keys, and missing ones at `line`, where the thing is named."""
        if not isinstance(node.value, dict):
            self.refuse(node, WORDS, f"{what} must be a map", "key: value, one a line or in {…}")
            return False
        for key in node.entries:
            if key not in allowed:
                self.unknown(f"key of {what}", key, allowed, node.key_lines[key])
        for key in required:
            if key not in node.entries:
                rule = LANGUAGE if key == "name" else WORDS
                self.refuse(
                    line or node,
                    rule,
                    f"{what} lacks {key!r}",
                    "name: {zh: …, en: …}" if key == "name" else f"add {key}: …",
                )
        return True

    def named(self, node: Node | None, what: str) -> list[tuple[str, Node, int]]:
        """The entries of a map of things: (name, node, line of the name)."""
        if node is None or not isinstance(node.value, dict):
            if node is not None:
                self.refuse(node, WORDS, f"{what} must be a map", "name: …, one a line or in {…}")
            return []
        for key in node.entries:
            if not NAME.fullmatch(key):
                self.refuse(
                    node.key_lines[key],
                    WORDS,
                    f"{key!r} is not a name",
                    "small letters, digits and _; a letter first",
                )
        return [(key, entry, node.key_lines[key]) for key, entry in node.entries.items()]

    def label(self, node: Node | None, what: str) -> Label:
        """A name in both languages."""
        if node is None:
            return Label(zh="", en="")  # its absence was noted by `keys`
        got = {key: entry.value for key, entry in node.entries.items()}
        for locale in ("zh", "en"):
            if not isinstance(got.get(locale), str) or not got[locale].strip():
                self.refuse(node, LANGUAGE, f"the name of {what} lacks {locale}", "name: {zh: …, en: …}")
        for extra in got.keys() - {"zh", "en"}:
            self.refuse(
                node, LANGUAGE, f"the name of {what} has an unknown language {extra!r}", "zh and en only"
            )
        return Label(zh=str(got.get("zh", "")), en=str(got.get("en", "")))

    def text(self, node: Node | None, what: str) -> str | None:
        """A plain text, or None where absent."""
        if node is None or node.value is None:
            return None
        if not isinstance(node.value, str):
            self.refuse(node, WORDS, f"{what} must be a word or text", "put it in quotes")
            return None
        return node.value

    def yes(self, node: Node | None, what: str) -> bool:
        """True or false; false where absent."""
        if node is not None and not isinstance(node.value, bool):
            self.refuse(node, WORDS, f"{what} is true or false", "true")
        return node is not None and node.value is True

    def word(self, node: Node, known: Iterable[str], kind: str) -> str | None:
        """One of the known words."""
        names = tuple(known)
        if isinstance(node.value, str) and node.value in names:
            return node.value
        self.unknown(kind, node.plain(), names, node)
        return None

    def words(self, node: Node | None, what: str) -> tuple[str, ...]:
        """A list of words; a single word counts as a list of one."""
        if node is None or node.value is None:
            return ()
        if isinstance(node.value, str):
            return (node.value,)
        if isinstance(node.value, list) and all(isinstance(item.value, str) for item in node.items):
            found = tuple(str(item.value) for item in node.items)
            if len(set(found)) != len(found):
                self.refuse(node, WORDS, f"{what} names something twice", "keep one")
            return found
        self.refuse(node, WORDS, f"{what} must be a list of words", "[one, another]")
        return ()

    def known_words(
        self, node: Node | None, known: Iterable[str], kind: str, *, add_to: str = ""
    ) -> tuple[str, ...]:
        """A list of words, each known."""
        names = frozenset(known)
        found = self.words(node, f"list of {kind}s")
        for index, word in enumerate(found):
            if word not in names:
                assert node is not None
                self.unknown(kind, word, names, node.items[index] if node.items else node, add_to=add_to)
        return found

    def count(self, node: Node | None, what: str) -> int:
        """A whole number from 0; 0 where absent."""
        if node is None:
            return 0
        if isinstance(node.value, bool) or not isinstance(node.value, int) or not 0 <= node.value <= 10_000:
            self.refuse(
                node, LANGUAGE, f"{node.plain()!r} is no count for {what}", "a whole number from 0 to 10000"
            )
            return 0
        return node.value

    def duration(self, node: Node, what: str) -> Duration | None:
        """A span with its unit."""
        span = parse_duration(node.value)
        if span is None:
            self.refuse(node, LANGUAGE, f"{what}: {node.plain()!r} is not a duration", FORM)
        return span

    def keyed_duration(self, node: Node, what: str) -> Keyed[Duration] | None:
        """One span for all, or a map by urgency."""
        if not isinstance(node.value, dict):
            span = self.duration(node, what)
            return Keyed(default=span) if span else None
        found: dict[str, Duration] = {}
        for urgency, entry in node.entries.items():
            if urgency not in URGENCIES:
                self.unknown("urgency", urgency, URGENCIES, node.key_lines[urgency])
            elif (span := self.duration(entry, f"{what} for {urgency}")) is not None:
                found[urgency] = span
        if not node.entries:
            self.refuse(node, LANGUAGE, f"{what} is empty", FORM)
        return Keyed(by_urgency=found)

    def plain_map(self, node: Node | None, what: str) -> Mapping[str, Any]:
        """A map of plain values."""
        if node is None:
            return {}
        if not isinstance(node.value, dict):
            self.refuse(node, WORDS, f"{what} must be a map", "{key: value}")
            return {}
        return {key: entry.plain() for key, entry in node.entries.items()}
