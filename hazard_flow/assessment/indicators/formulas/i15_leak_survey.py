"""I15: leak survey done, of what was due (CJJ/T 215 [M])."""

from hazard_flow.assessment.indicators.counting import OfLines, done_of_due
from hazard_flow.assessment.indicators.definition import Example, Indicator
from hazard_flow.i18n import Label

INDICATOR = Indicator(
    id="I15",
    key="leak_survey",
    label=Label(zh="泄漏检测完成率", en="Leak survey completion"),
    formula=Label(
        zh="已检测里程 ÷ 应检测里程",
        en="surveyed ÷ due",
    ),
    unit="percent",
    better="more",
    source=Label(zh="CJJ/T 215（凭记忆，未核对条款号）", en="CJJ/T 215 (from memory, clause not checked)"),
    mark="M",
    gamed=Label(
        zh="只走不测；轨迹与仪器读数一并留存",
        en="walking without measuring; track and readings are kept together",
    ),
    counter=OfLines(("leak_survey",), done_of_due),
    examples=(
        Example(
            Label(zh="应检10公里，已检9公里：9／10", en="10 km due, 9 done: 9 of 10"),
            above=9,
            below=10,
            lines={"leak_survey": (10, 9, 9)},
        ),
    ),
)
