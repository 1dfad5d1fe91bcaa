"""What operator and regulator may do beside the work: tell the user, stop and resume gas, list, hand to enforcement, inspect, punish."""

import itertools
from typing import Any

from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.models import Hazard
from tests.harness.verbs import Pieces, Verbs

_numbers = itertools.count(1)


class Measures(Verbs):
    """Further verbs of the city, in the manner of `Forms`."""

    # at the user's

    def household(self, **data: Any) -> Hazard:
        """A hazard found at a user's, treated as the user's own to mend."""
        hazard = self.report("灶具连接软管老化开裂", source="household_check", suspected_urgency="A", **data)
        self._act("李巡检", hazard, "to_household", {"user_number": "990102-51377"}, {})
        return self.look(hazard)

    def serve_notice(
        self, hazard: Hazard, *, by: str = "李巡检", evidence: Pieces = None, **given: Any
    ) -> Outcome:
        """The user is told in writing, and signs."""
        form = {
            "delivery": "signed",
            "prescribed_measures": "现场关阀并张贴警示",
            "measures": "更换不锈钢波纹软管",
        }
        pieces = [self.photo("NOTICE_SIGNED", stage="control")] if evidence is None else evidence
        return self._act(by, hazard, "serve_notice", form, given, pieces)

    def record_absence(
        self, hazard: Hazard, *, by: str = "李巡检", evidence: Pieces = None, **given: Any
    ) -> Outcome:
        """Nobody is at home; the notice is posted and photographed."""
        pieces = [self.photo("ABSENCE_NOTICE_PHOTO", stage="control")] if evidence is None else evidence
        return self._act(by, hazard, "record_absence", {"visit_result": "absent"}, given, pieces)

    def record_visit(self, hazard: Hazard, *, by: str = "李巡检", **given: Any) -> Outcome:
        """Somebody was at home."""
        form = {"visit_result": "done", "note": "用户同意周六更换软管"}
        return self._act(by, hazard, "record_visit", form, given)

    def stop_gas(self, hazard: Hazard, *, by: str = "李巡检", **given: Any) -> Outcome:
        """Gas is stopped, in an emergency unless told otherwise."""
        form = {
            "gas_ground": "emergency", "gas_basis": "供用气合同第九条", "safety_told": True, "life_impact_told": True,
            "resume_condition": "软管更换并检漏合格", "seal_number": "F-2031",
        }  # fmt: skip
        return self._act(by, hazard, "stop_gas", form, given)

    def resume_gas(
        self, hazard: Hazard, *, by: str = "李巡检", evidence: Pieces = None, **given: Any
    ) -> Outcome:
        """Gas flows again after a test."""
        form = {
            "gastight_result": "passed",
            "gastight_record": "5 kPa 保压 10 min 无压降",
            "safety_told": True,
        }
        pieces = [self.photo("GASTIGHT_TEST", stage="control")] if evidence is None else evidence
        return self._act(by, hazard, "resume_gas", form, given, pieces)

    # the regulator's

    def request_transfer(self, hazard: Hazard, *, by: str = "唐监管", **given: Any) -> Outcome:
        """The case goes to enforcement."""
        form = {
            "receiving_body": "城东区综合行政执法局", "case_facts": "企业逾期不整改，存在现实危险",
            "case_materials": "现场检查记录\n整改指令书", "transfer_basis": "安全生产法 第一百零二条",
        }  # fmt: skip
        return self._act(by, hazard, "request_transfer", form, given)

    def accept_transfer(self, hazard: Hazard, *, by: str, **given: Any) -> Outcome:
        """Enforcement takes it."""
        return self._act(by, hazard, "accept_transfer", {"note": "已立案"}, given)

    def return_transfer(self, hazard: Hazard, *, by: str, **given: Any) -> Outcome:
        """Enforcement gives it back."""
        return self._act(by, hazard, "return_transfer", {"reason": "材料不全，退回补正"}, given)

    def withdraw_transfer(self, hazard: Hazard, *, by: str = "唐监管", **given: Any) -> Outcome:
        """Whoever handed it over takes it back."""
        return self._act(by, hazard, "withdraw_transfer", {"reason": "企业已主动整改"}, given)

    def list_(self, hazard: Hazard, *, by: str = "卢主任", **given: Any) -> Outcome:
        """It is put under listed supervision, at the city's level unless told otherwise."""
        form = {
            "listing_body": "云泽市安委会办公室", "listing_level": "city", "listing_number": "云安办督〔2026〕7号",
            "listing_requirement": "限期拆除占压建筑并迁改管线", "supervising_unit": "城东区燃气管理局",
        }  # fmt: skip
        return self._act(by, hazard, "list", form, given)

    def publish_listing(self, hazard: Hazard, *, by: str = "卢主任", **given: Any) -> Outcome:
        """The public can read of it."""
        return self._act(by, hazard, "publish_listing", {"publish_url": "https://yunze.example/7"}, given)

    def lift_listing(
        self, hazard: Hazard, *, by: str = "卢主任", evidence: Pieces = None, **given: Any
    ) -> Outcome:
        """It is taken off the list on the acceptance report."""
        pieces = [self.photo("ACCEPT_REPORT", stage="verify")] if evidence is None else evidence
        form = {"acceptance_opinion": "经验收符合摘牌条件"}
        return self._act(by, hazard, "lift_listing", form, given, pieces)

    def publish_lifting(self, hazard: Hazard, *, by: str = "卢主任", **given: Any) -> Outcome:
        """In the same place."""
        return self._act(by, hazard, "publish_lifting", {"publish_url": "https://yunze.example/9"}, given)

    def inspect(self, hazard: Hazard, *, by: str = "唐监管", **given: Any) -> Outcome:
        """Two officers were there, in writing."""
        form = {
            "inspected_from": self.now.isoformat(), "officers": [self._id("唐监管"), self._id("梁处长")],
            "officer_certificates": "ZF-0011\nZF-0012", "identity_shown": True, "inspection_content": "占压拆除进度",
            "problems": "围挡缺口一处", "handling": "当场封闭",
        }  # fmt: skip
        return self._act(by, hazard, "record_inspection", form, given)

    def record_penalty(self, hazard: Hazard, *, by: str = "唐监管", **given: Any) -> Outcome:
        """The enterprise was fined, by a decision of its own number."""
        form = {
            "penalty_number": f"云燃罚〔2026〕{next(_numbers)}号",
            "penalty_at": self.now.isoformat(),
            "penalty_kind": "fine",
        }
        pieces = [self.photo("ENFORCEMENT_DOC", stage="audit")]
        return self._act(by, hazard, "record_penalty", form, given, pieces)
