"""The usual way each step is done, by the usual person; a story says only what is different."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from hazard_flow.catalogue import rows as catalogue
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.models import Hazard

MAJOR_CLAUSE = "PIP-M01"
GENERAL_BASIS = "VLV-G03"
#: 五落实, confirmed by whoever cancels a major
FIVE = ("five_responsibility", "five_measures", "five_funds", "five_time", "five_plan")


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
            "measures": "更换井盖并加固井圈，恢复警示标识",
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
        """The responsible person submits, with an after-photo for each before-photo and the papers the catalogue asks for."""
        form = {
            "completed_at": self.now.isoformat(),
            "measures_done": "已更换井盖并加固井圈，复测合格",
            "funds_used": "1200.50",
        }
        pieces = [*self.after_photos(hazard), *self.papers(hazard)] if evidence is None else evidence
        return self._act(by or self._responsible(hazard), hazard, "submit", form, given, pieces)

    def after_photos(self, hazard: Hazard) -> list[EvidenceItem]:
        """A new after-photo for each before-photo."""
        before = [e for e in self.evidence(hazard) if e.kind == "PHOTO_BEFORE"]
        return [self.photo("PHOTO_AFTER", stage="rectify", pair_of=e.sha256) for e in before]

    def papers(self, hazard: Hazard) -> list[EvidenceItem]:
        """What the hazard's row of the catalogue asks for beside photos and is not there yet."""
        now = self.look(hazard)
        row = catalogue.row(now.catalogue_code or "")
        kept = now.details.get("catalogue", {}).get(now.catalogue_code or "", {})
        there = {e.kind for e in self.evidence(hazard)}
        asked = kept.get("evidence") or (row.suggested_evidence if row else ())
        wanted = [code for code in asked if code not in there]
        return [self.photo(code, stage="rectify") for code in wanted if not code.startswith("PHOTO_")]

    def verify(
        self,
        hazard: Hazard,
        *,
        by: str | None = None,
        evidence: Sequence[EvidenceItem] | None = None,
        **given: Any,
    ) -> Outcome:
        """It passes on the spot, with a photo each: the first verifier signs, of a major every officer named."""
        form = {"on_site": True, "opinion": "整改到位，同意"}
        now = self.look(hazard)
        named = [self.name(v) for v in now.verifier_ids]
        for who in [by] if by else named if now.level == "major" else named[:1]:
            pieces = [self.photo("PHOTO_AFTER", stage="verify")] if evidence is None else evidence
            signed = self._act(who, hazard, "pass", form, dict(given), pieces)
        return signed

    def fail(self, hazard: Hazard, *, by: str | None = None, **given: Any) -> Outcome:
        """The first verifier fails it and sets a new deadline three days ahead."""
        form = {"reason": "填料处仍有微漏，读数未归零", "due_at": self.day(3)}
        pieces = [self.photo("PHOTO_AFTER", stage="verify")]
        return self._act(by or self._verifier(hazard), hazard, "fail", form, given, pieces)

    def close(self, hazard: Hazard, *, by: str | None = None, **given: Any) -> Outcome:
        """The closer cancels it; of a major, confirming the five implementations."""
        now = self.look(hazard)
        form: dict[str, Any] = {"opinion": "同意销号"}
        if now.level == "major":
            form |= dict.fromkeys(FIVE, True)
        return self._act(by or self.name(self._required(now.closer_id)), hazard, "close", form, given)

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
        """Walk the ordinary way up to a state; a major with all that is owed beside it."""
        steps: dict[str, tuple[Callable[[Hazard], object], ...]] = {
            "assigned": (self.assign,), "rectifying": (self.accept,), "submitted": (self.submit,),
            "verified": (self.verify,), "closed": (self.close,),
        }  # fmt: skip
        if hazard.level == "major":
            steps["submitted"] = (self.approve_plan, self.sign_completion, self.submit)
            steps["closed"] = (self.report_regulator, self.report_staff, self.notify_staff, self.close)
        for reached, walk in steps.items():
            for step in walk:
                step(hazard)
            if reached == state:
                return self.look(hazard)
        raise AssertionError(f"the ordinary way does not lead to {state}")

    # what a major asks beside the work

    def submit_plan(self, hazard: Hazard, *, by: str = "何安全", **given: Any) -> Outcome:
        """The governance plan with its six items."""
        form = {
            "plan_targets": "二十日内拆除占压建筑", "plan_methods": "协调拆除，迁改管线",
            "plan_funds": "三十二万元，已列支", "plan_people": "赵经理负责，运行一班实施",
            "plan_schedule": "一周内拆除，两周内迁改", "plan_safety": "现场值守，抢修队待命",
        }  # fmt: skip
        return self._act(by, hazard, "submit_plan", form, given)

    def decide_plan(self, hazard: Hazard, *, by: str = "韩总", **given: Any) -> Outcome:
        """The principal approves it."""
        form = {"decision": "approved", "opinion": "同意，资金予以保障"}
        return self._act(by, hazard, "decide_plan", form, given)

    def approve_plan(self, hazard: Hazard) -> Outcome:
        """Submitted and approved."""
        self.submit_plan(hazard)
        return self.decide_plan(hazard)

    def sign_completion(self, hazard: Hazard, *, by: str = "韩总", **given: Any) -> Outcome:
        """The principal signs that the work is done."""
        return self._act(by, hazard, "sign_completion", {"opinion": "同意申请复查"}, given)

    def report_regulator(self, hazard: Hazard, *, by: str = "何安全", **given: Any) -> Outcome:
        """The enterprise reports the major to the regulator."""
        form = {
            "current_state_and_cause": "违章建筑压在中压管线上方，巡查未及时制止",
            "harm_analysis": "泄漏可致楼内聚集爆炸，拆除需协调产权人",
        }
        return self._act(by, hazard, "report_regulator", form, given)

    def report_staff(
        self,
        hazard: Hazard,
        *,
        by: str = "何安全",
        evidence: Sequence[EvidenceItem] | None = None,
        **given: Any,
    ) -> Outcome:
        """And to the staff congress, with its minutes."""
        pieces = [self.photo("MEETING_RECORD", stage="control")] if evidence is None else evidence
        form = {"staff_notified_at": self.now.isoformat()}
        return self._act(by, hazard, "report_staff", form, given, pieces)

    def notify_staff(
        self,
        hazard: Hazard,
        *,
        by: str = "赵经理",
        evidence: Sequence[EvidenceItem] | None = None,
        **given: Any,
    ) -> Outcome:
        """The staff read it on the notice board."""
        pieces = [self.photo("PUBLIC_NOTICE_PHOTO", stage="control")] if evidence is None else evidence
        return self._act(by, hazard, "notify_staff", {}, given, pieces)

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
