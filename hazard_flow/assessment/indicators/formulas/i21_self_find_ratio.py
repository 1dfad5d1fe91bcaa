"""I21: what the enterprise found itself, of what it or the regulator found, weighted by severity [D]."""

import sqlalchemy as sa

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts, found, operators
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label


def _found(frame: Frame) -> sa.ColumnElement[bool]:
    known = frame.policy.own | frame.policy.regulator
    return operators(frame) & found(frame) & Fact.source.in_(sorted(known))


def _weight(frame: Frame) -> sa.ColumnElement[float]:
    severity = frame.policy.severity
    return sa.case(
        (Fact.level == "major", severity["major"]),
        (Fact.urgency == "A", severity["A"]),
        (Fact.urgency == "B", severity["B"]),
        else_=severity["C"],
    )


INDICATOR = Indicator(
    id="I21",
    key="self_find_ratio",
    label=Label(zh="自查发现率", en="Self-find ratio"),
    formula=Label(
        zh="企业自查发现的 ÷（企业自查发现＋监管部门检查发现），按严重程度加权（重大10、A级5、B级2、C级1）",
        en="found by the enterprise ÷ found by it or the regulator, weighted (major 10, A 5, B 2, C 1)",
    ),
    unit="percent",
    better="more",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="大量上报轻微隐患；按严重程度加权后作用有限，仍须看隐患构成",
        en="flooding it with trifles; the weights blunt that, the mix of levels shows it",
    ),
    companions=("I01",),
    counter=OverFacts(among=_found, hit=lambda f: Fact.source.in_(sorted(f.policy.own)), weight=_weight),
    examples=(
        Example(
            Label(
                zh="自查发现A级一件、C级一件，监管发现重大一件，群众举报不计：6／16",
                en="an A and a C found itself, a major by the regulator, a citizen's does not count: 6 of 16",
            ),
            above=6,
            below=16,
            facts=(
                {"reported_at": "2026-10-03", "source": "patrol", "urgency": "A"},
                {"reported_at": "2026-10-03", "source": "self_inspection", "urgency": "C"},
                {
                    "reported_at": "2026-10-03",
                    "source": "regulator_inspection",
                    "level": "major",
                    "urgency": "",
                },
                {"reported_at": "2026-10-03", "source": "public_report", "urgency": "A"},
            ),
        ),
    ),
)
