"""How indicators are scored: weights, targets and floors as one value, read from the versioned file beside this module."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hazard_flow.i18n import Label
from hazard_flow.workflow.rule_file import Reader, newest, read
from hazard_flow.workflow.yaml_lines import Node

IDS = tuple(f"I{number:02}" for number in range(1, 26))
SEVERITIES = ("major", "A", "B", "C")
GRADES = ("A", "B", "C", "D")
#: the weights of all indicators together
WHOLE = 100
_TOP = (
    "version", "source", "few", "rank_from_weight",
    "prior", "self", "regulator", "severity", "norm_days", "cohort_months", "recurs_within_days",
    "acknowledge_minutes", "on_site_minutes", "freeze_after_days", "deductions", "bonus", "veto_caps_at", "veto_codes", "grades",
    "inspections_a_year", "divisions", "indicators",
)  # fmt: skip


@dataclass(frozen=True)
class Aim:
    """What one indicator weighs; the value worth 100 points and the one worth none. Linear between, clipped (domain 6.1 [D])."""

    weight: float
    target: float
    floor: float

    def points(self, value: float) -> float:
        """What a value is worth, 0 to 100."""
        return 100 * min(1.0, max(0.0, (value - self.floor) / (self.target - self.floor)))


@dataclass(frozen=True)
class Policy:
    """One version of the rules."""

    version: int
    source: Label
    few: int
    rank_from_weight: int
    prior: int
    #: sources of hazards the enterprise found itself, and those the regulator found
    own: frozenset[str]
    regulator: frozenset[str]
    severity: Mapping[str, float]
    norm_days: Mapping[str, float]
    cohort_months: int
    recurs_within_days: int
    #: high, low → minutes
    acknowledge_minutes: Mapping[str, int]
    on_site_minutes: int
    freeze_after_days: int
    #: colour → points taken off for each notice; at most so many in all
    deductions: Mapping[str, float]
    deductions_max: float
    #: for each major found by oneself and cancelled by its first deadline; at most so many in all
    bonus: float
    bonus_max: float
    veto_caps_at: float
    veto_codes: frozenset[str]
    #: grade → least score, the best first
    grades: Mapping[str, float]
    inspections_a_year: Mapping[str, int]
    #: beginning of a division → what it aims at otherwise
    divisions: Mapping[str, Mapping[str, Aim]]
    aims: Mapping[str, Aim]

    def aims_of(self, division: str) -> Mapping[str, Aim]:
        """What counts in a division: the longest beginning of its code that says something wins, indicator by indicator."""
        found = dict(self.aims)
        for beginning in sorted(self.divisions, key=len):
            if division.startswith(beginning):
                found |= self.divisions[beginning]
        return found

    def grade(self, score: float) -> str:
        """The grade of a score."""
        return next(grade for grade, least in self.grades.items() if score >= least)


@cache
def policy() -> Policy:
    """The newest rules of this release."""
    path = newest(Path(__file__).parent.glob("policy.v*.yaml"))
    return load(path.read_text("utf-8"), name=path.name)


def load(text: str, *, name: str, sources: Collection[str] = ()) -> Policy:
    """Read a file of rules; `sources` are the sources hazards may have. Raises `RuleFileError` with every mistake."""
    return read(text, name=name, build=lambda reader, root: _policy(reader, root, sources))


def _policy(reader: Reader, root: Node, sources: Collection[str]) -> Policy:
    top = reader.entries(root, _TOP)
    limits = reader.entries(top["acknowledge_minutes"], ("high", "low"))
    off = reader.entries(top["deductions"], ("orange", "red", "at_most"))
    bonus = reader.entries(top["bonus"], ("own_major_in_time", "at_most"))
    found = Policy(
        version=reader.whole(top["version"], 1, 10_000),
        source=reader.label(top["source"]),
        few=reader.whole(top["few"], 1, 1_000),
        rank_from_weight=reader.whole(top["rank_from_weight"], 0, WHOLE),
        prior=reader.whole(top["prior"], 0, 1_000),
        own=_sources(reader, top["self"], sources),
        regulator=_sources(reader, top["regulator"], sources),
        severity=_numbers(reader, top["severity"]),
        norm_days=_numbers(reader, top["norm_days"]),
        cohort_months=reader.whole(top["cohort_months"], 1, 60),
        recurs_within_days=reader.whole(top["recurs_within_days"], 1, 3_660),
        acknowledge_minutes={key: reader.whole(node, 1, 1_440) for key, node in limits.items()},
        on_site_minutes=reader.whole(top["on_site_minutes"], 1, 1_440),
        freeze_after_days=reader.whole(top["freeze_after_days"], 0, 90),
        deductions={one: float(reader.decimal(off[one])) for one in ("orange", "red")},
        deductions_max=float(reader.decimal(off["at_most"])),
        bonus=float(reader.decimal(bonus["own_major_in_time"])),
        bonus_max=float(reader.decimal(bonus["at_most"])),
        veto_caps_at=float(reader.decimal(top["veto_caps_at"])),
        veto_codes=frozenset(reader.text(item) for item in reader.list(top["veto_codes"])),
        grades=_grades(reader, top["grades"]),
        inspections_a_year={
            key: reader.whole(node, 0, 366)
            for key, node in reader.entries(top["inspections_a_year"], GRADES).items()
        },
        divisions={
            key: {one: _aim(reader, node) for one, node in _known(reader, said).items()}
            for key, said in reader.map(top["divisions"]).items()
        },
        aims={key: _aim(reader, node) for key, node in reader.entries(top["indicators"], IDS).items()},
    )
    both = found.own & found.regulator
    if both:
        reader.wrong(
            top["regulator"].line, f"{', '.join(sorted(both))} stands on both sides.", "take it out of one."
        )
    weights = sum(aim.weight for aim in found.aims.values())
    if not reader.mistakes and round(weights, 6) != WHOLE:
        reader.wrong(top["indicators"].line, f"the weights make {weights:g}.", f"let them make {WHOLE}.")
    return found


def _aim(reader: Reader, node: Node) -> Aim:
    said = reader.entries(node, ("weight", "target", "floor"))
    weight, target, floor = (float(reader.decimal(said[name])) for name in ("weight", "target", "floor"))
    if target == floor:
        reader.wrong(node.line, "target and floor are the same.", "the target is the better of the two.")
    return Aim(weight, target, floor)


def _known(reader: Reader, node: Node) -> Mapping[str, Node]:
    for name in reader.map(node).keys() - set(IDS):
        reader.wrong(node.key_lines[name], f"{name!r} is no indicator.", "I01 to I25.")
    return {name: one for name, one in reader.map(node).items() if name in IDS}


def _grades(reader: Reader, node: Node) -> Mapping[str, float]:
    found = {key: float(reader.decimal(one)) for key, one in reader.entries(node, GRADES).items()}
    if list(found.values()) != sorted(found.values(), reverse=True) or found["D"] != 0:
        reader.wrong(node.line, "the grades do not fall to 0.", "A > B > C > D = 0.")
    return found


def _numbers(reader: Reader, node: Node) -> Mapping[str, float]:
    return {key: float(reader.decimal(one)) for key, one in reader.entries(node, SEVERITIES).items()}


def _sources(reader: Reader, node: Node, known: Collection[str]) -> frozenset[str]:
    if known:
        return reader.words(node, known)
    return frozenset(reader.text(item) for item in reader.list(node))
