"""I24: drills held and staff trained, of what was due (State Council Order 708: drills each half-year [V])."""

from hazard_flow.assessment.indicators.counting import OfLines, done_of_due
from hazard_flow.assessment.indicators.definition import Example, Indicator
from hazard_flow.i18n import Label

INDICATOR = Indicator(
    id="I24",
    key="training_and_drills",
    label=Label(zh="培训演练完成率", en="Training and drills"),
    formula=Label(
        zh="已完成的培训和演练 ÷ 应完成的",
        en="training and drills done ÷ due",
    ),
    unit="percent",
    better="more",
    source=Label(
        zh="生产安全事故应急条例（国务院令第708号）第八条",
        en="Emergency regulation (State Council Order 708) art. 8",
    ),
    mark="V",
    gamed=Label(
        zh="只有签到表；须附课件、影像和考核成绩",
        en="nothing but a sign-in sheet; slides, pictures and marks belong to the record",
    ),
    counter=OfLines(("training", "drills"), done_of_due),
    examples=(
        Example(
            Label(zh="应完成4项，已完成3项：3／4", en="4 due, 3 done: 3 of 4"),
            above=3,
            below=4,
            lines={"training": (3, 2, 2), "drills": (1, 1, 0)},
        ),
    ),
)
