"""YAML as nodes that know their line; the small, unsurprising part of YAML a rule file needs.

Built from the event stream, so depth is bounded before anything recurses. Plain words stay words: `on`, `no` and `12:30` are text here,
not booleans and numbers as in YAML 1.1. Anchors, aliases, tags and doubled keys are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

DEPTH_MAX = 12
SIZE_BYTES_MAX = 256 * 1024
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


#: (line, message, mend)
Fault = tuple[int, str, str]


class YamlFault(ValueError):
    """The text is not YAML we can read; `line` from 1."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(f"line {line}: {message}")


@dataclass(frozen=True)
class Node:
    """A value with its line (from 1); maps and lists hold nodes."""

    line: int
    value: Any
    key_lines: dict[str, int] = field(default_factory=dict)

    @property
    def entries(self) -> dict[str, "Node"]:
        """The entries of a map; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list["Node"]:
        """The items of a list; empty for anything else."""
        return self.value if isinstance(self.value, list) else []

    def plain(self) -> Any:
        """The value without lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def parse(text: str) -> tuple[Node, list[Fault]]:
    """The document's root and the refused constructs.

    Raises YamlFault where the text is not YAML, is too large or nests too deeply.
    """
    if len(text.encode("utf-8", "replace")) > SIZE_BYTES_MAX:
        raise YamlFault(1, f"the file is larger than {SIZE_BYTES_MAX // 1024} KiB")
    faults: list[Fault] = []
    try:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise YamlFault(
                        event.start_mark.line + 1 if event.start_mark else 1,
                        "a second document starts; one file holds one document",
                    )
                root = _node(next(events), events, faults, 1)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise YamlFault(
            mark.line + 1 if mark else 1, getattr(error, "problem", None) or str(error)
        ) from error
    return root or Node(1, None), faults


def _node(event: Any, events: Iterator[Any], faults: list[Fault], depth: int) -> Node:
    line: int = event.start_mark.line + 1
    if depth > DEPTH_MAX:
        raise YamlFault(line, f"nested deeper than {DEPTH_MAX} levels")
    if isinstance(event, yaml.AliasEvent):
        faults.append((line, f"an alias (*{event.anchor}) is not allowed", "write the value out"))
        return Node(line, None)
    if event.anchor is not None:
        faults.append(
            (line, f"an anchor (&{event.anchor}) is not allowed", "write the value out where it is needed")
        )
    if event.tag is not None and event.tag != "!":
        faults.append((line, f"a tag ({event.tag}) is not allowed", "leave it out"))
    if isinstance(event, yaml.ScalarEvent):
        return Node(line, _scalar(event))
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(line, list(_items(events, faults, depth)))
    return _map(line, events, faults, depth)


def _items(events: Iterator[Any], faults: list[Fault], depth: int) -> Iterator[Node]:
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        yield _node(event, events, faults, depth + 1)


def _map(line: int, events: Iterator[Any], faults: list[Fault], depth: int) -> Node:
    entries: dict[str, Node] = {}
    key_lines: dict[str, int] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _node(event, events, faults, depth + 1)
        value = _node(next(events), events, faults, depth + 1)
        if isinstance(key.value, (dict, list)):
            faults.append((key.line, "a key must be a word", "key: value"))
            continue
        name = event.value if isinstance(event, yaml.ScalarEvent) else str(key.value)
        if name in entries:
            faults.append(
                (key.line, f"the key {name!r} stands twice (first in line {key_lines[name]})", "keep one")
            )
            continue
        entries[name], key_lines[name] = value, key.line
    return Node(line, entries, key_lines)


def _scalar(event: Any) -> Any:
    if not event.implicit[0]:  # quoted or block text is always text
        return event.value
    if event.value in _WORDS:
        return _WORDS[event.value]
    return int(event.value) if _INTEGER.fullmatch(event.value) else event.value
