"""I14: kilometres patrolled and valid, of those due (Shangrao [V])."""

from hazard_flow.assessment.indicators.counting import OfLines, done_of_due
from hazard_flow.assessment.indicators.definition import Example, Indicator
from hazard_flow.i18n import Label

INDICATOR = Indicator(
    id="I14",
    key="patrol_completion",
    label=Label(zh="巡查完成率", en="Patrol completion"),
    formula=Label(
        zh="有效覆盖里程 ÷ 应巡里程",
        en="kilometres covered and valid ÷ kilometres due",
    ),
    unit="percent",
    better="more",
    source=Label(zh="上饶市燃气监管平台考核办法", en="Shangrao rule for its gas platform"),
    mark="V",
    gamed=Label(
        zh="开车代步、虚拟定位；超速、停滞和模拟定位的轨迹不计入有效里程",
        en="driving, or a mocked position; tracks too fast, standing still or mocked do not count",
    ),
    counter=OfLines(("pipeline_patrol",), done_of_due),
    examples=(
        Example(
            Label(zh="应巡20公里，有效18公里：18／20", en="20 km due, 18 valid: 18 of 20"),
            above=18,
            below=20,
            lines={"pipeline_patrol": (20, 18, 17)},
        ),
    ),
)
