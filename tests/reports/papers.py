"""A city whose people issue every kind of paper through the real door, with full forms natural enough to judge a page by."""

# ruff: noqa: E501 - a form is easier to read in few lines

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules, install_rules
from hazard_flow.identity.models import Organisation
from hazard_flow.resources import resource_dir
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.workflow.loader import load_text
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.founding import rules


@dataclass(frozen=True)
class Act:
    """How a kind of paper comes to be: the act, who does it, and a form filled in well."""

    action: str
    who: str
    form: Mapping[str, Any]


OFFICERS = {"officers": ["唐监管", "梁处长"], "officer_certificates": "99-0102-0017\n99-0100-0003"}
REFUSED = {
    "refused_to_sign": True,
    "refusal_reason": "当事人称须请示公司后再签，现场拒绝签字。",
    "refusal_witnesses": "社区网格员周晓兰、物业经理高建国",
}
HOME = {
    "user_number": "HC-0418-2207",
    "user_name": "钱多多",
    "user_phone": "13900001234",
    "flat": "3幢2单元402室",
}
HOTLINE = {"hotline": "96577（24小时）"}

ACTS: Mapping[str, Act] = {
    "site_inspection_record": Act("inspect", "唐监管", {
        "inspected_from": "2026-11-02T08:30:00+08:00", "inspected_to": "2026-11-02T08:55:00+08:00", **OFFICERS, "identity_shown": True,
        "inspection_content": "青梧路一线阀井、调压箱的运行维护情况，巡检记录和应急处置准备。",
        "problems": "青梧路12号阀井内法兰渗漏，井内可燃气体浓度18%LEL；\n井盖锁具缺失，无警示标识；\n9月、10月阀井巡检记录不全。",
        "handling": "对第1项责令立即采取管控措施，另行下达整改指令；对第2、3项当场要求限期改正。",
        "unit_address": "云泽市城东区听潮路88号", "unit_principal": "韩明远", "unit_phone": "0990-5551234",
        "unit_opinion": "情况属实，立即组织整改。",
    }),
    "rectification_order": Act("order", "唐监管", {
        "due_at": "2026-11-22", "clause": ["PIP-M01"], **OFFICERS,
        "measures": "拆除占压管线的违章建筑，迁改受影响的中压管段；\n恢复管线保护范围标识，更新管网台账。",
        "emergency_plan": "拆除前停止占压建筑内一切用火用电，派人24小时值守，抢修队原地待命。",
        "remedy_body": "云泽市城东区人民政府", "remedy_court": "云泽市城东区人民法院", **REFUSED,
    }),
    "recheck_opinion": Act("confirm", "唐监管", {
        "recheck_at": "2026-11-02T08:50:00+08:00", "recheck_result": "partly", "opinion": "法兰渗漏已消除；井盖锁具尚未恢复，第2项未整改到位。",
        "further_handling": "限于2026年11月6日前恢复井盖锁具并报送照片，逾期未改的依法处理。", "leak_reading": "0", "leak_unit": "pct_lel",
        "instrument_number": "XP-3110 2207-38", **OFFICERS, "unit_opinion": "无异议。",
    }),
    "user_notice": Act("notify_user", "李巡检", {
        **HOME, **HOTLINE, "measures": "更换超期使用的胶管，两端加装管卡；\n将热水器改为烟管直通室外。", "due_at": "2026-11-12", "liable_party": "user",
        **REFUSED,
    }),
    "internal_slip": Act("slip", "何安全", {
        "due_at": "2026-11-12", "measures": "更换阀门填料和法兰垫片，24小时保压合格后恢复；\n补配井盖锁具和警示标识。",
        "funds_planned": "18600", "emergency_plan": "切断上游阀门，强制通风，设10米警戒；泄漏扩大时启动三级响应。",
    }),
    "extension_request": Act("ask_for_time", "韩总", {
        "requested_due_at": "2026-12-12", "extension_reason": "permits", "percent": "60",
        "extension_note": "占道施工许可尚在公安交管部门审批，预计11月20日办结；管材已到货，施工队伍已落实。",
        "safety_during": "占压段降压运行，每日两次检漏并记录；\n建筑物内停止用火，安排专人24小时值守。",
    }),
    "extension_reply": Act("answer", "唐监管", {"decision": "approved", "due_at": "2026-12-10", "opinion": "请于每周五报送检漏记录。"}),
    "listing_notice": Act("list", "卢主任", {
        "listing_body": "云泽市安全生产委员会办公室", "listing_level": "city", "listing_number": "云安督牌2026-07", "due_at": "2027-01-31",
        "supervising_unit": "云泽市燃气管理局", "supervising_person": "陈处长", "supervising_phone": "0990-5550001",
        "publish_url": "https://www.yunze.example/anquan/2026/07.html", "listing_requirement": "11月15日前将治理方案报本机关备案。",
    }),
    "lifting_notice": Act("unlist", "卢主任", {
        "listing_body": "云泽市安全生产委员会办公室", "listing_number": "云安督牌2026-07",
        "acceptance_opinion": "经专家组现场验收，占压建筑已拆除，迁改管段强度和严密性试验合格，资料齐全，同意通过验收。",
        "measures_done": "拆除违章建筑142平方米，迁改DN300中压管线86米。", "completed_at": "2026-11-02T08:00:00+08:00",
        "publish_url": "https://www.yunze.example/anquan/2026/07-2.html",
    }),
    "gas_stop_notice": Act("pause_gas", "李巡检", {
        "reason": "胶管破损漏气，当场无法修复，且存在直排式热水器。", "leak_reading": "0", "leak_unit": "pct_lel", "instrument_number": "XP-3110 2207-41",
        "stop_at": "2026-11-02T08:40:00+08:00", "gas_basis": "《城镇居民供用气合同》第七条第（三）项", "seal_number": "表前阀 / 铅封 A-00518", "affected_users": 1,
        "safety_told": True, "life_impact_told": True, "reported_to_authority": False,
        "resume_condition": "更换胶管并加管卡，拆除直排式热水器，气密性试验合格。", **HOTLINE,
    }),
    "gas_resume_form": Act("restore_gas", "李巡检", {
        "resume_requested_at": "2026-11-02T08:10:00+08:00", "gastight_result": "passed", "gastight_record": "5 kPa，10 分钟，压降 0", "leak_reading": "0",
        "leak_unit": "pct_lel", "instrument_number": "XP-3110 2207-41", "resumed_at": "2026-11-02T08:55:00+08:00", "safety_told": True,
        "note": "已更换强排式热水器。", "measures_done": "更换不锈钢波纹软管，拆除直排式热水器。",
    }),
    "absence_notice": Act("call", "李巡检", {
        "visit_number": 2, "visit_at": "2026-11-02T08:20:00+08:00", "visit_result": "absent", "next_appointment_at": "2026-11-05T18:30:00+08:00", **HOTLINE, **HOME,
    }),
    "transfer_letter": Act("hand_over", "唐监管", {
        "receiving_body": "云泽市城东区综合行政执法局",
        "case_facts": "2026年11月2日检查发现，青梧路12号违章建筑占压中压燃气管线，当事人经书面告知后拒不拆除。",
        "case_materials": "现场检查记录1份\n隐患告知书及送达照片1套\n管线位置图1份", "transfer_basis": "《云泽市燃气管理办法》第四十一条",
    }),
    "major_report": Act("report_major", "韩总", {
        "current_state_and_cause": "青梧路12号居民自建砖混房屋压占DN300中压A级管线约18米，房屋为1998年前后陆续搭建，管线建成在前。",
        "harm_analysis": "管线一旦泄漏，气体易窜入房屋聚集，可能造成群死群伤；拆除涉及3户居民，需街道协调，整改难度较大。", "exposed_people": 47,
        "staff_notified_at": "2026-11-02T08:00:00+08:00", "unit_address": "云泽市城东区听潮路88号", "unit_principal": "韩明远", "unit_phone": "0990-5551234",
        "emergency_plan": "占压段降压运行并加密检漏，抢修队原地待命，联系街道做好疏散准备。", "funds_planned": "860000",
    }),
    "governance_plan": Act("plan", "何安全", {
        "plan_targets": "2026年12月31日前消除占压，恢复管线安全保护范围。", "plan_methods": "一、协调街道完成3户搬迁；\n二、拆除占压房屋；\n三、迁改管段86米并置换通气。",
        "plan_funds": "计划资金86万元，列支安全生产费用；管材、阀门已备货。", "plan_people": "主要负责人韩明远任组长，运行部经理赵志强负责实施，电话0990-5551200。",
        "plan_schedule": "11月20日前完成搬迁协议；12月10日前拆除；12月31日前通气验收。",
        "plan_safety": "施工期间降压运行、专人监护、加密检漏；泄漏时立即停气疏散，启动二级响应。", "expert_opinion": "方案可行，建议增加迁改期间的临时供气安排。",
        "due_at": "2026-12-31",
    }),
}  # fmt: skip


