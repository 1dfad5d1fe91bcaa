"""The grading rules as one value, read from the versioned file beside this module and checked whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import product
from math import prod
from pathlib import Path

from hazard_flow.i18n import Label
from hazard_flow.risk.colours import COLOURS, as_bad_as
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

#: who controls a risk, the uppermost first
CONTROL_LEVELS = ("company", "department", "team", "post")
#: the scores of a method in the order they are multiplied
LEC, LS = ("likelihood", "exposure", "consequence"), ("probability", "severity")
_TOP = ("version", "source", "lec", "ls", "direct", "grades", "review", "similar", "board_from")


@dataclass(frozen=True)
class Scale:
    """One method that multiplies scores: what each score may be, and from which product on a grade begins."""

    #: score → allowed value → what it means
    scores: Mapping[str, Mapping[Decimal, Label]]
    #: colour → least product, worst first; blue is what lies below all
    begins: Mapping[str, Decimal]

    def colour(self, product: Decimal) -> str:
        """The grade of a product."""
        return next((colour for colour, least in self.begins.items() if product >= least), COLOURS[-1])

    def band(self, colour: str) -> str:
        """The products of a grade by their bounds: ≥ 320, 160 – < 320, < 70."""
        bounds = list(self.begins.values())
        place = COLOURS.index(colour)
        if place == 0:
            return f"≥ {bounds[0]:f}"
        if place == len(bounds):
            return f"< {bounds[-1]:f}"
        return f"{bounds[place]:f} – < {bounds[place - 1]:f}"

    def span(self, colour: str) -> str:
        """The products of a grade as people write them: from the least to the greatest that can occur."""
        products = sorted({prod(chosen, start=Decimal(1)) for chosen in product(*self.scores.values())})
        found = [one for one in products if self.colour(one) == colour]
        return f"{found[0].normalize():f}–{found[-1].normalize():f}" if found else "–"


@dataclass(frozen=True)
class Grade:
    """What follows from a colour."""

    colour: str
    label: Label
    #: the uppermost level that controls it; those below do so too
    control: str
    #: how often it is checked, in the notation of RFC 5545, and in words
    check_rule: str
    often: Label
    weight: Decimal

    @property
    def controlled_by(self) -> tuple[str, ...]:
        """Every level that controls it: the upper includes the lower (上级管控，下级同时管控)."""
        return CONTROL_LEVELS[CONTROL_LEVELS.index(self.control) :]


@dataclass(frozen=True)
class Grading:
    """One version of the rules."""

    version: int
    source: Label
    lec: Scale
    ls: Scale
    dimensions: Mapping[str, Label]
    #: grounds that are red at once
    direct: Mapping[str, Label]
    grades: Mapping[str, Grade]
    review_due_workdays: int
    review_every_months: int
    #: as many hazards with one failed measure within so many days call for a new rating
    failures: int
    failures_days: int
    similar_due_workdays: int
    similar_places_max: int
    board_from: str

    def needs_board(self, colour: str) -> bool:
        """Whether a notice board stands at a place of this colour."""
        return colour in as_bad_as(self.board_from)


@cache
def grading() -> Grading:
    """The newest rules of this release."""
    path = newest(Path(__file__).parent.glob("grading.v*.yaml"))
    return load(path.read_text("utf-8"), name=path.name)


def load(text: str, *, name: str) -> Grading:
    """Read a file of rules; raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=_grading)


def _grading(reader: Reader, root: Node) -> Grading:
    top = reader.entries(root, _TOP)
    ls = reader.entries(top["ls"], (*LS, "dimensions", "from"))
    lec = reader.entries(top["lec"], (*LEC, "from"))
    review = reader.entries(top["review"], ("due_workdays", "every_months", "failures", "failures_days"))
    similar = reader.entries(top["similar"], ("due_workdays", "places_max"))
    grades = reader.entries(top["grades"], COLOURS)
    return Grading(
        version=reader.whole(top["version"], 1, 10_000),
        source=reader.label(top["source"]),
        lec=_scale(reader, lec, LEC),
        ls=_scale(reader, ls, LS),
        dimensions=_labels(reader, ls["dimensions"]),
        direct=_labels(reader, top["direct"]),
        grades={colour: _grade(reader, colour, node) for colour, node in grades.items()},
        review_due_workdays=reader.whole(review["due_workdays"], 1, 250),
        review_every_months=reader.whole(review["every_months"], 1, 60),
        failures=reader.whole(review["failures"], 2, 100),
        failures_days=reader.whole(review["failures_days"], 1, 3_660),
        similar_due_workdays=reader.whole(similar["due_workdays"], 1, 250),
        similar_places_max=reader.whole(similar["places_max"], 1, 200),
        board_from=reader.word(top["board_from"], COLOURS),
    )


def _scale(reader: Reader, said: Mapping[str, Node], names: tuple[str, ...]) -> Scale:
    begins = reader.entries(said["from"], COLOURS[:-1])
    found = {colour: reader.decimal(node) for colour, node in begins.items()}
    if list(found.values()) != sorted(found.values(), reverse=True):
        reader.wrong(
            said["from"].line, "a worse grade begins lower than a better one.", "red > orange > yellow."
        )
    return Scale({name: _points(reader, said[name]) for name in names}, found)


def _points(reader: Reader, node: Node) -> Mapping[Decimal, Label]:
    entries = reader.map(node)
    return {
        reader.decimal(Node(node.key_lines.get(key, node.line), key)): reader.label(one)
        for key, one in entries.items()
    }


def _labels(reader: Reader, node: Node) -> Mapping[str, Label]:
    return {key: reader.label(one) for key, one in reader.map(node).items()}


def _grade(reader: Reader, colour: str, node: Node) -> Grade:
    said = reader.entries(node, ("name", "control", "check", "often", "weight"))
    rule = reader.text(said["check"])
    if not rule.startswith("FREQ="):
        reader.wrong(said["check"].line, f"{rule!r} is no recurrence.", "write FREQ=WEEKLY or the like.")
    return Grade(
        colour=colour,
        label=reader.label(said["name"]),
        control=reader.word(said["control"], CONTROL_LEVELS),
        check_rule=rule,
        often=reader.label(said["often"]),
        weight=reader.decimal(said["weight"]),
    )
