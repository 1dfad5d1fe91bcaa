"""Mapping files: YAML in, `FieldMap` out; whatever is wrong is said with file, line and a mend, all of it at once."""

import math
from functools import cache, lru_cache
from pathlib import Path as FolderPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hazard_flow.telemetry.sources.mapping import Clock, FieldMap, Path, Statement, Value, Words, read_path
from hazard_flow.workflow.rule_file import ABSENT, Reader, read
from hazard_flow.workflow.yaml_lines import Node

VERSION = 1
_STATUSES, _LEVELS = ("firing", "resolved"), ("1", "2")
_NOWHERE = Path(())


@cache
def example() -> str:
    """The shipped example, which shows everything a mapping can say."""
    return (FolderPath(__file__).parent / "mapping.example.yaml").read_text("utf-8")


@lru_cache(maxsize=64)
def read_mapping(text: str, *, name: str = "mapping.yaml") -> FieldMap:
    """The mapping in a file's text; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_mapping)


def _mapping(reader: Reader, root: Node) -> FieldMap:
    entries = _some(
        reader,
        root,
        ("mapping", "items", "site", "device", "id", "time", "quality", "alarm", "values"),
        ("mapping",),
    )
    if "mapping" in entries:
        reader.whole(entries["mapping"], VERSION, VERSION)
    if "alarm" not in entries and "values" not in entries:
        reader.wrong(
            root.line, "nothing is mapped.", "add `alarm:` for alarms, `values:` for measured values."
        )
    if "site" not in entries and "device" not in entries:
        reader.wrong(root.line, "no message would have a place.", "add `device: …` or `site: …`.")
    return FieldMap(
        items=_maybe(reader, entries, "items"),
        site=_maybe(reader, entries, "site"),
        device=_maybe(reader, entries, "device"),
        id=_maybe(reader, entries, "id"),
        clock=_clock(reader, entries["time"]) if "time" in entries else None,
        quality=_maybe(reader, entries, "quality"),
        statement=_statement(reader, entries["alarm"]) if "alarm" in entries else None,
        values={name: _value(reader, name, node) for name, node in reader.map(entries["values"]).items()}
        if "values" in entries
        else {},
    )


def _clock(reader: Reader, node: Node) -> Clock:
    if not node.entries:
        return Clock(_path(reader, node))
    entries = _some(reader, node, ("from", "format", "zone"), ("from",))
    zone: ZoneInfo | None = None
    if "zone" in entries:
        try:
            zone = ZoneInfo(reader.text(entries["zone"]))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            reader.wrong(entries["zone"].line, "there is no such zone.", "write e.g. Asia/Shanghai.")
    layout = reader.text(entries["format"]) if "format" in entries else ""
    if layout and zone is None and "%z" not in layout:
        reader.wrong(entries["format"].line, "a local time needs its zone.", "add `zone: Asia/Shanghai`.")
    return Clock(_path(reader, entries["from"]), layout, zone)


def _statement(reader: Reader, node: Node) -> Statement:
    entries = _some(
        reader, node, ("identity", "episode", "status", "level", "summary", "labels"), ("identity", "status")
    )
    identity = entries["identity"]
    names = (
        [_path(reader, one) for one in reader.list(identity)] if identity.items else [_path(reader, identity)]
    )
    labels = reader.map(entries["labels"]) if "labels" in entries else {}
    return Statement(
        identity=tuple(names),
        status=_words(reader, entries["status"], _STATUSES),
        episode=_maybe(reader, entries, "episode"),
        level=_words(reader, entries["level"], _LEVELS) if "level" in entries else None,
        summary=_maybe(reader, entries, "summary"),
        labels={name: _path(reader, one) for name, one in labels.items()},
    )


def _words(reader: Reader, node: Node, meanings: tuple[str, ...]) -> Words:
    """`{from: path, firing: [words], resolved: [words], else: meaning}`."""
    entries = _some(reader, node, ("from", *meanings, "else"), ("from",))
    known: dict[str, str] = {}
    for meaning in meanings:
        for item in reader.list(entries[meaning]) if meaning in entries else ():
            said = str(item.value).lower() if isinstance(item.value, bool) else reader.text(item)
            if said in known:
                reader.wrong(item.line, f"{said!r} cannot mean two things.", "leave it in one list.")
            known[said] = meaning
    otherwise = reader.word(entries["else"], meanings) if "else" in entries else None
    if not known and otherwise is None:
        reader.wrong(node.line, "no word has a meaning.", f"list the words for {' and '.join(meanings)}.")
    return Words(_path(reader, entries["from"]), known, otherwise)


def _value(reader: Reader, name: str, node: Node) -> Value:
    if not name.isidentifier():
        reader.wrong(
            node.line, f"{name!r} cannot name a quantity.", "use a name of the alarm rules, as ch4_lel."
        )
    if not node.entries:
        return Value(_path(reader, node))
    entries = _some(reader, node, ("from", "scale", "unit", "units"), ("from",))
    units = {
        unit: _factor(reader, one)
        for unit, one in (reader.map(entries["units"]) if "units" in entries else {}).items()
    }
    if ("unit" in entries) != ("units" in entries):
        reader.wrong(
            node.line,
            "`unit` and `units` need each other.",
            "say where the unit stands and list its factors.",
        )
    return Value(
        _path(reader, entries["from"]),
        _factor(reader, entries["scale"]) if "scale" in entries else 1.0,
        _maybe(reader, entries, "unit"),
        units,
    )


def _factor(reader: Reader, node: Node) -> float:
    try:
        found = float(str(node.value))
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and found != 0):
        reader.wrong(node.line, "a factor is expected here.", "write a number, as 1 or 0.001.")
        return 1.0
    return found


def _some(reader: Reader, node: Node, known: tuple[str, ...], needed: tuple[str, ...]) -> dict[str, Node]:
    """The entries of a map of which only some are needed; those come back in any case."""
    found = reader.map(node)
    for name in found.keys() - set(known):
        reader.wrong(node.key_lines[name], f"{name!r} is not known here.", f"one of: {', '.join(known)}.")
    for name in needed:
        if name not in found:
            reader.wrong(node.line, f"{name!r} is missing.", f"add `{name}: …`.")
    return found | {name: Node(node.line, ABSENT) for name in needed if name not in found}


def _maybe(reader: Reader, entries: dict[str, Node], name: str) -> Path | None:
    return _path(reader, entries[name]) if name in entries else None


def _path(reader: Reader, node: Node) -> Path:
    written = reader.text(node)
    path = read_path(written) if written else _NOWHERE
    if path is None:
        reader.wrong(node.line, f"{written!r} is not a path.", "write keys with dots, as data.items[0].name.")
        return _NOWHERE
    return path
