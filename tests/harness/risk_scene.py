"""A register in which something has happened: points of every colour, hazards and an alarm that press, a proposal, calls for a rating."""

from hazard_flow.assessment import risk_feed
from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.ledger.sealer import Sealer
from hazard_flow.risk import chain, operations, queries, reviews
from hazard_flow.risk.library import library
from hazard_flow.storage.scope import SYSTEM
from tests.harness import risks
from tests.harness.city import City
from tests.harness.founding import ZONE

WHO = {
    "responsible_company": "韩总", "responsible_department": "赵经理", "responsible_team": "王班长", "responsible_post": "李巡检",
    "phone": "0000-8888110", "exposed_people": "40", "has_board": "yes",
    "emergency": "1. 立即撤离并设置警戒，禁止火源\n2. 关闭上下游阀门\n3. 拨打抢修电话，等待抢修队",
}  # fmt: skip
POINTS = (
    ("FX-101", "青梧路阀门井", "Qingwu Road valve well", "VW-1", "valve_well", {**risks.YELLOW, "residual_method": "lec",
        "residual_likelihood": "0.5", "residual_exposure": "6", "residual_consequence": "15"}, ("well_flooded", "valve_passing")),
    ("FX-102", "青梧路中压 PE 管道", "Qingwu Road PE pipe", "VW-1", "pipeline", {"method": "lec", "likelihood": "3", "exposure": "6",
        "consequence": "40", "residual_method": "lec", "residual_likelihood": "1", "residual_exposure": "6", "residual_consequence": "40"},
        ("pe_third_party",)),
    ("FX-103", "听潮路阀门井", "Tingchao Road valve well", "VW-9", "valve_well", risks.BLUE, ("well_flooded",)),
    ("FX-104", "带气作业", "Work under gas", "VW-9", "monitoring_emergency", {"method": "ls", "probability": "3", "severity": "5"},
        ("repair_ignition",)),
)  # fmt: skip


def fill(city: City) -> dict[str, str]:
    """The points by code with their ids as texts."""
    actor = city.actor("何安全")
    for code, zh, en, asset, category, scores, keys in POINTS:
        with city.database.transaction(actor.scope) as session:
            said = risks.entry(code, asset=asset, **WHO) | {
                "name_zh": zh,
                "name_en": en,
                "category": category,
                "basis": "现场勘查，三人评价小组",
            }
            for name in ("method", "likelihood", "exposure", "consequence"):
                said.pop(name, None)
            point = operations.enter(session, said | dict(scores), now=city.now, by=actor.id, zone=ZONE)
            for key in keys:
                chain.add_from_library(session, point, library().risks[key], now=city.now)
    city.report("阀井积水，井盖移位", asset="VW-1", suspected_urgency="A", risk_point="FX-101")
    missing = city.report("雨后井室积水", asset="VW-1", risk_point="FX-101")
    city.bring_to(missing, "rectifying")
    city.submit(
        missing,
        cause_kind="measure_missing",
        root_cause="雨季没有定期抽排的安排",
        prevention="雨季每周抽排一次并记录",
    )
    city.verify(missing)
    city.close(missing)
    major = city.report("管线上方违章施工", asset="VW-1", major=True, risk_point="FX-102")
    city.bring_to(major, "assigned")
    risks.fires(city, "VW-9", level=1)
    with city.database.transaction(SYSTEM) as session:
        point = queries.by_code(session, "FX-103")
        assert point is not None
        reviews.ask(session, point, "更换为智能井盖", now=city.now, days=risks.DAYS)
    Sealer(city.database, EventLeaves()).run(city.now)
    risk_feed.run(city.database, city.now)
    with city.database.reading(SYSTEM) as session:
        return {code: str(queries.by_code(session, code).id) for code, *_ in POINTS}  # type: ignore[union-attr]
