"""What people read: every template in both languages, whole sentences, no holes, nothing of a stranger's text interpreted."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hazard_flow.i18n import catalogue
from hazard_flow.notifications.wording import one_line, word
from tests.harness import founding

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
PARAMS = {
    "number": "YH-990102-20261102-0001",
    "title": "阀井漏气",
    "state": "submitted",
    "workflow": "general.v1",
    "name": "verify",
    "level": 2,
    "colour": "orange",
    "due_at": "2026-11-09T16:00:00.000000Z",
    "expires_at": "2026-11-05T16:00:00.000000Z",
    "acknowledge_by": "2026-11-06T09:30:00.000000Z",
    "late_ms": 7_500_000,
    "resolution": "rectified",
    "error": "ValueError: no",
    "action": "request_extension",
    "by": "王班长",
    "count": 2,
    "half_year": 3,
    "year": 5,
}
TEMPLATES = sorted(
    key.split(".")[1] for key in catalogue() if key.startswith("notice.") and key.endswith(".subject")
)


def say(template, locale, **params):
    return word(template, {**PARAMS, **params}, locale, rules=founding.rules(), zone=ZONE, now=NOW)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_makes_whole_sentences(template, locale):
    made = say(template, locale)
    for text in (made.subject, made.body, *made.lines):
        assert text
        assert not any(hole in text for hole in ("{", "}", "None", "“”", "()", "（）"))
    assert "submitted" not in made.body, "states are told by their names"


def test_an_escalation_names_colour_timer_state_and_how_late_it_is():
    zh, en = say("escalation", "zh"), say("escalation", "en")
    assert zh.subject == "【橙色督办】“复查时限”已到期：阀井漏气（YH-990102-20261102-0001）"
    assert "待复查" in zh.body
    assert en.subject.startswith("[Orange notice] ")
    assert "Awaiting re-check" in en.body
    assert "2 h" in " ".join(en.lines)
    assert "11月5日 24:00" in " ".join(zh.lines)


def test_a_first_rung_without_colour_is_told_as_due():
    assert say("escalation", "zh", colour=None).subject.startswith("【到期】")


def test_what_somebody_did_is_told_with_its_name_and_theirs():
    zh, en = say("told", "zh"), say("told", "en")
    assert zh.subject == "申请延期：阀井漏气（YH-990102-20261102-0001）"
    assert "王班长" in zh.body
    assert "待复查" in zh.body
    assert en.subject.startswith("Ask for an extension: ")


def test_who_reported_in_confidence_is_told_as_nobody():
    assert "受保护的上报人" in say("told", "zh", by=None, by_part="protected").body
    assert "系统" in say("told", "zh", by=None, by_part="system").body


def test_a_count_and_the_penalties_are_told_in_figures():
    assert "2 次" in say("counted", "zh").body
    penalties = say("penalties", "zh").body
    assert "180 天受行政处罚 3 次" in penalties
    assert "近一年 5 次" in penalties


def test_an_unknown_template_is_told_in_general_words_rather_than_not_at_all():
    assert "阀井漏气" in say("never_heard_of", "zh").subject


def test_what_a_stranger_typed_is_text_and_nothing_else():
    made = say("task", "en", title="{0.__class__} %s {number}")
    assert "{0.__class__} %s {number}" in made.subject
    assert one_line("a\r\nb\tc\x00d\u2028e") == "a b c d e"


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"due_at": "soon"},
        {"due_at": "2026-11-09T16:00:00"},
        {"late_ms": "x"},
        {"workflow": "gone.v9"},
        {"workflow": 7},
        {"state": None},
    ],
)
def test_parameters_of_an_older_version_never_break_a_message(broken):
    for template in TEMPLATES:
        made = word(template, broken, "zh", rules=founding.rules(), zone=ZONE, now=NOW)
        assert made.subject
