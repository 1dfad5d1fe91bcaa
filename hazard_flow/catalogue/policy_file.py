"""The shipped policy file: YAML in, keys and rows out; whatever is wrong is said with file, line and a mend, all of it at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import cast

from hazard_flow.catalogue.policy import MARKS, NATIONAL, PolicyRow, parts_of
from hazard_flow.catalogue.policy_keys import BOUNDS, LIMIT_PARTS, TYPES, KeyType, PolicyKey, limit_key
from hazard_flow.exchange.faults import RowFault
from hazard_flow.i18n import Label
from hazard_flow.workflow.rule_file import Reader, read
from hazard_flow.workflow.yaml_lines import Node

CURRENT_VERSION = "v1"
#: from this day on national rows leave no gap: nothing this system decides is older
COVERED_FROM = date(2022, 1, 1)
_KEY_WORDS = frozenset({"group", "type", "by", "unit", "name", "choices", "bound"})
_ROW_WORDS = frozenset({"key", "division", "value", "from", "to", "mark", "source", "article", "note"})


@dataclass(frozen=True)
class PolicyBook:
    """What a policy file says: the keys there are, how they are grouped, and the rows."""

    version: str
    keys: Mapping[str, PolicyKey]
    groups: Mapping[str, Label]
    #: the urgencies a `limit.…` key may differ by
    urgencies: Mapping[str, Label]
    rows: tuple[PolicyRow, ...]

    def key(self, key: str) -> PolicyKey | None:
        """A key of the file, or the definition of a `limit.…` key; None for any other."""
        return self.keys.get(key) or limit_key(key, self.urgencies)


@cache
def shipped_policy(version: str = CURRENT_VERSION) -> PolicyBook:
    """The policy of this release."""
    path = Path(__file__).with_name(f"policy.{version}.yaml")
    return load_policy(path.read_text("utf-8"), name=path.name, version=version)


def load_policy(text: str, *, name: str, version: str) -> PolicyBook:
    """Read a policy file; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=lambda reader, root: _Policy(reader).book(root, version))


