"""Reading checklists: the files beside this module, `<key>.v<n>.yaml`, each checked whole; a mistake names file, line and mend."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from hazard_flow.assets.models import ASSET_KINDS
from hazard_flow.catalogue import rows as catalogue
from hazard_flow.i18n import Label
from hazard_flow.inspections.checklists.items import ANSWERS, PHOTOS, Checklist, Choice, Item, Limits
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.workflow.rule_file import Reader, read
from hazard_flow.workflow.yaml_lines import Node

MARKS = ("V", "V2", "P", "M", "D")
#: a sheet a person fills in standing up
ITEMS_MAX = 60
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
_FILE = re.compile(r"([a-z][a-z0-9_]{1,39})\.v([1-9][0-9]{0,3})\.yaml")
_TOP = ("version", "name", "line", "kinds", "basis", "parts", "items")
_MUST = ("key", "text", "clause", "mark", "answer")
_MAY = ("part", "unit", "limits", "photo", "optional", "choices", "catalogue")


@cache
def released() -> Mapping[str, Checklist]:
    """Every checklist of this release, older versions too, by `<key>.v<n>`."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        one = load_checklist(path.read_text("utf-8"), name=path.name)
        found[one.id] = one
    return found


@cache
def checklists() -> Mapping[str, Checklist]:
    """The newest version of each, by key."""
    found: dict[str, Checklist] = {}
    for one in released().values():
        if one.key not in found or found[one.key].version < one.version:
            found[one.key] = one
    return found


def load_checklist(text: str, *, name: str) -> Checklist:
    """The checklist this text is; `name` is its file's. Raises `RuleFileError` with every mistake."""

    def build(reader: Reader, root: Node) -> Checklist:
        return _checklist(reader, root, name)

    return read(text, name=name, build=build)


def _checklist(reader: Reader, root: Node, name: str) -> Checklist:
    found = reader.entries(root, _TOP)
    parsed = _FILE.fullmatch(name)
    version = reader.whole(found["version"], 1, 9_999)
    if parsed is None:
        reader.wrong(1, f"{name!r} is no name of a checklist.", "call it <key>.v<n>.yaml.")
    elif int(parsed[2]) != version:
        reader.wrong(found["version"].line, f"the file is called {name!r}.", "say the version of its name.")
    parts = {key: reader.label(node) for key, node in reader.map(found["parts"]).items()}
    items: list[Item] = []
    for node in reader.list(found["items"]):
        items.append(_item(reader, node, parts, items))
    if len(items) > ITEMS_MAX:
        reader.wrong(
            found["items"].line,
            f"more than {ITEMS_MAX} items.",
            "make two checklists; nobody fills in one so long.",
        )
    return Checklist(
        key=parsed[1] if parsed else "",
        version=version,
        label=reader.label(found["name"]),
        line=reader.word(found["line"], WORK_LINES),
        kinds=tuple(reader.word(one, ASSET_KINDS) for one in found["kinds"].items),
        basis=reader.label(found["basis"]),
        parts=parts,
        items=tuple(items),
    )


def _item(reader: Reader, node: Node, parts: Mapping[str, Label], before: list[Item]) -> Item:
    found = reader.map(node)
    for name in found.keys() - {*_MUST, *_MAY}:
        reader.wrong(
            node.key_lines[name], f"{name!r} is not known here.", f"one of: {', '.join((*_MUST, *_MAY))}."
        )
    missing = [name for name in _MUST if name not in found]
    for name in missing:
        reader.wrong(node.line, f"{name!r} is missing.", f"add `{name}: …`.")
    if missing:
        return Item("", Label("", ""), "", "", "")
    key, answer = reader.text(found["key"]), reader.word(found["answer"], ANSWERS)
    if not _KEY.fullmatch(key):
        reader.wrong(found["key"].line, f"{key!r} is no key.", "small letters, digits and _ only.")
    if key in {one.key for one in before}:
        reader.wrong(found["key"].line, f"the key {key!r} is used twice.", "give the second another one.")
    _fitting(reader, node, answer)
    return Item(
        key=key,
        text=reader.label(found["text"]),
        clause=reader.text(found["clause"]),
        mark=reader.word(found["mark"], MARKS),
        answer=answer,
        unit=reader.text(found["unit"]) if "unit" in found else "",
        limits=_limits(reader, found["limits"], before) if "limits" in found else None,
        photo=reader.word(found["photo"], PHOTOS)
        if "photo" in found
        else "always"
        if answer == "photo"
        else "failed",
        is_optional=_flag(reader, found["optional"]) if "optional" in found else False,
        choices=_choices(reader, found["choices"]) if "choices" in found else (),
        catalogue=_code(reader, found["catalogue"]) if "catalogue" in found else "",
        part=reader.word(found["part"], parts) if "part" in found else "",
    )


def _fitting(reader: Reader, node: Node, answer: str) -> None:
    """What only some kinds of answer have."""
    for name, belongs in (("unit", "reading"), ("limits", "reading"), ("choices", "choice")):
        if name in node.entries and answer != belongs:
            reader.wrong(
                node.key_lines[name],
                f"{name!r} is only for {belongs!r}.",
                f"take it out, or answer: {belongs}.",
            )
    for name, belongs in (("unit", "reading"), ("choices", "choice")):
        if name not in node.entries and answer == belongs:
            reader.wrong(node.line, f"a {belongs} needs {name!r}.", f"add `{name}: …`.")
    if answer == "photo" and "photo" in node.entries:
        reader.wrong(node.key_lines["photo"], "the answer is the photo.", "take it out.")


def _limits(reader: Reader, node: Node, before: list[Item]) -> Limits:
    found = reader.map(node)
    for name in found.keys() - {"low", "high", "times"}:
        reader.wrong(node.key_lines[name], f"{name!r} is not known here.", "one of: low, high, times.")
    low, high = (_number(reader, found[name]) if name in found else None for name in ("low", "high"))
    if low is None and high is None:
        reader.wrong(
            node.line, "limits that allow everything.", 'write `{high: "20"}`, `{low: "…"}` or both.'
        )
    if low is not None and high is not None and low > high:
        reader.wrong(node.line, "low is above high.", "exchange the two.")
    times = None
    if "times" in found:
        times = reader.word(found["times"], [one.key for one in before if one.answer == "reading"])
    return Limits(low, high, times)


def _number(reader: Reader, node: Node) -> Decimal:
    try:
        value = Decimal(str(node.value))
        if value.is_finite():
            return value
    except InvalidOperation:
        pass
    reader.wrong(node.line, "a number is expected here.", 'write it in quotes, as "-0.85".')
    return Decimal(0)


def _choices(reader: Reader, node: Node) -> tuple[Choice, ...]:
    found = []
    for key, one in reader.map(node).items():
        entries = reader.entries(one, ("zh", "en", "good"))
        label = Label(zh=reader.text(entries["zh"]), en=reader.text(entries["en"]))
        found.append(Choice(key, label, _flag(reader, entries["good"])))
    if len(found) < 2:
        reader.wrong(node.line, "a choice needs two words at least.", "add another.")
    return tuple(found)


def _code(reader: Reader, node: Node) -> str:
    code = reader.text(node)
    if code and catalogue.row(code) is None:
        reader.wrong(
            node.line, f"no row {code!r} in the hazard catalogue.", "look the code up in the catalogue."
        )
    return code


def _flag(reader: Reader, node: Node) -> bool:
    if node.value is True or node.value is False:
        return node.value is True
    reader.wrong(node.line, "true or false is expected here.", "write true or false.")
    return False
