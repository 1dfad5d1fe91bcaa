"""Reads `lines.v<n>.yaml`: every mistake is told with its line and a mend, and nothing loads that could not be carried out."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from hazard_flow.daily_work.consequence_names import CONSEQUENCES
from hazard_flow.daily_work.fields import FIELD_TYPES, WorkField
from hazard_flow.daily_work.formulas import FORMULAS
from hazard_flow.daily_work.lines import Cited, Figure, LineBook, PlanRule, RecordKind, Term, Watch, WorkLine
from hazard_flow.i18n import Label
from hazard_flow.identity.roles import OPERATOR_ROLES
from hazard_flow.inspections.recurrence import next_day
from hazard_flow.inspections.work_lines import UNITS, WORK_LINES
from hazard_flow.ladders.rules import ladders
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

MARKS = ("V", "V2", "P", "M", "D")
_KIND = (
    "name", "day", "title", "own_key", "shared", "files", "counts_when", "parent", "fields", "closing", "opens_when", "term",
    "watches", "expires", "consequence",
)  # fmt: skip
_FIELD = ("type", "name", "optional", "unit", "low", "high", "choices", "hint", "ahead")
_YES_NO = (True, False)


@cache
def line_book() -> LineBook:
    """The newest lines of this release."""
    path = newest(Path(__file__).parent.glob("lines.v*.yaml"))
    return load_lines(path.read_text("utf-8"), name=path.name)


def load_lines(text: str, *, name: str) -> LineBook:
    """Read a file of lines; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_book)


def _book(reader: Reader, root: Node) -> LineBook:
    top = reader.entries(root, ("version", "lines"))
    lines: dict[str, WorkLine] = {}
    kinds: dict[str, RecordKind] = {}
    for key, node in reader.map(top["lines"]).items():
        if key not in WORK_LINES:
            reader.wrong(node.line, f"{key!r} is no line of work.", f"one of: {', '.join(WORK_LINES)}.")
        line = _line(reader, key, node)
        for kind in line.kinds.values():
            if kind.key in kinds:
                reader.wrong(node.line, f"the kind {kind.key!r} stands in two lines.", "give it another key.")
            kinds[kind.key] = kind
        lines[key] = line
    for kind in kinds.values():
        if kind.parent and kind.parent not in kinds:
            line_no = root.entries["lines"].entries[kind.line].line
            reader.wrong(
                line_no,
                f"{kind.key!r} hangs on {kind.parent!r}, which is no kind.",
                "name a kind of this file.",
            )
    return LineBook(reader.whole(top["version"], 1, 10_000), lines, kinds)


def _line(reader: Reader, key: str, node: Node) -> WorkLine:
    found = _some(reader, node, ("summary", "unit", "kinds", "plans", "figures"), needed=("summary", "kinds"))
    kinds = {k: _kind(reader, key, k, n) for k, n in reader.map(found["kinds"]).items()}
    plans = {k: _plan(reader, k, n, kinds) for k, n in _map(reader, found, "plans").items()}
    figures = {k: _figure(reader, key, k, n, kinds) for k, n in _map(reader, found, "figures").items()}
    summary = reader.word(found["summary"], ("due", "terms", "none", *figures))
    return WorkLine(
        key, kinds, plans, figures, summary, reader.word(found["unit"], UNITS) if "unit" in found else "items"
    )


