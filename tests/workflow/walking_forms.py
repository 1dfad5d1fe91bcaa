"""What somebody on a random walk writes into a form and brings along: mostly what is asked for, sometimes not."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hazard_flow.workflow.definition import Action
from hazard_flow.workflow.needs_rules import NeedRule
from hazard_flow.workflow.permitted import BEFORE, EvidenceView

if TYPE_CHECKING:
    from tests.workflow.walking import Walker

#: how often a field that may be left out is filled in
OFTEN = {"responsible": 0.5, "verifiers": 0.5, "closer": 0.5}
SELDOM, TICKED, BROUGHT = 0.05, 0.9, 0.9


class Forms:
    """Fills forms for one walker."""

    def __init__(self, walker: "Walker") -> None:
        self.walker = walker
        self.dice = walker.dice

    def fill(self, action: Action, actor: str | None) -> dict[str, Any]:
        """The values of a form."""
        return {
            need.field: self.answer(need.rule, actor)
            for need in action.needs
            if need.required or need.rule.when or self.dice.random() < OFTEN.get(need.field, SELDOM)
        }

    def answer(self, rule: NeedRule, actor: str | None) -> Any:
        """One value; in forms people name themselves more often than chance would."""
        known, walker = rule.known, self.walker
        able = [n for n in walker.people if walker.person_ok(n, rule.person) is None] or list(walker.people)
        me = [actor] if actor in able and self.dice.random() < 0.4 else []
        match known.type:
            case "person":
                return (me or [self.dice.choice(able)])[0]
            case "people":
                count = self.dice.randint(1, min(3, len(able)))
                return sorted({*me, *self.dice.sample(able, count)})
            case "choice" | "control":
                return self.dice.choice(rule.choices or tuple(known.choices))
            case "deadline":
                return (walker.now + timedelta(days=self.dice.choice((1, 3, 6, 25)))).isoformat()
            case "instant":
                return (walker.now - timedelta(minutes=5)).isoformat()
            case "flag":
                return self.dice.random() < TICKED
            case "clauses":
                return ["GAS-G01"]
            case "hazard":
                return "YH-990102-20260302-0007"
            case "text":
                return "as it was done, in a dozen words"[: known.at_most]
            case _:
                return str(known.minimum or 0)

    def evidence(self, action: Action) -> Sequence[EvidenceView]:
        """What comes with the act: what the rule asks for, or now and then nothing."""
        rule = action.evidence
        if rule is None or self.dice.random() > BROUGHT:
            return ()
        kinds: list[str] = []
        for word, count in rule.at_least.items():
            codes = self.walker.vocabulary.evidence[word].codes
            kinds += ["PHOTO_AFTER" if word == "photo" else codes[0]] * count
        if rule.pair_each is not None:
            kinds += ["PHOTO_AFTER"] * sum(piece.kind == BEFORE for piece in self.walker.evidence)
        start = len(self.walker.evidence)
        return [EvidenceView(f"{start + n}", kind) for n, kind in enumerate(kinds)]
