"""I09: of the user-liable hazards found in the period, those closed by its end (practice [V2])."""

from hazard_flow.assessment.indicators.counting import OverFacts, closed, found, users
from hazard_flow.assessment.indicators.definition import Example, Indicator
from hazard_flow.i18n import Label

INDICATOR = Indicator(
    id="I09",
    key="user_rectification",
    label=Label(zh="用户隐患整改率", en="Users' hazards rectified"),
    formula=Label(
        zh="本期发现的用户责任隐患中，期末前已整改的 ÷ 本期发现的用户责任隐患",
        en="user-liable hazards found in the period and closed by its end ÷ found in the period",
    ),
    unit="percent",
    better="more",
    source=Label(zh="行业实践", en="practice of operators"),
    mark="V2",
    gamed=Label(
        zh="把企业责任的隐患记到用户名下；责任主体变更留痕可查",
        en="putting the enterprise's own hazards down to users; every change of the liable party is on record",
    ),
    companions=("I10",),
    counter=OverFacts(among=lambda f: users(f) & found(f), hit=closed),
    examples=(
        Example(
            Label(
                zh="用户责任隐患两件，整改一件；企业责任的不计：1／2",
                en="two of users, one mended; the enterprise's own does not count: 1 of 2",
            ),
            above=1,
            below=2,
            facts=(
                {
                    "is_users": True,
                    "reported_at": "2026-10-03",
                    "closed_at": "2026-10-20",
                    "resolution": "rectified",
                },
                {"is_users": True, "reported_at": "2026-10-03"},
                {"reported_at": "2026-10-03"},
            ),
        ),
    ),
)