def _kind(reader: Reader, line: str, key: str, node: Node) -> RecordKind:
    found = _some(reader, node, _KIND, needed=("name", "day", "title", "fields"))
    fields = tuple(_field(reader, k, n) for k, n in reader.map(found["fields"]).items())
    closing = tuple(_field(reader, k, n) for k, n in _map(reader, found, "closing").items())
    names = {one.key: one for one in fields}
    day = reader.word(found["day"], [k for k, one in names.items() if one.type in ("day", "instant")])
    if day in names and not names[day].required:
        reader.wrong(found["day"].line, f"{day!r} may be left empty.", "name a day that is always given.")
    kind = RecordKind(
        key=key,
        line=line,
        label=reader.label(found["name"]),
        fields=fields,
        day=day,
        title=tuple(reader.word(one, names) for one in reader.list(found["title"])),
        own_key=reader.word(found["own_key"], names) if "own_key" in found else "",
        is_shared=_flag(reader, found, "shared"),
        files_least=reader.whole(found["files"], 0, 9) if "files" in found else 0,
        counts_when=tuple(reader.word(one, names) for one in reader.list(found["counts_when"]))
        if "counts_when" in found
        else (),
        parent=reader.text(found["parent"]) if "parent" in found else "",
        closing=closing,
        opens_when=_opens(reader, found, names),
        term=_term(reader, found["term"], names) if "term" in found else None,
        watches=tuple(_watch(reader, one, names) for one in reader.list(found["watches"]))
        if "watches" in found
        else (),
        expires=tuple(
            reader.word(one, [k for k, f in names.items() if f.type == "day"])
            for one in reader.list(found["expires"])
        )
        if "expires" in found
        else (),
        consequence=reader.word(found["consequence"], CONSEQUENCES) if "consequence" in found else "",
    )
    if (kind.parent != "") != any(one.type == "parent" for one in fields):
        reader.wrong(
            node.line,
            f"{key!r} needs both `parent` and a field of type parent, or neither.",
            "add the other one.",
        )
    if kind.term is not None and not closing:
        reader.wrong(node.line, f"{key!r} has a term and nothing that ends it.", "add `closing` fields.")
    if doubled := names.keys() & {one.key for one in closing}:
        reader.wrong(
            node.line,
            f"{', '.join(sorted(doubled))} stands in both parts.",
            "give the closing field another key.",
        )
    return kind


def _field(reader: Reader, key: str, node: Node) -> WorkField:
    found = _some(reader, node, _FIELD, needed=("type", "name"))
    type_ = reader.word(found["type"], FIELD_TYPES)
    choices = (
        {k: reader.label(n) for k, n in reader.map(found["choices"]).items()} if "choices" in found else None
    )
    if (type_ == "choice") != bool(choices):
        reader.wrong(
            node.line,
            f"{key!r}: choices belong to a field of type choice, and only there.",
            "add or remove `choices`.",
        )
    return WorkField(
        key=key,
        type=type_,
        label=reader.label(found["name"]),
        required=not _flag(reader, found, "optional"),
        unit=_unit(reader, found["unit"]) if "unit" in found else None,
        low=_bound(reader, found.get("low")),
        high=_bound(reader, found.get("high")),
        choices=choices,
        hint=reader.label(found["hint"]) if "hint" in found else None,
        may_be_ahead=_flag(reader, found, "ahead"),
    )


def _unit(reader: Reader, node: Node) -> Label:
    return reader.label(node) if node.entries else Label(reader.text(node), reader.text(node))


def _term(reader: Reader, node: Node, names: Mapping[str, WorkField]) -> Term:
    found = _some(
        reader,
        node,
        ("name", "from", "on", "by", "working_days", "days", "ladder", "clause", "mark"),
        needed=("name", "ladder", "clause", "mark"),
    )
    days = [k for k, one in names.items() if one.type in ("day", "instant")]
    begins = [name for name in ("from", "on") if name in found]
    if len(begins) != 1:
        reader.wrong(node.line, "a term counts `from` a day, or falls `on` one.", "write one of the two.")
    field = reader.word(found[begins[0]], days) if begins else ""
    by = (
        reader.word(found["by"], [k for k, one in names.items() if one.type == "choice"])
        if "by" in found
        else ""
    )
    working = {k: reader.whole(n, 1, 365) for k, n in _map(reader, found, "working_days").items()}
    choices = set(names[by].choices or {}) if by in names else set()
    if by and set(working) != choices:
        reader.wrong(
            node.line,
            f"working_days names {', '.join(working)}.",
            f"name each of: {', '.join(sorted(choices))}.",
        )
    return Term(
        name=reader.text(found["name"]),
        field=field,
        is_the_day="on" in found,
        by=by,
        working_days=working,
        days=reader.whole(found["days"], 0, 3_650) if "days" in found else 0,
        ladder=reader.word(found["ladder"], ladders()),
        cited=_cited(reader, found),
    )


def _watch(reader: Reader, node: Node, names: Mapping[str, WorkField]) -> Watch:
    found = _some(
        reader,
        node,
        ("name", "field", "months_before", "days_before", "met_by", "since", "ladder", "clause", "mark"),
        needed=("name", "field", "ladder", "clause", "mark"),
    )
    days = [k for k, one in names.items() if one.type == "day"]
    return Watch(
        name=reader.text(found["name"]),
        field=reader.word(found["field"], days),
        months_before=reader.whole(found["months_before"], 0, 24) if "months_before" in found else 0,
        days_before=reader.whole(found["days_before"], 0, 366) if "days_before" in found else 0,
        met_by=reader.word(found["met_by"], days) if "met_by" in found else "",
        since=reader.word(found["since"], days) if "since" in found else "",
        ladder=reader.word(found["ladder"], ladders()),
        cited=_cited(reader, found),
    )


