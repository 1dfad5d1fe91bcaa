"""I02: of the majors found in the period, those cancelled by its end (the national table [V2])."""

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts, closed, found, operators
from hazard_flow.assessment.indicators.definition import Example, Indicator
from hazard_flow.i18n import Label

INDICATOR = Indicator(
    id="I02",
    key="major_closing_rate",
    label=Label(zh="重大隐患整改销号率", en="Closing rate of majors"),
    formula=Label(
        zh="本期发现的重大隐患中，期末前已销号的 ÷ 本期发现的重大隐患",
        en="majors found in the period and cancelled by its end ÷ majors found in the period",
    ),
    unit="percent",
    better="more",
    source=Label(zh="事故隐患排查治理情况统计表“重大隐患”栏", en="the national table: majors"),
    mark="V2",
    gamed=Label(
        zh="把重大隐患定为一般隐患；系统对与全国判定标准条文相符而定为一般的隐患逐件提示复核",
        en="classing a major as general; wording of the national list under another level is pointed out one by one",
    ),
    companions=("I22",),
    counter=OverFacts(among=lambda f: operators(f) & found(f) & (Fact.level == "major"), hit=closed),
    examples=(
        Example(
            Label(
                zh="发现重大隐患两件，销号一件；一般隐患不计：1／2",
                en="two majors found, one cancelled; generals do not count: 1 of 2",
            ),
            above=1,
            below=2,
            facts=(
                {
                    "level": "major",
                    "reported_at": "2026-10-03",
                    "closed_at": "2026-10-20",
                    "resolution": "rectified",
                },
                {"level": "major", "reported_at": "2026-10-09"},
                {"reported_at": "2026-10-09", "closed_at": "2026-10-20", "resolution": "rectified"},
            ),
        ),
    ),
)
