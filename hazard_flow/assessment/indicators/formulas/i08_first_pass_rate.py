"""I08: of the hazards re-checked for the first time in the period, those that passed at once [D]."""

import sqlalchemy as sa

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.counting import OverFacts, operators
from hazard_flow.assessment.indicators.definition import Example, Frame, Indicator
from hazard_flow.i18n import Label


def _rechecked(frame: Frame) -> sa.ColumnElement[bool]:
    return (
        operators(frame)
        & (Fact.first_recheck_at >= frame.begins_at)
        & (Fact.first_recheck_at < frame.until_at)
    )


INDICATOR = Indicator(
    id="I08",
    key="first_pass_rate",
    label=Label(zh="一次复查合格率", en="First-pass rate"),
    formula=Label(
        zh="首次复查即合格的 ÷ 本期首次复查的隐患",
        en="passed at the first re-check ÷ re-checked for the first time in the period",
    ),
    unit="percent",
    better="more",
    source=Label(zh="本系统口径", en="this product's own count"),
    mark="D",
    gamed=Label(
        zh="复查走过场、只看照片；须与真实性抽查和复发率一并看",
        en="waving everything through from photos; read it with authenticity and recurrence",
    ),
    companions=("I23", "I07"),
    counter=OverFacts(among=_rechecked, hit=lambda _f: Fact.first_recheck_passed.is_(True)),
    examples=(
        Example(
            Label(
                zh="首次复查两件，一件合格，一件两次才合格：1／2",
                en="two re-checked, one at once, one at the second time: 1 of 2",
            ),
            above=1,
            below=2,
            facts=(
                {"first_recheck_at": "2026-10-03", "first_recheck_passed": True, "passed_at": "2026-10-03"},
                {"first_recheck_at": "2026-10-05", "first_recheck_passed": False, "passed_at": "2026-10-09"},
                {"first_recheck_at": "2026-09-30T23:00", "first_recheck_passed": True},
            ),
        ),
    ),
)
