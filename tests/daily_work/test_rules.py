"""The shipped lines can be carried out, and a file with mistakes is refused whole, each told with its line and a mend."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from hazard_flow.daily_work.consequences import fault_of
from hazard_flow.daily_work.days import credited_on, item_ends, watched_until
from hazard_flow.daily_work.lines import Cited, Watch
from hazard_flow.daily_work.loading import line_book, load_lines
from hazard_flow.daily_work.posts.templates_file import load_templates, templates
from hazard_flow.i18n import Label, known
from hazard_flow.workflow.rule_file import RuleFileError

ZONE = ZoneInfo("Asia/Shanghai")
PLAIN = """version: 1
lines:
  drills:
    summary: due
    kinds:
      drill:
        name: {zh: 演练, en: Drill}
        day: held_on
        title: [what]
        fields:
          held_on: {type: day, name: {zh: 日期, en: Day}}
          what: {type: text, name: {zh: 内容, en: What}}
"""


def mistakes(text: str) -> list[tuple[int, str]]:
    with pytest.raises(RuleFileError) as refused:
        load_lines(text, name="lines.v9.yaml")
    return [(one.line, one.message) for one in refused.value.mistakes]


def test_the_plain_file_loads():
    assert list(load_lines(PLAIN, name="x").kinds) == ["drill"]


SAID = "name: {zh: 一, en: a}"
CITED = "clause: {zh: 一, en: a}"
HEAD = "    summary: due\n"
TERM = (
    "title: [what]\n        term: {name: a, from: held_on, days: 3, ladder: work_overdue, "
    + CITED
    + ", mark: V}"
)
WATCH = (
    "title: [what]\n        watches:\n        - {name: a, field: held_on, ladder: nowhere, "
    + CITED
    + ", mark: V}"
)


def plan(rest: str, mark: str = "D") -> str:
    """The head with a plan."""
    return f"{HEAD}    plans:\n      p: {{kind: drill, {rest}, role: safety_director, {SAID}, {CITED}, mark: {mark}}}\n"


def figure(rest: str) -> str:
    """The head with a figure."""
    return f"{HEAD}    figures:\n      f: {{{SAID}, {rest}, better: more, mark: D}}\n"


@pytest.mark.parametrize(
    ("before", "after", "line", "word"),
    [
        ("  drills:", "  dancing:", 4, "no line of work"),
        ("day: held_on", "day: when", 8, "'when' is not known"),
        ("type: day,", "type: moon,", 11, "'moon' is not known"),
        ("title: [what]", TERM, 7, "nothing that ends it"),
        ("title: [what]", WATCH, 11, "'nowhere' is not known"),
        (HEAD, plan("rule: FREQ=SOMETIMES"), 6, "no rule of recurrence"),
        (HEAD, plan("law: true, rule: FREQ=DAILY", "M"), 6, "must have been read in its source"),
        (
            HEAD,
            figure("formula: share_equal, args: {kind: drill, field: nothing, equals: a}"),
            6,
            "names no field",
        ),
        (HEAD, figure("formula: guess"), 6, "'guess' is not known"),
    ],
)
def test_a_mistake_is_told_with_its_line(before: str, after: str, line: int, word: str):
    assert before in PLAIN
    found = mistakes(PLAIN.replace(before, after))
    assert any(at == line and word in message for at, message in found), found


def test_every_mistake_is_told_at_once():
    assert len(mistakes(PLAIN.replace("type: day", "type: moon").replace("[what]", "[who]"))) >= 2


def test_every_limit_and_line_has_its_sentence():
    for kind in line_book().kinds.values():
        names = [one.name for one in kind.watches] + ([kind.term.name] if kind.term else [])
        for name in names:
            assert known(f"ladders.limit.{name}"), name


def test_what_holds_by_law_was_read_in_its_source():
    assert {one.key for one in line_book().plans.values() if one.is_law} == {"drill_half_yearly"}
    assert all(one.cited.mark == "V" for one in line_book().plans.values() if one.is_law)


def test_the_templates_of_duties_name_where_each_comes_from():
    assert set(templates()) == {
        "enterprise_principal", "safety_director", "dept_manager", "team_leader", "inspector", "worker", "duty_desk",
    }  # fmt: skip
    for template in templates().values():
        assert len(template.duties) >= 4
        assert all(one.clause.zh and one.clause.en for one in template.duties)


def test_a_template_of_nobody_is_refused():
    duty = "    - {zh: 一, en: a, clause: {zh: 一, en: a}, mark: X}\n"
    text = f"version: 1\ntemplates:\n  clown:\n    {SAID}\n    duties:\n{duty}"
    with pytest.raises(RuleFileError) as refused:
        load_templates(text, name="duties.v9.yaml")
    assert [one.line for one in refused.value.mistakes] == [4, 6]


@pytest.mark.parametrize(
    ("until", "months", "last"),
    [
        ("2027-03-31", 1, date(2027, 2, 28)),
        ("2027-01-15", 1, date(2026, 12, 15)),
        ("2028-03-30", 1, date(2028, 2, 29)),
        ("2027-03-31", 0, date(2027, 3, 31)),
    ],
)
def test_a_month_before_is_the_same_day_or_the_last_of_its_month(until: str, months: int, last: date):
    watch = Watch("w", "valid_until", months, 0, "", "", "work_overdue", Cited(Label("一", "a"), "V"))
    assert watched_until(watch, {"valid_until": until}, ZONE) == last


def test_an_item_ends_the_day_before_the_next_or_after_its_own_days():
    half = "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1"
    assert item_ends(half, 0, start=date(2026, 1, 1), begins=date(2026, 7, 1)) == date(2026, 12, 31)
    assert item_ends(half, 90, start=date(2026, 1, 1), begins=date(2026, 1, 1)) == date(2026, 3, 31)


def test_what_is_entered_within_a_week_is_credited_with_its_own_day():
    assert credited_on(date(2026, 6, 30), entered=date(2026, 7, 7)) == date(2026, 6, 30)
    assert credited_on(date(2026, 6, 30), entered=date(2026, 7, 8)) == date(2026, 7, 8)


@pytest.mark.parametrize(
    ("cylinder", "until", "step", "code"),
    [
        ({"use": "circulating"}, date(2026, 11, 1), "fill", "LPG-G01"),
        ({"use": "circulating"}, date(2026, 11, 2), "fill", None),
        ({"use": "scrapped"}, date(2027, 1, 1), "sale", "LPG-G02"),
        ({"use": "circulating", "scrap_on": "2026-10-31"}, date(2026, 10, 31), "delivery", "LPG-G02"),
        ({"use": "circulating"}, date(2026, 1, 1), "test", None),
        ({"use": "circulating"}, date(2026, 1, 1), "return", None),
    ],
)
def test_only_what_goes_out_past_its_date_is_a_hazard(
    cylinder: dict[str, str], until: date, step: str, code: str | None
):
    assert fault_of(cylinder, until, step, date(2026, 11, 2)) == code
