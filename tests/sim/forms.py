"""What somebody writes into a form and brings along: mostly what is asked for, sometimes not."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.listed import kept_evidence
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.roles import REGULATOR_ROLES
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.needs_rules import NeedRule
from hazard_flow.workflow.vocabulary import Vocabulary
from tests.sim.cast import Cast
from tests.sim.pictures import picture_of

#: how often a field that may be left out is filled in, how often a box is ticked, how often a decision is a yes
_OFTEN, _SELDOM, _TICKED, _YES = 0.5, 0.04, 0.93, 0.75
_PARTS = ("responsible", "verifiers", "closer")
_CATALOGUE_CODES = ("VLV-G03", "VLV-G01", "PIP-G01", "安全生产法 第四十一条")
_MAJOR_CODES = ("PIP-M01", "PIP-M02")
#: phrases people write; long enough for every form
_PHRASES = (
    "现场核实属实，已按方案落实各项措施",
    "井盖破损移位，周边设置围挡并派人值守",
    "材料已到场，正在组织施工，预计按期完成",
    "读数已归零，复测合格，同意进入下一步",
)
#: days a deadline lies ahead; too far ones are refused, as they should be
_DAYS = (1, 2, 3, 3, 5, 6, 7, 9, 20)


@dataclass(frozen=True)
class Case:
    """A hazard somebody has in front of them."""

    hazard: Hazard
    stored: Sequence[Evidence]
    workflow: Workflow


@dataclass(frozen=True)
class Forms:
    """Fills forms for the people of one city."""

    dice: Random
    cast: Cast
    vocabulary: Vocabulary

    def fill(
        self, action: Action, case: Case, actor: uuid.UUID | None, now: datetime, *, others: Sequence[str]
    ) -> dict[str, Any]:
        """The values of a form; `others` are numbers of hazards one may merge into."""
        filled: dict[str, Any] = {}
        for need in action.needs:
            rule = need.rule
            asked = rule.required or rule.when or rule.or_asset
            often = _OFTEN if need.field in _PARTS else _SELDOM
            if (
                asked and not (rule.default is not None and self.dice.random() < _OFTEN)
            ) or self.dice.random() < often:
                filled[need.field] = self._answer(need.field, rule, case, actor, now, filled, others)
        return {name: value for name, value in filled.items() if value is not None}

    def spoil(self, filled: dict[str, Any]) -> dict[str, Any]:
        """The same form filled in badly: a field left out, or holding what it cannot."""
        if not filled:
            return {"no_such_field": "x"}
        name = self.dice.choice(sorted(filled))
        wrong = self.dice.choice(
            (None, "", "?", -1, ["x"], {"a": 1}, "2026-13-40", str(uuid.UUID(int=self.dice.getrandbits(128))))
        )
        left = {n: value for n, value in filled.items() if n != name}
        return left if wrong is None else {**left, name: wrong}

    def evidence(self, action: Action, case: Case | None, now: datetime) -> list[EvidenceItem]:
        """What comes with the act: what its rule asks for, and what the catalogue does."""
        rule = action.evidence
        if rule is None:
            return []
        kinds = [kind for word, count in rule.at_least.items() for kind in [self._code(word)] * count]
        before = (
            [e.sha256 for e in case.stored if e.kind == "PHOTO_BEFORE"] if case and rule.pair_each else []
        )
        also: list[str] = []
        if case is not None and rule.also == "catalogue":
            there = {e.kind for e in case.stored}
            also = [
                kind
                for kind in kept_evidence(case.hazard)
                if kind not in there and not kind.startswith("PHOTO_")
            ]
        pieces = [self.piece(kind, now) for kind in [*kinds, *also]]
        return pieces + [self.piece("PHOTO_AFTER", now, pair_of=sha256) for sha256 in before]

    def piece(self, kind: str, now: datetime, *, pair_of: str | None = None) -> EvidenceItem:
        """A file as intake hands it to the door, taken a little while ago by a device of its own clock."""
        taken_at, sha256 = now - timedelta(seconds=self.dice.randrange(3600)), self.dice.randbytes(32).hex()
        return EvidenceItem(
            sha256=sha256, size=self.dice.randrange(1_000, 4_000_000), mime="image/jpeg", stage="rectify", kind=kind,
            filename=f"{kind.lower()}.jpg", captured_at=taken_at, exif_at=None, received_at=now, lon=None, lat=None, crs=None,
            accuracy_m=None, display_sha256=picture_of(sha256), width=1600, height=1200, pair_of=pair_of, phash=None,
        )  # fmt: skip

    def _code(self, word: str) -> str:
        if word == "photo":
            return "PHOTO_AFTER"
        codes = self.vocabulary.evidence[word].codes
        return self.dice.choice(codes) if word != "any" else "SITE_RECORD"

    def _answer(
        self,
        name: str,
        rule: NeedRule,
        case: Case,
        actor: uuid.UUID | None,
        now: datetime,
        filled: dict[str, Any],
        others: Sequence[str],
    ) -> Any:
        known = rule.known
        match known.type:
            case "person" | "people":
                return self._people(rule, case, actor, filled, many=known.type == "people")
            case "choice" | "control":
                if name == "decision":
                    return "approved" if self.dice.random() < _YES else "rejected"
                return self.dice.choice(rule.choices or tuple(known.choices) or ("GUARD",))
            case "deadline":
                return (now + timedelta(days=self.dice.choice(_DAYS))).date().isoformat()
            case "instant":
                return (now - timedelta(minutes=self.dice.randrange(1, 90))).isoformat()
            case "flag":
                return rule.confirmed or self.dice.random() < _TICKED
            case "clauses":
                return [
                    self.dice.choice(
                        _MAJOR_CODES if rule.clauses_of == "national_major" else _CATALOGUE_CODES
                    )
                ]
            case "hazard":
                return self.dice.choice(others) if others else None
            case "text":
                return self.dice.choice(_PHRASES)[: min(known.at_most, rule.at_most or known.at_most)]
            case _:
                return str(known.minimum or 0)

    def _people(
        self, rule: NeedRule, case: Case, actor: uuid.UUID | None, filled: dict[str, Any], *, many: bool
    ) -> Any:
        able = self._able(rule, case, actor, filled)
        if not able:
            return None
        count = min(len(able), max(rule.at_least, self.dice.choice((1, 1, 2)))) if many else 1
        chosen = [str(id_) for id_ in self.dice.sample(able, count)]
        return chosen if many else chosen[0]

    def _able(
        self, rule: NeedRule, case: Case, actor: uuid.UUID | None, filled: dict[str, Any]
    ) -> list[uuid.UUID]:
        """Who may be named, as far as whoever fills the form can tell."""
        hazard, wanted = case.hazard, set(rule.person.roles)
        barred = {hazard.reporter_id} if "reporter_if_alone" in rule.other_than else set()
        for part in rule.other_than:
            named = filled.get(part, _holders(hazard, part, actor))
            barred |= {
                uuid.UUID(str(one)) for one in (named if isinstance(named, list | tuple) else [named]) if one
            }
        home = hazard.home_id.hex + "/"
        found = []
        for one in self.cast.present():
            inside = {h.role for h in one.holdings if h.path.startswith(home)}
            officer = {r for r in one.roles_at(path="", division=hazard.division) if r in REGULATOR_ROLES}
            held = inside if rule.person.within else inside | officer
            fits = held & wanted if wanted else held - {"administrator"}
            if fits and one.id is not None and one.id not in barred:
                found.append(one.id)
        return found


def _holders(hazard: Hazard, part: str, actor: uuid.UUID | None) -> Any:
    if part == "verifiers":
        return hazard.verifier_ids
    return actor if part == "actor" else getattr(hazard, f"{part}_id", None)
