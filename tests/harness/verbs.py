"""What people do on the way beside the ordinary steps: classify anew, ask for time, stop and go on, fix at once, join and part."""

import uuid
from collections.abc import Sequence
from typing import Any

from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards import operations
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.models import Hazard
from tests.harness.forms import Forms

Pieces = Sequence[EvidenceItem] | None


class Verbs(Forms):
    """Further verbs of the city, in the manner of `Forms`."""

    # what it is

    def raise_urgency(self, hazard: Hazard, *, by: str = "王班长", **given: Any) -> Outcome:
        """It is more urgent than it looked."""
        form = {"urgency": "A", "reason": "井盖边缘继续塌陷，行人通行受影响"}
        return self._act(by, hazard, "raise_urgency", form, given)

    def request_lowering(self, hazard: Hazard, *, by: str = "何安全", **given: Any) -> Outcome:
        """Somebody thinks it is less than it was taken for; of a general hazard they say how urgent it is instead."""
        form: dict[str, Any] = {"reason": "现场复核，影响范围小于原判断"}
        if self.look(hazard).level == "general":
            form["requested_urgency"] = "C"
        return self._act(by, hazard, "request_lowering", form, given)

    def decide_lowering(self, hazard: Hazard, *, by: str = "韩总", **given: Any) -> Outcome:
        """A second person agrees to the lower urgency."""
        form = {"decision": "approved", "opinion": "同意调整等级"}
        return self._act(by, hazard, "decide_lowering", form, given)

    def lower_to_general(self, hazard: Hazard, *, by: str = "唐监管", **given: Any) -> Outcome:
        """The second person agrees that it is no major."""
        form = {"urgency": "B", "opinion": "经核实不在判定标准所列情形之内"}
        return self._act(by, hazard, "lower_to_general", form, given)

    def refuse_lowering(self, hazard: Hazard, *, by: str = "唐监管", **given: Any) -> Outcome:
        """It stays a major."""
        return self._act(by, hazard, "refuse_lowering", {"reason": "占压事实清楚，不予降级"}, given)

    # hands it passes through

    def give_back(self, hazard: Hazard, *, by: str | None = None, **given: Any) -> Outcome:
        """The responsible person returns it."""
        form = {"return_reason": "not_mine", "note": "该阀井不归本班管理"}
        return self._act(by or self._responsible(hazard), hazard, "return", form, given)

    def reassign(self, hazard: Hazard, to: str, *, by: str = "赵经理", **given: Any) -> Outcome:
        """Somebody else mends it."""
        form = {"responsible": self._id(to), "reason": "原责任人另有抢修任务"}
        return self._act(by, hazard, "reassign", form, given)

    def name_officers(self, hazard: Hazard, *, by: str = "唐监管", **given: Any) -> Outcome:
        """The regulator's officers take over the re-check and the cancellation: before it is handed in by reassigning, then by naming."""
        action = "name_officers" if self.look(hazard).state == "submitted" else "reassign"
        form = {
            "verifiers": [self._id("唐监管"), self._id("梁处长")],
            "closer": self._id("陈处长"),
            "reason": "升为重大，改由监管部门复查销号",
        }
        return self._act(by, hazard, action, form, given)

    def progress(self, hazard: Hazard, *, by: str | None = None, **given: Any) -> Outcome:
        """The responsible person tells how far it is."""
        form = {"percent": 40, "note": "材料已到场，正在施工"}
        return self._act(by or self._responsible(hazard), hazard, "progress", form, given)

    # time

    def request_extension(
        self, hazard: Hazard, *, by: str | None = None, days: int = 15, **given: Any
    ) -> Outcome:
        """The responsible person asks for more time, so many days from now."""
        form = {
            "requested_due_at": self.day(days), "extension_reason": "materials", "extension_note": "井盖定制件延迟到货",
            "safety_during": "围挡警示，每日两次巡查，夜间设警示灯", "percent": 60,
        }  # fmt: skip
        return self._act(by or self._responsible(hazard), hazard, "request_extension", form, given)

    def decide_extension(self, hazard: Hazard, *, by: str | None = None, **given: Any) -> Outcome:
        """Whoever decides agrees: the safety director, of a major the county officer."""
        form = {"decision": "approved", "opinion": "同意延期，落实保障措施"}
        usual = "唐监管" if self.look(hazard).level == "major" else "何安全"
        return self._act(by or usual, hazard, "decide_extension", form, given)

    def suspend(self, hazard: Hazard, *, by: str | None = None, days: int = 14, **given: Any) -> Outcome:
        """Something outside stands in the way; it is looked at again on a day."""
        form = {
            "reason": "须待道路管理单位批准占道施工",
            "monitoring": "每日巡查并拍照",
            "review_at": self.day(days),
        }
        usual = "唐监管" if self.look(hazard).level == "major" else "何安全"
        return self._act(by or usual, hazard, "suspend", form, given)

    def review(self, hazard: Hazard, *, by: str = "何安全", days: int = 14, **given: Any) -> Outcome:
        """It still stands in the way."""
        form = {"reason": "占道许可仍在审批，继续挂起", "review_at": self.day(days)}
        return self._act(by, hazard, "review", form, given)

    def resume(self, hazard: Hazard, *, by: str = "何安全", **given: Any) -> Outcome:
        """The way is free."""
        return self._act(by, hazard, "resume", {}, given)

    def send_back(self, hazard: Hazard, *, by: str = "唐监管", **given: Any) -> Outcome:
        """A check of the re-checked finds it wanting."""
        return self._act(by, hazard, "send_back", {"reason": "现场抽查仍不符合要求，退回整改"}, given)

    # on the spot

    def fix_on_site(
        self, hazard: Hazard, *, by: str = "李巡检", evidence: Pieces = None, **given: Any
    ) -> Outcome:
        """Whoever is there mends it at once and photographs it again."""
        form = {"completed_at": self.now.isoformat(), "measures_done": "井盖复位并锁紧"}
        pieces = [*self.after_photos(hazard), *self.papers(hazard)] if evidence is None else evidence
        return self._act(by, hazard, "fix_on_site", form, given, pieces)

    def confirm_fix(self, hazard: Hazard, *, by: str = "王班长", **given: Any) -> Outcome:
        """A second person has looked at it."""
        return self._act(by, hazard, "confirm_fix", {"opinion": "已复位，同意"}, given)

    def reject_fix(self, hazard: Hazard, *, by: str = "王班长", **given: Any) -> Outcome:
        """A second person is not content."""
        return self._act(by, hazard, "reject_fix", {"reason": "照片未拍清井圈，须现场处理"}, given)

    # joining and parting

    def merge(self, hazard: Hazard, into: Hazard | str, *, by: str = "何安全", **given: Any) -> Outcome:
        """One finding was reported twice; this one ends in the other."""
        number = into if isinstance(into, str) else into.number
        form = {"merge_into": number, "reason": "与在办隐患为同一处问题"}
        return self._act(by, hazard, "merge", form, given)

    def split(self, hazard: Hazard, *, by: str = "何安全", **given: Any) -> Hazard:
        """There are two faults in it; the second hazard."""
        form = {
            "title": "井内爬梯锈断",
            "description": "同一阀井内爬梯锈蚀断裂，影响下井",
            "suspected_urgency": "B",
        }
        outcome = self._act(by, hazard, "split", form, given)
        number = next(e for e in self.events(hazard) if e.seq == outcome.event.seq).data["spawned"]
        return next(h for h in self.hazards() if h.number == number)

    def relapse(
        self, of: Hazard, *, by: str = "李巡检", description: str = "井盖再次破损移位", **data: Any
    ) -> Hazard:
        """What was cancelled has come back."""
        return self._report(by, description, reopen_of_id=of.id, **data)

    # past one's manager

    def report_protected(
        self,
        description: str = "班长要求带压作业不办票，多次反映无果",
        *,
        by: str = "李巡检",
        evidence: Pieces = None,
        **data: Any,
    ) -> Hazard:
        """Somebody reports to the regulator alone."""
        return self._report(by, description, action="report_protected", evidence=evidence, **data)

    def take_up(self, hazard: Hazard, *, by: str = "唐监管", **given: Any) -> Outcome:
        """The regulator hands it to the enterprise."""
        return self._act(by, hazard, "take_up", {"opinion": "经初核属实，转企业整改"}, given)

    def _report(
        self,
        by: str,
        description: str,
        *,
        action: str | None = None,
        reopen_of_id: uuid.UUID | None = None,
        evidence: Pieces = None,
        asset: str | None = None,
        key: str | None = None,
        **data: Any,
    ) -> Hazard:
        actor = self.actor(by)
        with self.database.transaction(actor.scope) as session:
            outcome = operations.report(
                session,
                actor=actor,
                request_key=key or uuid.uuid4().hex,
                data={"description": description, "place": "青梧路 12 号", **data},
                now=self.now,
                evidence=tuple([self.photo()] if evidence is None else evidence),
                asset_id=self.founded.assets[asset] if asset else None,
                action=action,
                reopen_of_id=reopen_of_id,
            )
        assert outcome.hazard is not None
        return outcome.hazard
