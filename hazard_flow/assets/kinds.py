"""Kinds of assets as data: what is entered about each, in which unit, between which limits. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from hazard_flow.i18n import Label
from hazard_flow.workflow.rule_file import ABSENT, Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

TYPES: Final = ("text", "number", "whole", "day", "choice", "flag")
SHAPES: Final = ("point", "line", "area")
MARKS: Final = ("V", "V2", "P", "M", "D")
#: the longest text of an attribute that gives no limit
MOST_DEFAULT = 200
_TOP = ("version", "choices", "attributes", "personal", "kinds")
_ATTRIBUTE = frozenset({"type", "name", "unit", "minimum", "maximum", "most", "choices", "mark"})
_KIND = frozenset({"name", "icon", "shape", "attributes", "needed", "personal"})
_HIGHEST = 10**12


@dataclass(frozen=True)
class Attribute:
    """One thing that is entered about assets of some kinds."""

    name: str
    label: Label
    type: str
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    #: most characters of a text
    most: int = MOST_DEFAULT
    #: word → what people read
    choices: Mapping[str, Label] | None = None
    #: how sure the limits or the choices are
    mark: str = ""


@dataclass(frozen=True, eq=False)
class AssetKind:
    """One kind of asset; the same one only if it is of the same book."""

    key: str
    label: Label
    icon: str
    #: `point`, `line` or `area`: what it usually is on a map
    shape: str
    attributes: Mapping[str, Attribute]
    needed: frozenset[str] = frozenset()
    #: kept apart in `personal`
    personal: Mapping[str, Attribute] | None = None


@dataclass(frozen=True)
class KindBook:
    """All kinds of one version of the file, and the attributes any of them has, in the file's order."""

    version: int
    kinds: Mapping[str, AssetKind]
    attributes: Mapping[str, Attribute]
    personal: Mapping[str, Attribute]


@cache
def kind_book() -> KindBook:
    """The newest shipped file."""
    path = newest(Path(__file__).parent.glob("kinds.v*.yaml"))
    return load_kinds(path.read_text("utf-8"), name=path.name)


def asset_kinds() -> Mapping[str, AssetKind]:
    """All kinds by key."""
    return kind_book().kinds


def kind_of(key: str) -> AssetKind:
    """The kind with this key; one of another release is shown under its own name, with nothing entered about it."""
    return asset_kinds().get(key) or AssetKind(key, Label(zh=key, en=key), "map-pin", "point", {})


def load_kinds(text: str, *, name: str) -> KindBook:
    """Read a file of kinds; raises `RuleFileError` with every mistake, its line and a mend."""
    return read(text, name=name, build=_book)


def _book(reader: Reader, root: Node) -> KindBook:
    top = reader.entries(root, _TOP)
    choices = {key: _choices(reader, node) for key, node in reader.map(top["choices"]).items()}
    attributes = {
        name: _attribute(reader, name, node, choices) for name, node in reader.map(top["attributes"]).items()
    }
    personal = {name: _personal(reader, name, node) for name, node in reader.map(top["personal"]).items()}
    for name in personal.keys() & attributes.keys():
        reader.wrong(top["personal"].line, f"{name!r} is an attribute as well.", "keep it in one place.")
    kinds = {
        key: _kind(reader, key, node, attributes, personal) for key, node in reader.map(top["kinds"]).items()
    }
    return KindBook(reader.whole(top["version"], 1, 10_000), kinds, attributes, personal)


def _choices(reader: Reader, node: Node) -> tuple[str, dict[str, Label]]:
    parts = reader.entries(node, ("mark", "values"))
    values = {word: reader.label(one) for word, one in reader.map(parts["values"]).items()}
    return reader.word(parts["mark"], MARKS), values


def _attribute(
    reader: Reader, name: str, node: Node, choices: Mapping[str, tuple[str, dict[str, Label]]]
) -> Attribute:
    parts = _parts(reader, node, _ATTRIBUTE)
    kind = reader.word(_part(reader, node, parts, "type"), TYPES)
    label = reader.label(_part(reader, node, parts, "name"))
    mark = reader.word(parts["mark"], MARKS) if "mark" in parts else ""
    low, high = (_limit(reader, parts, one) for one in ("minimum", "maximum"))
    if (low is not None or high is not None) and not mark:
        reader.wrong(
            node.line, f"the limits of {name!r} carry no mark.", f"add `mark:` ({', '.join(MARKS)})."
        )
    if low is not None and high is not None and low > high:
        reader.wrong(node.line, f"the limits of {name!r} are the wrong way round.", "minimum before maximum.")
    listed = None
    if kind == "choice":
        key = reader.text(parts["choices"]) if "choices" in parts else name
        if key in choices:
            mark, listed = choices[key]
        else:
            reader.wrong(node.line, f"there are no choices {key!r}.", f"one of: {', '.join(choices)}.")
    unit = reader.text(parts["unit"]) if "unit" in parts else ""
    most = reader.whole(parts["most"], 1, 10_000) if "most" in parts else MOST_DEFAULT
    return Attribute(name, label, kind, unit, low, high, most, listed, mark)


def _personal(reader: Reader, name: str, node: Node) -> Attribute:
    parts = reader.entries(node, ("most", "name"))
    return Attribute(name, reader.label(parts["name"]), "text", most=reader.whole(parts["most"], 1, 400))


def _kind(
    reader: Reader,
    key: str,
    node: Node,
    attributes: Mapping[str, Attribute],
    personal: Mapping[str, Attribute],
) -> AssetKind:
    parts = _parts(reader, node, _KIND)
    names = [reader.word(one, attributes) for one in reader.list(_part(reader, node, parts, "attributes"))]
    own = {name: attributes[name] for name in names if name in attributes}
    needed = reader.words(parts["needed"], own) if "needed" in parts else frozenset()
    apart = (
        [reader.word(one, personal) for one in reader.list(parts["personal"])] if "personal" in parts else []
    )
    return AssetKind(
        key=key,
        label=reader.label(_part(reader, node, parts, "name")),
        icon=reader.text(_part(reader, node, parts, "icon")),
        shape=reader.word(_part(reader, node, parts, "shape"), SHAPES),
        attributes=own,
        needed=needed,
        personal={name: personal[name] for name in apart if name in personal},
    )


def _parts(reader: Reader, node: Node, known: frozenset[str]) -> dict[str, Node]:
    found = reader.map(node)
    for name in found.keys() - known:
        reader.wrong(
            node.key_lines[name], f"{name!r} is not known here.", f"one of: {', '.join(sorted(known))}."
        )
    return {name: one for name, one in found.items() if name in known}


def _part(reader: Reader, node: Node, parts: Mapping[str, Node], name: str) -> Node:
    if name in parts:
        return parts[name]
    reader.wrong(node.line, f"{name!r} is missing.", f"add `{name}: …`.")
    return Node(node.line, ABSENT)


def _limit(reader: Reader, parts: Mapping[str, Node], name: str) -> int | None:
    return reader.whole(parts[name], -_HIGHEST, _HIGHEST) if name in parts else None
