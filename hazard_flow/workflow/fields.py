"""The fields, evidence words, controls and role names that workflow files may use: workflows/fields.yaml as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from hazard_flow.i18n import Label
from hazard_flow.workflow.problems import LANGUAGE, WORDS, Problem, WorkflowRefused
from hazard_flow.workflow.yaml_lines import Node, YamlFault, parse

TYPES = (
    "text", "choice", "instant", "deadline", "person", "people", "percent", "money", "integer", "decimal", "flag", "control", "clauses",
    "hazard",
)  # fmt: skip
NUMBER_TYPES = ("percent", "money", "integer", "decimal")
#: characters; a field may lower it
TEXT_LENGTH_MAX = 2000


@dataclass(frozen=True)
class FieldDef:
    """One field: what kind of value it holds, how it is called, and its limits."""

    name: str
    type: str
    label: Label
    unit: Label | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    #: decimals kept; more are rounded (readings, coordinates) or refused (money)
    places: int = 0
    #: longest text, in characters
    at_most: int = TEXT_LENGTH_MAX
    multiline: bool = False
    choices: Mapping[str, Label] = field(default_factory=dict)
    #: holds personal data: never enters hashed events in clear
    personal: bool = False
    hint: Label | None = None


@dataclass(frozen=True)
class EvidenceWord:
    """A word for evidence in workflow files and the codes (domain 2.4) that satisfy it."""

    word: str
    codes: tuple[str, ...]
    label: Label


@dataclass(frozen=True)
class FieldBook:
    """All of fields.yaml."""

    fields: Mapping[str, FieldDef]
    evidence: Mapping[str, EvidenceWord]
    #: codes of domain 2.4; their names are the sentences `evidence.kind.<code>`
    evidence_codes: tuple[str, ...]
    controls: Mapping[str, Label]
    roles: Mapping[str, Label]
    relations: Mapping[str, Label]
    urgencies: Mapping[str, Label]
    levels: Mapping[str, Label]
    sources: Mapping[str, Label]
    resolutions: Mapping[str, Label]
    channels: Mapping[str, Label]
    stages: Mapping[str, Label]
    #: requests and measures that stand open on a hazard: extension, transfer, …
    flags: Mapping[str, Label]
    #: instants and duties an action marks as met
    marks: Mapping[str, Label]


def load_fields(path: Path) -> FieldBook:
    """Read fields.yaml. Raises WorkflowRefused with every problem."""
    reader = _Reader(path.name)
    try:
        root, faults = parse(path.read_text("utf-8"))
    except YamlFault as fault:
        raise WorkflowRefused([Problem(path.name, fault.line, WORDS, fault.message)]) from fault
    for line, message, mend in faults:
        reader.refuse(line, WORDS, message, mend)
    top = root.entries
    tables = {name: reader.labels(top.get(name), name) for name in _LABEL_TABLES}
    listed = top.get("evidence_codes")
    codes = tuple(str(item.value) for item in listed.items) if listed else ()
    book = FieldBook(
        fields={
            name: reader.field(name, node, tables)
            for name, node in reader.entries(top.get("fields"), "fields")
        },
        evidence={
            name: reader.word(name, node, codes)
            for name, node in reader.entries(top.get("evidence"), "evidence")
        },
        evidence_codes=codes,
        **tables,
    )
    for unknown in top.keys() - set(_LABEL_TABLES) - {"fields", "evidence", "evidence_codes"}:
        reader.refuse(root.key_lines[unknown], WORDS, f"unknown table {unknown!r}")
    if reader.problems:
        raise WorkflowRefused(reader.problems)
    return book


_LABEL_TABLES = (
    "controls",
    "roles",
    "relations",
    "urgencies",
    "levels",
    "sources",
    "resolutions",
    "channels",
    "stages",
    "flags",
    "marks",
)
_FIELD_KEYS = {
    "type",
    "name",
    "unit",
    "min",
    "max",
    "places",
    "at_most",
    "multiline",
    "choices",
    "personal",
    "hint",
}


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def refuse(self, line: int, rule: int, message: str, mend: str = "") -> None:
        self.problems.append(Problem(self.file, line, rule, message, mend))

    def entries(self, node: Node | None, what: str) -> list[tuple[str, Node]]:
        if node is None or not node.entries:
            self.refuse(node.line if node else 1, WORDS, f"the table {what!r} is missing or empty")
            return []
        return list(node.entries.items())

    def labels(self, node: Node | None, what: str) -> dict[str, Label]:
        return {name: self.label(entry, f"{what} {name}") for name, entry in self.entries(node, what)}

    def label(self, node: Node | None, what: str) -> Label:
        words = {key: entry.value for key, entry in node.entries.items()} if node else {}
        if set(words) != {"zh", "en"} or not all(
            isinstance(word, str) and word.strip() for word in words.values()
        ):
            self.refuse(
                node.line if node else 1, LANGUAGE, f"{what} needs a name in both languages", "{zh: …, en: …}"
            )
            return Label(zh=what, en=what)
        return Label(zh=words["zh"], en=words["en"])

    def word(self, name: str, node: Node, codes: tuple[str, ...]) -> EvidenceWord:
        wanted = node.entries.get("codes")
        listed = tuple(item.value for item in wanted.items) if wanted else ()
        if wanted is not None and wanted.value == "all":
            listed = codes
        for code in listed:
            if code not in codes:
                self.refuse(node.line, WORDS, f"evidence {name}: unknown code {code!r}")
        if not listed:
            self.refuse(node.line, WORDS, f"evidence {name} needs codes")
        return EvidenceWord(name, listed, self.label(node.entries.get("name"), f"evidence {name}"))

    def field(self, name: str, node: Node, tables: Mapping[str, Mapping[str, Label]]) -> FieldDef:
        got = node.entries
        for unknown in got.keys() - _FIELD_KEYS:
            self.refuse(node.key_lines[unknown], WORDS, f"field {name}: unknown key {unknown!r}")
        plain: dict[str, Any] = {key: entry.plain() for key, entry in got.items()}
        kind = plain.get("type", "text")
        if kind not in TYPES:
            self.refuse(
                node.line, WORDS, f"field {name}: unknown type {kind!r}", "one of " + ", ".join(TYPES)
            )
        minimum, maximum = (
            self._number(plain.get("min"), name, node),
            self._number(plain.get("max"), name, node),
        )
        if kind == "percent":
            minimum, maximum = minimum or Decimal(0), maximum or Decimal(100)
        if kind in NUMBER_TYPES and (minimum is None or maximum is None):
            self.refuse(node.line, LANGUAGE, f"field {name}: a number needs a range", "min: … and max: …")
        return FieldDef(
            name=name,
            type=str(kind),
            label=self.label(got.get("name"), f"field {name}"),
            unit=self.label(got["unit"], f"unit of {name}") if "unit" in got else None,
            minimum=minimum,
            maximum=maximum,
            places=2 if kind == "money" else int(plain.get("places", 0)),
            at_most=int(plain.get("at_most", TEXT_LENGTH_MAX)),
            multiline=bool(plain.get("multiline", False)),
            choices=self._choices(name, kind, got.get("choices"), tables),
            personal=bool(plain.get("personal", False)),
            hint=self.label(got["hint"], f"hint of {name}") if "hint" in got else None,
        )

    def _choices(
        self, name: str, kind: Any, node: Node | None, tables: Mapping[str, Mapping[str, Label]]
    ) -> Mapping[str, Label]:
        if kind == "control":
            return tables["controls"]
        if kind != "choice":
            return {}
        if node is not None and isinstance(node.value, str) and node.value in tables:
            return tables[node.value]
        return self.labels(node, f"choices of {name}")

    def _number(self, value: Any, name: str, node: Node) -> Decimal | None:
        if value is None:
            return None
        try:
            return Decimal(str(value))
        except InvalidOperation:
            self.refuse(node.line, LANGUAGE, f"field {name}: {value!r} is not a number")
            return None
