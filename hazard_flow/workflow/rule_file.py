"""A file of rules read whole: on past every mistake, so that all are told with their line and a mend; then a value, or a refusal."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from hazard_flow.i18n import Label
from hazard_flow.workflow.yaml_lines import Node, YamlFault, parse

T = TypeVar("T")
#: stands for an entry that is missing: said once, and everything asked of it is answered with nothing
ABSENT: Final = object()


@dataclass(frozen=True)
class Mistake:
    """One thing wrong with a file of rules."""

    file: str
    line: int
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message.rstrip('.')}. Mend: {self.mend}"


class RuleFileError(ValueError):
    """The file may not load; `mistakes` lists every reason."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda one: one.line)
        super().__init__("\n".join(map(str, self.mistakes)))


def read(text: str, *, name: str, build: Callable[["Reader", Node], T]) -> T:
    """What `build` makes of a file; it may ask on past mistakes. Raises `RuleFileError` with every one."""
    try:
        root, refused = parse(text)
    except YamlFault as fault:
        raise RuleFileError([Mistake(name, fault.line, fault.message, "write plain YAML")]) from fault
    reader = Reader(name)
    for line, message, mend in refused:
        reader.wrong(line, message, mend)
    found = build(reader, root)
    if reader.mistakes:
        raise RuleFileError(reader.mistakes)
    return found


class Reader:
    """Asks nodes for values. Where one does not fit it notes the mistake and gives a plain one in its place."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.mistakes: list[Mistake] = []

    def wrong(self, line: int, message: str, mend: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(self._file, line, message, mend))

    def entries(self, node: Node, wanted: Collection[str]) -> dict[str, Node]:
        """The entries of a map that has exactly these keys."""
        found = self.map(node)
        for name in found.keys() - set(wanted):
            self.wrong(node.key_lines[name], f"{name!r} is not known here.", f"one of: {', '.join(wanted)}.")
        for name in wanted:
            if name not in found and node.value is not ABSENT:
                self.wrong(node.line, f"{name!r} is missing.", f"add `{name}: …`.")
        return {name: found.get(name, Node(node.line, ABSENT)) for name in wanted}

    def map(self, node: Node) -> dict[str, Node]:
        """The entries of a map with keys of its own."""
        if not isinstance(node.value, dict) and node.value is not ABSENT:
            self.wrong(node.line, "a map is expected here.", "write `key: value` lines.")
        return node.entries

    def list(self, node: Node) -> list[Node]:
        """The items of a list that has some."""
        if not node.items and node.value is not ABSENT:
            self.wrong(node.line, "a list is expected here.", "write `- …` lines or `[…]`.")
        return node.items

    def whole(self, node: Node, low: int, high: int) -> int:
        """A whole number in a range."""
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._expected(node, f"a whole number from {low} to {high}", f"write {low} … {high}.")
        return low

    def decimal(self, node: Node) -> Decimal:
        """An exact number of no less than zero, in quotes."""
        try:
            value = Decimal(str(node.value))
            if value.is_finite() and value >= 0:
                return value
        except InvalidOperation:
            pass
        self._expected(node, "a number", 'write it in quotes, as "0.05".')
        return Decimal(0)

    def text(self, node: Node) -> str:
        """A text that says something."""
        value = node.value
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value)
        self._expected(node, "a text", "write a word or a sentence.")
        return ""

    def word(self, node: Node, known: Collection[str]) -> str:
        """One of the known words."""
        value = self.text(node)
        if value and value not in known:
            self.wrong(node.line, f"{value!r} is not known here.", f"one of: {', '.join(known)}.")
        return value

    def words(self, node: Node, known: Collection[str]) -> frozenset[str]:
        """Some of the known words."""
        return frozenset(self.word(item, known) for item in self.list(node))

    def label(self, node: Node) -> Label:
        """A text in both languages."""
        both = self.entries(node, ("zh", "en"))
        return Label(zh=self.text(both["zh"]), en=self.text(both["en"]))

    def _expected(self, node: Node, what: str, mend: str) -> None:
        if node.value is not ABSENT:
            self.wrong(node.line, f"{what} is expected here.", mend)


def newest(names: Iterable[Any]) -> Any:
    """Of files `name.v<N>.yaml` the one of the highest version."""
    return max(names, key=lambda path: int(path.name.split(".")[1][1:]))
