"""I01: of the hazards found in the period, those cancelled by its end (the national table's 已整改/排查 [V2])."""

from hazard_flow.assessment.indicators.counting import OverFacts, closed, found, operators
from hazard_flow.assessment.indicators.definition import Example, Indicator
from hazard_flow.i18n import Label

INDICATOR = Indicator(
    id="I01",
    key="closing_rate",
    label=Label(zh="隐患整改率", en="Closing rate"),
    formula=Label(
        zh="本期发现的隐患中，期末前已整改销号的 ÷ 本期发现的隐患（不含用户责任隐患）",
        en="found in the period and cancelled by its end ÷ found in the period (users' own left out)",
    ),
    unit="percent",
    better="more",
    source=Label(zh="事故隐患排查治理情况统计表“已整改／排查”栏", en="the national table: rectified ÷ found"),
    mark="V2",
    gamed=Label(
        zh="只上报容易整改的小隐患，或整改未到位先销号；须与自查发现率、复发率一并看",
        en="reporting only what is quickly mended, or closing before it is; read it with self-finding and recurrence",
    ),
    companions=("I21", "I07"),
    counter=OverFacts(among=lambda f: operators(f) & found(f), hit=closed),
    examples=(
        Example(
            Label(
                zh="十月发现四件：一件当月销号，一件十一月才销号，一件经查不成立，一件为用户责任：1／2",
                en="four found in October: one cancelled in it, one in November, one dismissed, one the user's: 1 of 2",
            ),
            above=1,
            below=2,
            facts=(
                {"reported_at": "2026-10-03", "closed_at": "2026-10-20", "resolution": "rectified"},
                {
                    "reported_at": "2026-10-31T23:59",
                    "closed_at": "2026-11-01T00:01",
                    "resolution": "rectified",
                },
                {"reported_at": "2026-10-05", "closed_at": "2026-10-06", "resolution": "dismissed"},
                {"reported_at": "2026-10-05", "is_users": True},
                {"reported_at": "2026-09-30", "closed_at": "2026-10-02", "resolution": "rectified"},
            ),
        ),
    ),
)