class _Policy:
    """One policy file as it is read."""

    def __init__(self, reader: Reader) -> None:
        self.wrong = reader.wrong
        self.label = reader.label
        self._mistakes = reader.mistakes

    def book(self, root: Node, version: str) -> PolicyBook:
        """The whole file."""
        top = root.entries
        wanted = {"version", "parts", "groups", "keys", "sources", "values"}
        for word in wanted ^ top.keys():
            what = "is missing" if word in wanted else "is not known here"
            self.wrong(
                root.key_lines.get(word, root.line),
                f"{word!r} {what}.",
                f"use exactly {', '.join(sorted(wanted))}",
            )
        if self._mistakes:
            return PolicyBook(version, {}, {}, {}, ())
        if f"v{top['version'].value}" != version:
            self.wrong(
                top["version"].line,
                "The version differs from the file's name.",
                f"write version: {version[1:]}",
            )
        parts = {word: self.labels(node) for word, node in top["parts"].entries.items()}
        groups = self.labels(top["groups"])
        keys = {word: self.key(word, node, parts, groups) for word, node in top["keys"].entries.items()}
        sources = self.labels(top["sources"])
        rows = tuple(self.rows(top["values"], keys, sources, version))
        book = PolicyBook(version, keys, groups, parts.get(LIMIT_PARTS, {}), rows)
        if not self._mistakes:
            self.covered(top["keys"], book)
        return book

    def key(
        self, word: str, node: Node, parts: Mapping[str, Mapping[str, Label]], groups: Mapping[str, Label]
    ) -> PolicyKey:
        """One entry of `keys`."""
        self.words(node, _KEY_WORDS)
        got = {name: one.value for name, one in node.entries.items()}
        for name, allowed in (("type", TYPES), ("group", tuple(groups))):
            if got.get(name) not in allowed:
                self.wrong(
                    node.line,
                    f"{word}: {name} {got.get(name)!r} is not known.",
                    f"one of {', '.join(allowed)}",
                )
        if got.get("by") is not None and got["by"] not in parts:
            self.wrong(node.line, f"{word}: there are no parts {got['by']!r}.", f"one of {', '.join(parts)}")
        if got.get("bound", BOUNDS[0]) not in BOUNDS:
            self.wrong(
                node.line, f"{word}: bound {got['bound']!r} is not known.", f"one of {', '.join(BOUNDS)}"
            )
        return PolicyKey(
            key=word,
            label=self.label(node.entries.get("name", node)),
            type=cast("KeyType", got.get("type")),
            group=str(got.get("group")),
            unit=self.label(node.entries["unit"]) if "unit" in node.entries else None,
            parts=parts.get(str(got.get("by")), {}),
            choices=self.labels(node.entries["choices"]) if "choices" in node.entries else {},
            bound=str(got.get("bound") or ""),
        )

    def rows(
        self, node: Node, keys: Mapping[str, PolicyKey], sources: Mapping[str, Label], version: str
    ) -> Iterator[PolicyRow]:
        """The entries of `values`."""
        for one in node.items:
            self.words(one, _ROW_WORDS)
            got = one.entries
            known = keys.get(str(got["key"].value)) if "key" in got else None
            if known is None:
                self.wrong(one.line, "The row names no known key.", "use a key of the list above")
                continue
            plain, faults = known.read(got["value"].plain() if "value" in got else None)
            for code, params in faults:
                fault = RowFault(one.line, "value", code, params)
                self.wrong(one.line, f"{known.key}: {fault.reason('en')}", fault.mend("en"))
            mark, source = _text(got, "mark"), sources.get(_text(got, "source"))
            if mark not in MARKS:
                self.wrong(
                    one.line, f"{known.key}: mark {mark!r} is not known.", f"one of {', '.join(MARKS)}"
                )
            if source is None:
                self.wrong(
                    one.line,
                    f"{known.key}: source {_text(got, 'source')!r} is not listed.",
                    "add it under sources",
                )
            yield PolicyRow(
                definition=known,
                division=self.division(one, _text(got, "division")),
                value=plain,
                valid_from=self.day(one, _text(got, "from")),
                valid_to=self.day(one, _text(got, "to")),
                source=self.source(got, source or Label(zh="", en="")),
                confidence=mark,
                version=version,
            )

    def source(self, got: Mapping[str, Node], source: Label) -> Label:
        """`城镇燃气管理条例第 20 条（…）`: the source with its article and a note."""
        zh, en = source.zh, source.en
        if "article" in got:
            number = str(got["article"].value)
            zh, en = f"{zh}第 {number.replace(', ', '、')} 条", f"{en}, art. {number}"
        if "note" in got:
            note = self.label(got["note"])
            zh, en = f"{zh}；{note.zh}", f"{en}; {note.en}"
        return Label(zh=zh, en=en)

    def covered(self, keys: Node, book: PolicyBook) -> None:
        """National rows must leave no gap: the default is what holds where nothing else does."""
        spans: dict[tuple[str, str], list[tuple[date, date | None]]] = {}
        for row in book.rows:
            if row.division == NATIONAL and row.valid_from is not None:
                for part in parts_of(book.keys[row.key], row.value):
                    spans.setdefault((row.key, part), []).append((row.valid_from, row.valid_to))
        for key in book.keys.keys() - {key for key, _ in spans}:
            self.wrong(
                keys.key_lines[key], f"{key}: there is no national default.", "add a row without a division"
            )
        for (key, part), days in spans.items():
            if not _unbroken(sorted(days)):
                self.wrong(
                    keys.key_lines[key],
                    f"{key} {part}: the national default has a gap.",
                    "let its dates meet",
                )

    def labels(self, node: Node) -> dict[str, Label]:
        """A map of names in both languages."""
        return {word: self.label(one) for word, one in node.entries.items()}

    def day(self, node: Node, text: str) -> date | None:
        """A date or nothing."""
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.wrong(node.line, f"{text!r} is no date.", "write 2026-01-31")
            return None

    def division(self, node: Node, text: str) -> str:
        """A prefix of division codes or nothing."""
        if text and not (text.isdigit() and 2 <= len(text) <= 12):
            self.wrong(node.line, f"{text!r} is no division.", 'quote 2 to 12 digits: "3702"')
        return text

    def words(self, node: Node, known: frozenset[str]) -> None:
        """Every key of a map must be known."""
        for word in node.entries.keys() - known:
            self.wrong(
                node.key_lines[word], f"{word!r} is not known here.", f"one of {', '.join(sorted(known))}"
            )


def _text(got: Mapping[str, Node], word: str) -> str:
    return "" if word not in got or got[word].value is None else str(got[word].value)


def _unbroken(days: list[tuple[date, date | None]]) -> bool:
    """Whether spans that begin early enough meet each other and run on for ever."""
    reached: date | None = None
    if days[0][0] > COVERED_FROM:
        return False
    for first, last in days:
        if reached is not None and first > reached and (first - reached).days > 1:
            return False
        if last is None:
            return True
        reached = max(last, reached or last)
    return False
