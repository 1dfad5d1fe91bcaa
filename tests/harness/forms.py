"""The usual way each step is done, by the usual person; a story says only what is different."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.models import Hazard

MAJOR_CLAUSE = "PIP-M01"
GENERAL_BASIS = "VLV-G01"


class Forms:
    """The verbs of the city. `by` names somebody else, further names overrule fields of the form, `None` leaves one out."""

    def assign(self, hazard: Hazard, *, by: str = "何安全", **given: Any) -> Outcome:
        """Classify and assign: general within the enterprise, major to the regulator's officers."""
        major = self.look(hazard).level == "major"
        return self._act(by, hazard, "assign", self.major_order() if major else self.general_order(), given)

    def general_order(self) -> dict[str, Any]:
        """The form of an ordinary assignment: B, ten days, 王班长 mends, 徐复查 re-checks, 孟安全 cancels."""
        return {
            "urgency": "B",
            "basis": [GENERAL_BASIS],
            "responsible": self._id("王班长"),
            "verifiers": [self._id("徐复查")],
            "closer": self._id("孟安全"),
            "due_at": self.day(10),
            "measures": "更换阀门填料，复测气密性合格",
        }

    def major_order(self) -> dict[str, Any]:
        """The form of a major's assignment: 唐监管 and 梁处长 re-check, 陈处长 cancels."""
        return {
            "clause": [MAJOR_CLAUSE],
            "responsible": self._id("赵经理"),
            "verifiers": [self._id("唐监管"), self._id("梁处长")],
            "closer": self._id("陈处长"),
            "due_at": self.day(20),
            "measures": "拆除占压建筑并迁改管线",
            "funds_planned": "320000",
            "emergency_plan": "现场值守，备抢修队一支，随时停气",
        }

    def accept(self, hazard: Hazard, *, by: str | None = None, **given: Any) -> Outcome:
        """The responsible person accepts."""
        return self._act(by or self._responsible(hazard), hazard, "accept", {}, given)

    def submit(
        self,
        hazard: Hazard,
        *,
        by: str | None = None,
        evidence: Sequence[EvidenceItem] | None = None,
        **given: Any,
    ) -> Outcome:
        """The responsible person submits, with an after-photo for each before-photo."""
        form = {
            "completed_at": self.now.isoformat(),
            "measures_done": "已更换阀门填料，复测气密性合格",
            "funds_used": "1200.50",
        }
        pieces = self.after_photos(hazard) if evidence is None else evidence
        return self._act(by or self._responsible(hazard), hazard, "submit", form, given, pieces)

    def after_photos(self, hazard: Hazard) -> list[EvidenceItem]:
        """A new after-photo for each before-photo."""
        before = [e for e in self.evidence(hazard) if e.kind == "PHOTO_BEFORE"]
        return [self.photo("PHOTO_AFTER", stage="rectify", pair_of=e.sha256) for e in before]

    def verify(
        self,
        hazard: Hazard,
        *,
        by: str | None = None,
        evidence: Sequence[EvidenceItem] | None = None,
        **given: Any,
    ) -> Outcome:
        """The first verifier passes it on the spot, with a photo."""
        pieces = [self.photo("PHOTO_AFTER", stage="verify")] if evidence is None else evidence
        form = {"on_site": True, "opinion": "整改到位，同意"}
        return self._act(by or self._verifier(hazard), hazard, "pass", form, given, pieces)

    def fail(self, hazard: Hazard, *, by: str | None = None, **given: Any) -> Outcome:
        """The first verifier fails it and sets a new deadline three days ahead."""
        form = {"reason": "填料处仍有微漏，读数未归零", "due_at": self.day(3)}
        pieces = [self.photo("PHOTO_AFTER", stage="verify")]
        return self._act(by or self._verifier(hazard), hazard, "fail", form, given, pieces)

    def close(self, hazard: Hazard, *, by: str | None = None, **given: Any) -> Outcome:
        """The closer cancels it."""
        closer = by or self.name(self._required(self.look(hazard).closer_id))
        return self._act(closer, hazard, "close", {"opinion": "同意销号"}, given)

    def control(self, hazard: Hazard, *, by: str = "周调度", **given: Any) -> Outcome:
        """The duty desk puts a guard at the place: the make-safe clock ends."""
        return self._act(by, hazard, "start_control", {"control": "GUARD"}, given)

    def lift_control(self, hazard: Hazard, *, by: str = "何安全", **given: Any) -> Outcome:
        """The guard is taken off, with a photo of how the place looks."""
        pieces = [self.photo("PHOTO_AFTER", stage="control")]
        return self._act(by, hazard, "lift_control", {}, given, pieces)

    def dismiss(self, hazard: Hazard, *, by: str = "何安全", **given: Any) -> Outcome:
        """It was nothing."""
        return self._act(by, hazard, "dismiss", {"reason": "现场复核，为施工扬尘，并非漏气"}, given)

    def escalate_to_major(self, hazard: Hazard, *, by: str = "何安全", **given: Any) -> Outcome:
        """It is worse than it looked."""
        form = {"clause": [MAJOR_CLAUSE], "reason": "管线上方新发现违章建筑"}
        return self._act(by, hazard, "escalate_to_major", form, given)

    def acknowledge(self, hazard: Hazard, *, by: str, **given: Any) -> Outcome:
        """Somebody has seen it."""
        return self._act(by, hazard, "acknowledge", {}, given)

    def bring_to(self, hazard: Hazard, state: str) -> Hazard:
        """Walk the ordinary way up to a state."""
        steps = {"assigned": self.assign, "rectifying": self.accept, "submitted": self.submit,
                 "verified": self.verify, "closed": self.close}  # fmt: skip
        for reached, step in steps.items():
            step(hazard)
            if reached == state:
                return self.look(hazard)
        raise AssertionError(f"the ordinary way does not lead to {state}")

    def day(self, days: int) -> str:
        """A date so many days ahead."""
        return (self.now + timedelta(days=days)).date().isoformat()

    def _act(
        self,
        by: str,
        hazard: Hazard,
        action: str,
        form: dict[str, Any],
        given: dict[str, Any],
        evidence: Sequence[EvidenceItem] = (),
    ) -> Outcome:
        door = {name: given.pop(name) for name in ("key", "expected_version") if name in given}
        fields = {name: value for name, value in {**form, **given}.items() if value is not None}
        return self.act(by, hazard, action, evidence=evidence, **door, **fields)

    def _id(self, name: str) -> str:
        return str(self.person(name))

    def _responsible(self, hazard: Hazard) -> str:
        return self.name(self._required(self.look(hazard).responsible_id))

    def _verifier(self, hazard: Hazard) -> str:
        return self.name(self.look(hazard).verifier_ids[0])

    @staticmethod
    def _required(id_: Any) -> Any:
        assert id_ is not None, "nobody has that part"
        return id_