@cache
def paper_rules() -> Rules:
    """The installed rules with an act for each kind of paper in the general workflow."""
    text = (resource_dir("workflows") / "general.v1.yaml").read_text("utf-8")
    acts = Path(__file__).with_name("paper_acts.yaml").read_text("utf-8")
    begins = text.index("\nladders:")
    installed = rules()
    general = load_text(
        (text[:begins] + "\n" + acts + text[begins:]).encode(),
        file="general.v1.yaml",
        vocabulary=installed.vocabulary,
    )
    return dataclasses.replace(installed, workflows={**installed.workflows, ("general", 1): general})


def with_papers(city: City) -> City:
    """The same city, whose people may issue every kind of paper."""
    install_rules(city.database.info, paper_rules())
    return city


def issue(
    city: City, hazard: Hazard, kind: str, *, who: str | None = None, full: bool = True, **given: Any
) -> str:
    """Somebody issues a paper with a full form or an empty one; its number."""
    act = ACTS[kind]
    form = {**(act.form if full else {}), **given}
    if "officers" in form:
        form["officers"] = [str(city.person(name)) for name in form["officers"]]
    outcome = city.act(who or act.who, hazard, act.action, **form)
    assert outcome.event is not None
    issued = city.events(hazard)[-1].data["issues"]
    assert issued["kind"] == kind
    return str(issued["number"])


