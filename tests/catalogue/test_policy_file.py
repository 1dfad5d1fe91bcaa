"""A wrong policy file never loads: every mistake with file, line and mend."""

import pytest

from hazard_flow.catalogue.policy_file import load_policy
from hazard_flow.workflow.rule_file import RuleFileError

GOOD = """version: 9
parts:
  level: {general: {zh: 一般, en: general}, major: {zh: 重大, en: major}}
  urgency: {A: {zh: A, en: A}}
groups:
  g: {zh: 组, en: group}
keys:
  times: {group: g, type: count, by: level, name: {zh: 次数, en: Times}}
  notice: {group: g, type: span, bound: at_least, name: {zh: 公告, en: Notice}}
sources:
  own: {zh: 设定, en: own}
values:
  - {key: times, value: {general: 1, major: 2}, from: 2000-01-01, mark: D, source: own}
  - {key: notice, value: 48 h, from: 2000-01-01, mark: V, source: own, article: 20, note: {zh: 注, en: note}}
"""


def load(text: str):
    return load_policy(text, name="policy.v9.yaml", version="v9")


def test_a_good_file_loads():
    book = load(GOOD)

    assert [row.source.en for row in book.rows] == ["own", "own, art. 20; note"]
    assert book.rows[1].source.zh == "设定第 20 条；注"
    assert book.key("limit.general.classify") is not None
    assert book.key("limit.general") is None


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("version: 9", "version: 8", 1, "version differs"),
        ("type: count", "type: number", 8, "type 'number' is not known"),
        ("group: g, type: span", "group: h, type: span", 9, "group 'h' is not known"),
        ("by: level", "by: colour", 8, "no parts 'colour'"),
        ("bound: at_least", "bound: more", 9, "bound 'more' is not known"),
        ("name: {zh: 公告, en: Notice}", "name: {zh: 公告}", 9, "'en' is missing"),
        ("key: times,", "key: time,", 13, "names no known key"),
        ("major: 2}", "major: two}", 13, "not a whole number"),
        ("major: 2}", "minor: 2}", 13, "no part “minor”"),
        ("value: 48 h", "value: 48 hours", 14, "“48 hours” is not a span"),
        ("mark: V", "mark: W", 14, "mark 'W' is not known"),
        ("mark: D, source: own", "mark: D, source: them", 13, "source 'them' is not listed"),
        ("from: 2000-01-01, mark: V", "from: 2000-13-01, mark: V", 14, "'2000-13-01' is no date"),
        ("from: 2000-01-01, mark: V", "since: 2000-01-01, mark: V", 14, "'since' is not known here"),
        ("from: 2000-01-01, mark: V", "from: 2024-01-01, mark: V", 9, "notice : the national default has a gap"),
        ("from: 2000-01-01, mark: V", "from: 2000-01-01, to: 2023-01-01, mark: V", 9, "has a gap"),
        ("value: 48 h,", 'value: 48 h, division: "37", ', 9, "there is no national default"),
        ("value: 48 h,", "value: 48 h, division: Jinan,", 14, "'Jinan' is no division"),
        ("groups:", "group:", 5, "'group' is not known here"),
        ("values:\n", "values: [\n", 13, ""),
        ("  own: {zh: 设定, en: own}", "  own: &x {zh: 设定, en: own}", 11, "anchor"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_a_mend(old, new, line, said):
    assert GOOD.count(old) == 1
    with pytest.raises(RuleFileError) as refused:
        load(GOOD.replace(old, new))

    found = [one for one in refused.value.mistakes if said.lower() in one.message.lower()]
    assert [one.line for one in found][:1] == [line], str(refused.value)
    assert all(one.mend for one in found)
    assert f"policy.v9.yaml:{line}:" in str(refused.value)


def test_all_mistakes_are_said_at_once():
    broken = GOOD.replace("mark: V", "mark: W").replace("type: count", "type: number").replace("48 h", "48")

    with pytest.raises(RuleFileError) as refused:
        load(broken)

    assert len(refused.value.mistakes) >= 3
