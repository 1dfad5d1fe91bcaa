"""Rules said as people say them, in both languages."""

import pytest

from hazard_flow.rulebook.words import Words
from hazard_flow.workflow.definition import Duration, Keyed, Remind, Rung, TimerRule
from hazard_flow.workflow.lettering import SEAM
from tests.harness import founding


@pytest.fixture
def zh() -> Words:
    return Words(founding.rules(), "zh")


@pytest.fixture
def en() -> Words:
    return Words(founding.rules(), "en")


@pytest.mark.parametrize(
    ("span", "chinese", "english"),
    [
        (Duration(30, "min"), "30 分钟", "30 min"),
        (Duration(1, "h"), "1 小时", "1 h"),
        (Duration(1, "day"), "1 天", "1 day"),
        (Duration(3, "day"), "3 天", "3 days"),
        (Duration(1, "workday"), "1 个工作日", "1 working day"),
        (Duration(5, "workday"), "5 个工作日", "5 working days"),
    ],
)
def test_spans(zh: Words, en: Words, span: Duration, chinese: str, english: str):
    assert (zh.duration(span), en.duration(span)) == (chinese, english)


def test_limits(zh: Words, en: Words):
    by_urgency = Keyed({"A": Duration(4, "h"), "B": Duration(1, "workday")}, Duration(2, "workday"))
    within = TimerRule("verify", "idle", within=by_urgency)
    at = TimerRule("rectify", "overdue", at="due_at")
    every = TimerRule("progress", "idle", every=Keyed(default=Duration(7, "day")), reset_by=("progress",))

    assert zh.limit(within) == "A 4 小时；B 1 个工作日；其他 2 个工作日"
    assert en.limit(within) == "A 4 h; B 1 working day; others 2 working days"
    assert (zh.limit(at), en.limit(at)) == ("到整改期限", "by the deadline")
    assert (zh.limit(every), en.limit(every)) == ("每 7 天", "every 7 days")
    assert zh.timer(within).split(SEAM) == ["复查时限：", "A 4 小时；", "B 1 个工作日；", "其他 2 个工作日"]


def test_reminders(zh: Words, en: Words):
    rule = TimerRule("x", "idle", remind=(Remind(half_way=True), Remind(before=Duration(24, "h"))))

    assert (zh.reminders(rule), en.reminders(rule)) == ("用时过半、到期前 24 小时", "half way, 24 h before")


def test_rungs(zh: Words, en: Words):
    first = Rung(Keyed(default=Duration(0, "h")), ("holder", "above holder"), ("inbox", "phone"))
    last = Rung(
        Keyed({"A": Duration(72, "h")}, Duration(7, "workday")),
        ("highest_regulator", "safety_committee"),
        ("letter",),
        colour="red",
        repeat=Duration(3, "workday"),
    )
    waiting = Rung(
        Keyed(default=Duration(3, "workday")),
        ("safety_director",),
        ("inbox",),
        acknowledge_within=Duration(1, "workday"),
    )

    assert (zh.offset(first), zh.people(first.tell), zh.channels(first)) == (
        "到期时",
        "当前办理人、办理人的上一级",
        "站内消息、电话",
    )
    assert (zh.offset(last), zh.patience(last)) == (
        "逾期 A 72 小时；其他 7 个工作日",
        "每 3 个工作日重复，直到有人办理",
    )
    assert (en.people(last.tell), en.patience(last)) == (
        "Highest regulator, Safety committee office", "repeats every 3 working days until somebody acts",
    )  # fmt: skip
    assert (zh.patience(waiting), zh.patience(first)) == ("1 个工作日内未签收即报上一级", "")


def test_words_nobody_knows_are_shown_as_they_are(zh: Words):
    assert (zh.who("someone"), zh.field("some_field"), zh.timer_name("brew_tea")) == (
        "someone",
        "some_field",
        "brew tea",
    )
    assert (zh.workflow("nothing"), zh.action("general", "nothing")) == ("nothing", "nothing")
