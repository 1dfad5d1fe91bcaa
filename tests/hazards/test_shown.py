"""What a form said, in words: choices by their label, people by name, deadlines as people say them, nothing personal to strangers."""

import uuid
from datetime import UTC, datetime

import pytest

from hazard_flow.hazards.shown import Words, ids_in, moment_text, told, value_text
from tests.harness import founding

WANG, XU, SOMEBODY = (uuid.UUID(int=n) for n in (1, 2, 3))


def words(locale="zh", **given):
    return Words(founding.rules(), locale, people={WANG: "王班长", XU: "徐复查"}, **given)


def action(key, workflow="general"):
    return founding.rules().newest(workflow).actions[key]


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("extension_reason", "materials", None, None),
        ("responsible", str(WANG), "王班长", "王班长"),
        ("verifiers", [str(WANG), str(XU)], "王班长、徐复查", "王班长, 徐复查"),
        ("responsible", str(SOMEBODY), "其他单位人员", "somebody elsewhere"),
        ("funds_used", "12400.00", "12,400 元", None),
        ("funds_used", "12400.50", "12,400.50 元", None),
        ("percent", 60, "60%", "60%"),
        ("on_site", True, "是", "yes"),
        ("due_at", "2026-11-27T16:00:00Z", "2026-11-27 24:00", "2026-11-27 24:00"),
        ("completed_at", "2026-11-27T02:05:00Z", "2026-11-27 10:05", None),
        ("nobody_knows", "x", "x", "x"),
    ],
)
def test_a_value_is_told_as_people_say_it(name, value, zh, en):
    shown = {locale: value_text(words(locale), name, value) for locale in ("zh", "en")}
    for locale, expected in (("zh", zh), ("en", en)):
        if expected is not None:
            assert shown[locale].lower() == expected.lower()
        assert shown[locale]
    known = founding.rules().fields.fields.get(name)
    if known is not None and known.choices:
        assert shown["zh"] == known.choices[value].zh
        assert shown["en"] == known.choices[value].en


def test_a_personal_value_is_told_to_readers_who_may_see_it_alone():
    digest = {"sha256": "ab" * 32}
    assert value_text(words(personal={"ab" * 32: "13800000000"}), "user_phone", digest) == "13800000000"
    withheld = value_text(words(), "user_phone", digest)
    assert withheld
    assert "ab" not in withheld


def test_fields_stand_in_the_order_of_the_form_and_what_says_nothing_is_left_out():
    lines = told(
        words(),
        action("pass"),
        {
            "opinion": "整改到位，同意",
            "on_site": True,
            "lon": 119.4,
            "lat": 32.4,
            "crs": "WGS84",
            "remote_reason": "",
        },
    )
    assert lines == ["意见：整改到位，同意", "已确认：已到现场复查"]


def test_a_reading_is_told_with_its_unit():
    lines = told(
        words(),
        action("submit"),
        {"leak_reading": "0", "leak_unit": "pct_lel", "measures_done": "已更换填料并复测"},
    )
    assert any("0" in line and "LEL" in line for line in lines)
    assert sum("LEL" in line for line in lines) == 1


def test_what_a_report_said_is_not_told_twice():
    values = {"description": "阀井漏气", "place": "青梧路", "title": "漏气", "onsite_action": "已设警戒"}
    assert told(words(), action("report"), values) == told(words(), None, {"onsite_action": "已设警戒"})


def test_who_stands_behind_an_act_is_told_by_name_the_system_and_the_protected_as_such():
    assert words().who("protected") == "受保护的上报人"
    assert words().by(str(WANG)) == words().who(f"person:{WANG}") == "王班长"
    assert words().by(None) == words().who("system:timers") == "系统"


def test_midnight_is_the_end_of_the_day_before():
    assert moment_text(words(), datetime(2026, 11, 27, 16, tzinfo=UTC)) == "2026-11-27 24:00"
    assert moment_text(words(), datetime(2026, 11, 27, 15, 59, tzinfo=UTC)) == "2026-11-27 23:59"


def test_everybody_a_form_names_is_found():
    rules = founding.rules()
    values = {"responsible": str(WANG), "verifiers": [str(XU)], "closer": "", "measures": str(uuid.uuid4())}
    assert ids_in(rules, values) == {WANG, XU}
