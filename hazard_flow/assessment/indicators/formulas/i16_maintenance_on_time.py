"""I16: maintenance of regulators, valves and cathodic protection done in time, of what was due (Urban Gas Regulation art. 35 [V])."""

from hazard_flow.assessment.indicators.counting import OfLines, on_time_of_due
from hazard_flow.assessment.indicators.definition import Example, Indicator
from hazard_flow.i18n import Label

INDICATOR = Indicator(
    id="I16",
    key="maintenance_on_time",
    label=Label(zh="设施维护及时率", en="Maintenance on time"),
    formula=Label(
        zh="调压、阀门、防腐维护按时完成的 ÷ 应完成的",
        en="regulators, valves and corrosion protection maintained in time ÷ due",
    ),
    unit="percent",
    better="more",
    source=Label(zh="城镇燃气管理条例第35条", en="Urban Gas Regulation art. 35"),
    mark="V",
    gamed=Label(
        zh="集中补录；记录时间以系统收到为准，迟录计为迟",
        en="entering it all afterwards; the server's clock counts, what comes late is late",
    ),
    counter=OfLines(("regulators", "valves", "corrosion"), on_time_of_due),
    examples=(
        Example(
            Label(zh="应维护10台次，按时8台次：8／10", en="10 due, 8 in time: 8 of 10"),
            above=8,
            below=10,
            lines={"regulators": (6, 6, 5), "valves": (4, 3, 3), "training": (9, 9, 9)},
        ),
    ),
)
