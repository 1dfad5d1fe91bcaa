"""A foreign file's columns made into ours, said by a file of rules: `columns:` names each of ours and how it is made.

`from: THEIRS` takes a cell, `template: "{A}, {B}"` puts several together (an empty one drops out with what stands behind it), `value: x`
is the same for every row. Then, in this order: `clean` (tags and runs of blanks go), `words` (their word → ours; `"*"` for any other),
`dates` (formats tried in turn, as of `strptime`; the day is ISO 8601), `degrees: N|W|…` (a coordinate as people write it, signed for that
hemisphere where no letter stands), `times` (a number in other units), `most` (cut after so many characters, with an ellipsis), `or` (what
stands in where nothing can be made of theirs; without it that is a fault of the row). `together: [[lon, lat]]` empties all of a group where
one is empty. Columns of theirs that no rule names are left out.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hazard_flow.exchange.degrees import decimal_degrees
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.records import Record
from hazard_flow.workflow.rule_file import Reader, RuleFileError, read
from hazard_flow.workflow.yaml_lines import Node

_RULES = frozenset({"from", "template", "value", "clean", "words", "dates", "degrees", "times", "most", "or"})
_SOURCES = ("from", "template", "value")
_HEMISPHERES = ("N", "S", "E", "W")
_NAME = re.compile(r"\{([^{}]+)\}")
_TAG = re.compile(r"<[^<>]{0,200}>")
_SHOWN_MAX = 60


@dataclass(frozen=True)
class Rule:
    """How one of our columns is made."""

    #: pieces of text and names of their columns, in turn: text, name, text, …
    pieces: Sequence[str]
    clean: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    dates: Sequence[str] = ()
    degrees: str = ""
    times: float | None = None
    most: int | None = None
    #: what stands in where nothing can be made of theirs; None: that is a fault
    otherwise: str | None = None

    @property
    def names(self) -> Sequence[str]:
        """Their columns it asks for."""
        return self.pieces[1::2]

    def make(self, cells: Mapping[str, object]) -> str:
        """Our cell; raises ValueError where nothing can be made of theirs."""
        made = self.joined(cells)
        if self.clean:
            made = " ".join(_TAG.sub(" ", html.unescape(made)).split())
        if self.words:
            made = self.words.get(made.strip(), self.words.get("*", made))
        if not made.strip():
            return ""
        if self.dates:
            made = _day(made.strip(), self.dates)
        if self.degrees:
            made = decimal_degrees(made.strip(), self.degrees)
        if self.times is not None:
            made = repr(round(float(made) * self.times, 6))
        if self.most is not None and len(made) > self.most:
            made = made[: self.most - 1] + "…"
        return made

    def joined(self, cells: Mapping[str, object]) -> str:
        """Their cells put together, before any rule."""
        made = self.pieces[0]
        for place in range(1, len(self.pieces), 2):
            said = str(cells.get(self.pieces[place]) or "").strip()
            after = self.pieces[place + 1]
            if said:
                made += said + after
            elif place + 2 >= len(self.pieces):
                made = made.rstrip(" ,;:·–-")
        return made


@dataclass(frozen=True)
class ColumnMapping:
    """All rules of a file, by our column."""

    columns: Mapping[str, Rule]
    #: columns that mean nothing without each other: one empty, all empty
    together: Sequence[Sequence[str]] = ()

    def missing(self, theirs: Sequence[str]) -> list[RowFault]:
        """The columns rules ask for and the file does not have."""
        wanted = {name for rule in self.columns.values() for name in rule.names}
        return [RowFault(1, name, "missing_column") for name in sorted(wanted - set(theirs))]

    def record(self, record: Record) -> tuple[Record, list[RowFault]]:
        """The row with our columns, and what could not be made."""
        cells, faults = {}, []
        for name, rule in self.columns.items():
            try:
                cells[name] = rule.make(record.cells)
            except (ValueError, OverflowError):
                if rule.otherwise is not None:
                    cells[name] = rule.otherwise
                    continue
                shown = rule.joined(record.cells)[:_SHOWN_MAX]
                faults.append(RowFault(record.row, name, "not_mapped", {"value": shown}))
        for group in self.together:
            if not all(cells.get(name) for name in group):
                cells |= dict.fromkeys(group, "")
        return Record(record.row, cells), faults


def load_mapping(text: str, *, name: str) -> ColumnMapping:
    """Read a mapping file; raises RuleFileError with every mistake, its line and a mend."""
    return read(text, name=name, build=_mapping)


def read_mapping(data: bytes, *, name: str) -> ColumnMapping | list[RowFault]:
    """The same for whoever was handed one beside a file: mistakes as faults of the whole import."""
    try:
        return load_mapping(data.decode("utf-8-sig"), name=name)
    except UnicodeDecodeError:
        return [RowFault(0, "", "bad_mapping", {"detail": "UTF-8"})]
    except RuleFileError as error:
        return [RowFault(0, "", "bad_mapping", {"detail": str(one)}) for one in error.mistakes]


def _mapping(reader: Reader, root: Node) -> ColumnMapping:
    wanted = ("version", "columns", "together") if "together" in root.entries else ("version", "columns")
    top = reader.entries(root, wanted)
    reader.whole(top["version"], 1, 10_000)
    columns = {name: _rule(reader, name, node) for name, node in reader.map(top["columns"]).items()}
    groups = reader.list(top["together"]) if "together" in top else []
    return ColumnMapping(
        columns, [[reader.word(one, columns) for one in reader.list(group)] for group in groups]
    )


def _rule(reader: Reader, name: str, node: Node) -> Rule:
    parts = reader.map(node)
    for word in parts.keys() - _RULES:
        reader.wrong(
            node.key_lines[word], f"{word!r} is not known here.", f"one of: {', '.join(sorted(_RULES))}."
        )
    given = [word for word in _SOURCES if word in parts]
    if len(given) != 1:
        reader.wrong(
            node.line, f"{name!r} needs one of {', '.join(_SOURCES)}.", "say where the cell comes from."
        )
        return Rule([""])
    said = reader.text(parts[given[0]])
    pieces = {"from": ["", said, ""], "value": [said], "template": _NAME.split(said)}[given[0]]
    times = float(reader.decimal(parts["times"])) if "times" in parts else None
    return Rule(
        pieces=pieces,
        clean="clean" in parts and parts["clean"].value is True,
        words={word: str(one.value or "") for word, one in reader.map(parts["words"]).items()}
        if "words" in parts
        else {},
        dates=[reader.text(one) for one in reader.list(parts["dates"])] if "dates" in parts else (),
        degrees=reader.word(parts["degrees"], _HEMISPHERES) if "degrees" in parts else "",
        times=times,
        most=reader.whole(parts["most"], 1, 100_000) if "most" in parts else None,
        otherwise=str(parts["or"].value or "") if "or" in parts else None,
    )


def _day(words: str, formats: Sequence[str]) -> str:
    for one in formats:
        try:
            return datetime.strptime(words, one).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError("no day")