#: what stands in the record before a full paper of a kind: acts of the city's verbs and earlier papers
BEFORE: Mapping[str, tuple[str, ...]] = {
    "recheck_opinion": ("rectification_order",),
    "internal_slip": ("assign",),
    "extension_request": ("assign",),
    "extension_reply": ("assign", "extension_request"),
    "lifting_notice": ("listing_notice",),
    "gas_stop_notice": ("user_notice",),
    "gas_resume_form": ("user_notice", "gas_stop_notice"),
    "major_report": ("control", "governance_plan"),
}
HOUSEHOLD = ("user_notice", "gas_stop_notice", "gas_resume_form", "absence_notice")
BUILT_OVER = "青梧路12号自建房屋压占DN300中压燃气管线约18米，房内有明火作业。"
OLD_HOSE = "厨房使用超期橡胶软管，接口无管卡；卫生间安装直排式热水器。"


def issue_one(city: City, kind: str, *, full: bool) -> tuple[Hazard, str]:
    """A hazard of its own with one paper of this kind, and what a full one builds on; the hazard and the number."""
    description = OLD_HOSE if kind in HOUSEHOLD else BUILT_OVER
    given = {"place": "云泽市城东区青梧路12号", "catalogue_code": "PIP-G01"} if full else {}
    hazard = city.report(description, **given)
    for step in BEFORE.get(kind, ()) if full else ():
        if step in ACTS:
            issue(city, hazard, step)
        else:
            getattr(city, step)(hazard)
    return hazard, issue(city, hazard, kind, full=full)


def rename_enterprise(city: City) -> None:
    """Give the enterprise its full name and its credit code, as a paper prints them."""
    with city.database.transaction(SYSTEM) as session:
        session.execute(
            sa.update(Organisation)
            .where(Organisation.id == city.founded.units[HENGCHUAN])
            .values(
                name_zh="云泽恒川燃气有限公司",
                name_en="Yunze Hengchuan Gas Co., Ltd.",
                uscc="91990102MA0HC0010T",
            )
        )