def _plan(reader: Reader, key: str, node: Node, kinds: Mapping[str, RecordKind]) -> PlanRule:
    found = _some(
        reader,
        node,
        ("name", "kind", "rule", "term_days", "role", "law", "clause", "mark"),
        needed=("name", "kind", "rule", "role", "clause", "mark"),
    )
    rule = reader.text(found["rule"])
    try:
        next_day(rule, start=date(2026, 1, 1), after=date(2026, 1, 1))
    except ValueError as error:
        reader.wrong(
            found["rule"].line,
            f"{rule!r} is no rule of recurrence: {error}.",
            "write as FREQ=MONTHLY;BYMONTHDAY=1.",
        )
    cited, is_law = _cited(reader, found), _flag(reader, found, "law")
    if is_law and cited.mark != "V":
        reader.wrong(
            node.line,
            "a plan that holds by law must have been read in its source.",
            "mark V, or take `law` away.",
        )
    return PlanRule(
        key=key,
        kind=reader.word(found["kind"], kinds),
        label=reader.label(found["name"]),
        rule=rule,
        term_days=reader.whole(found["term_days"], 1, 1_100) if "term_days" in found else 0,
        role=reader.word(found["role"], OPERATOR_ROLES),
        is_law=is_law,
        cited=cited,
    )


def _figure(reader: Reader, line: str, key: str, node: Node, kinds: Mapping[str, RecordKind]) -> Figure:
    found = _some(
        reader,
        node,
        ("name", "formula", "args", "unit", "better", "target", "mark"),
        needed=("name", "formula", "better", "mark"),
    )
    formula = reader.word(found["formula"], FORMULAS)
    args = {k: str(n.value) for k, n in _map(reader, found, "args").items()}
    if formula in FORMULAS:
        for problem in FORMULAS[formula].problems(args, kinds):
            reader.wrong(
                node.line,
                f"{key!r}: {problem}",
                f"{formula} takes: {', '.join(FORMULAS[formula].takes) or 'nothing'}.",
            )
    return Figure(
        key=key,
        line=line,
        label=reader.label(found["name"]),
        formula=formula,
        args=args,
        unit=reader.text(found["unit"]) if "unit" in found else "%",
        better=reader.word(found["better"], ("more", "less")),
        target=_bound(reader, found.get("target")),
        mark=reader.word(found["mark"], MARKS),
    )


def _opens(reader: Reader, found: Mapping[str, Node], names: Mapping[str, WorkField]) -> tuple[str, str]:
    if "opens_when" not in found:
        return "", ""
    entries = reader.map(found["opens_when"])
    if len(entries) != 1:
        reader.wrong(
            found["opens_when"].line, "one field and its value are expected here.", "write `{answered: no}`."
        )
        return "", ""
    [(key, node)] = entries.items()
    if key not in names:
        reader.wrong(node.line, f"{key!r} is no field of this kind.", f"one of: {', '.join(names)}.")
    return key, reader.text(node)


def _cited(reader: Reader, found: Mapping[str, Node]) -> Cited:
    return Cited(reader.label(found["clause"]), reader.word(found["mark"], MARKS))


def _bound(reader: Reader, node: Node | None) -> float | None:
    if node is None:
        return None
    try:
        return float(str(node.value))
    except ValueError:
        reader.wrong(node.line, "a number is expected here.", "write it as -0.85.")
        return None


def _flag(reader: Reader, found: Mapping[str, Node], name: str) -> bool:
    if name not in found:
        return False
    if found[name].value not in _YES_NO:
        reader.wrong(found[name].line, f"{name!r} is true or false.", "write true.")
    return found[name].value is True


def _map(reader: Reader, found: Mapping[str, Node], name: str) -> dict[str, Node]:
    return reader.map(found[name]) if name in found else {}


def _some(reader: Reader, node: Node, known: tuple[str, ...], *, needed: tuple[str, ...]) -> dict[str, Any]:
    """The entries of a map that has the needed keys and no unknown ones."""
    found = reader.map(node)
    for name in found.keys() - set(known):
        reader.wrong(node.key_lines[name], f"{name!r} is not known here.", f"one of: {', '.join(known)}.")
    plain = {name: one for name, one in found.items() if name in known}
    missing = reader.entries(
        Node(node.line, {k: v for k, v in plain.items() if k in needed}, node.key_lines), needed
    )
    return {**missing, **plain}
