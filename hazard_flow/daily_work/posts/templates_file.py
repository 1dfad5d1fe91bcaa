"""The lists of duties a post begins with, read from the versioned file beside this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hazard_flow.i18n import Label
from hazard_flow.identity.roles import OPERATOR_ROLES
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

MARKS = ("V", "V2", "P", "M", "D")


@dataclass(frozen=True)
class Duty:
    """One duty, where it comes from, and how surely that was read."""

    text: Label
    clause: Label
    mark: str

    def kept(self) -> dict[str, str]:
        """As it is stored with a post."""
        return {
            "zh": self.text.zh,
            "en": self.text.en,
            "clause_zh": self.clause.zh,
            "clause_en": self.clause.en,
            "mark": self.mark,
        }

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> "Duty":
        """From what is stored."""
        return cls(Label(kept["zh"], kept["en"]), Label(kept["clause_zh"], kept["clause_en"]), kept["mark"])


@dataclass(frozen=True)
class PostTemplate:
    """A post as it is proposed."""

    key: str
    label: Label
    duties: tuple[Duty, ...]


@cache
def templates() -> Mapping[str, PostTemplate]:
    """The newest templates of this release, by role."""
    path = newest(Path(__file__).parent.glob("duties.v*.yaml"))
    return load_templates(path.read_text("utf-8"), name=path.name)


def load_templates(text: str, *, name: str) -> Mapping[str, PostTemplate]:
    """Read a file of templates; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_templates)


def _templates(reader: Reader, root: Node) -> Mapping[str, PostTemplate]:
    top = reader.entries(root, ("version", "templates"))
    reader.whole(top["version"], 1, 10_000)
    found = {}
    for key, node in reader.map(top["templates"]).items():
        if key not in OPERATOR_ROLES:
            reader.wrong(
                node.line, f"{key!r} is no role of an operator.", f"one of: {', '.join(OPERATOR_ROLES)}."
            )
        entries = reader.entries(node, ("name", "duties"))
        duties = tuple(_duty(reader, one) for one in reader.list(entries["duties"]))
        found[key] = PostTemplate(key, reader.label(entries["name"]), duties)
    return found


def _duty(reader: Reader, node: Node) -> Duty:
    found = reader.entries(node, ("zh", "en", "clause", "mark"))
    return Duty(
        Label(reader.text(found["zh"]), reader.text(found["en"])),
        reader.label(found["clause"]),
        reader.word(found["mark"], MARKS),
    )
