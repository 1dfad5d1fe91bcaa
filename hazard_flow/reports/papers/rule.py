"""What a paper's report.yaml says beside its name: which fields it prints, on which clauses it rests, which of its wording is policy.

Every clause carries the confidence it was read with: [V] is printed as law, anything else under "to be checked" (待核). Wording that is
local policy stands here and not in the template, so that an installation changes it without touching a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hazard_flow.i18n import Label

#: how a clause was read: in full, second-hand, partly, from memory; a design of our own is no clause
MARKS = ("V", "V2", "P", "M")
#: marks a sentence of our own may carry
WORDING_MARKS = (*MARKS, "D")
ADDRESSEES = ("enterprise", "regulator", "approver", "user", "unit", "receiving_body")
_KEYS = {
    "report", "version", "name", "issued_by", "word", "pdf_variant", "look",
    "addressee", "issuer_field", "basis", "act", "record", "wording", "photos",
}  # fmt: skip


@dataclass(frozen=True)
class Clause:
    """A clause a paper rests on."""

    text: Label
    mark: str

    @property
    def is_law(self) -> bool:
        """Whether it was read in full and may be printed as law."""
        return self.mark == "V"


@dataclass(frozen=True)
class PaperRule:
    """The rule of one kind of paper."""

    key: str
    version: int
    addressee: str
    basis: tuple[Clause, ...]
    #: a field that names the body on the paper, where that is not the organisation whose number it carries
    issuer_field: str | None
    #: fields only the issuing act may fill
    act: tuple[str, ...]
    #: fields whose newest value in the record is printed
    record: tuple[str, ...]
    #: configurable sentences by name
    wording: Mapping[str, Label]
    #: how many photos of the place are printed
    photos: int


def load_rule(root: Path, key: str) -> PaperRule:
    """The rule of `key` under `root`. Raises ValueError naming the file and what to mend."""
    path = root / key / "report.yaml"
    said: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    unknown = set(said) - _KEYS
    if unknown:
        raise ValueError(
            f"{path}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}"
        )
    act, record = tuple(said.get("act") or ()), tuple(said.get("record") or ())
    twice = sorted({name for name in act + record if (act + record).count(name) > 1})
    if twice:
        raise ValueError(f"{path}: {', '.join(twice)} named twice; a field belongs to `act` or to `record`")
    if said.get("addressee") not in ADDRESSEES:
        raise ValueError(f"{path}: addressee is {said.get('addressee')!r}; one of {', '.join(ADDRESSEES)}")
    return PaperRule(
        key=key,
        version=int(said["version"]),
        addressee=said["addressee"],
        issuer_field=said.get("issuer_field"),
        basis=tuple(
            Clause(text, mark)
            for text, mark in (_marked(path, one, MARKS) for one in said.get("basis") or ())
        ),
        act=act,
        record=record,
        wording={
            name: _marked(path, one, WORDING_MARKS)[0] for name, one in (said.get("wording") or {}).items()
        },
        photos=int(said.get("photos", 0)),
    )


def _marked(path: Path, said: Any, marks: tuple[str, ...]) -> tuple[Label, str]:
    if not isinstance(said, dict) or set(said) != {"zh", "en", "mark"} or said["mark"] not in marks:
        raise ValueError(f"{path}: {said!r} needs zh, en and a mark of {', '.join(marks)}")
    return Label(zh=said["zh"], en=said["en"]), said["mark"]
