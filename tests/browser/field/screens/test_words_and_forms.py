"""Every word a screen may ask for is there, and a form asks exactly what the workflow asks."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hazard_flow.i18n import catalogue
from hazard_flow.offline.shell.assets import STATIC
from hazard_flow.resources import PACKAGE
from tests.harness.in_hand import Hand, in_hand
from tests.harness.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

SCRIPTS = [path for folder in (STATIC / "screens", STATIC / "parts") for path in folder.glob("*.js")] + [
    STATIC / "app.js"
]
#: words made of a beginning and a value: `field.shot.${shot}`
MADE = re.compile(r"`(field\.[a-z_.]+)\$\{")
#: icons named to the functions that draw them, and tables of icons by act or area
ICON = re.compile(r"""(?:glyph: |after: |icon\(|empty(?:Page)?\(\s*|banner\(\s*)"([a-z0-9-]+)\"""")
TABLE = re.compile(r"const (?:[A-Z]+_)?ICONS = \{(.*?)\};", re.DOTALL)
FULL = re.compile(r"""["'](field(?:\.[a-z_0-9]+)+)["']""")


def text(paths: list[Path]) -> str:
    """All scripts in one."""
    return "\n".join(path.read_text("utf-8") for path in paths)


def test_every_word_a_screen_names_is_there():
    assert sorted(set(FULL.findall(text(SCRIPTS))) - set(catalogue())) == []
    beginnings = set(MADE.findall(text(SCRIPTS)))
    assert beginnings
    assert [one for one in beginnings if not any(key.startswith(one) for key in catalogue())] == []


def test_no_word_is_left_that_nobody_asks_for():
    named, made = set(FULL.findall(text(SCRIPTS))), set(MADE.findall(text(SCRIPTS)))
    own = {key for key in catalogue() if key.startswith("field.")}
    assert sorted(key for key in own - named if not key.startswith(tuple(made))) == []


def test_every_fault_of_the_core_has_its_sentence():
    codes = re.findall(r'^  "([a-z_]+)",', (STATIC / "core" / "errors.js").read_text("utf-8"), re.MULTILINE)
    assert codes
    assert [code for code in codes if f"field.error.{code}" not in catalogue()] == []


def test_every_icon_is_in_the_sprite():
    listed = set((PACKAGE / "web" / "icons.txt").read_text("utf-8").split())
    drawn = set(ICON.findall(text(SCRIPTS)))
    for table in TABLE.findall(text(SCRIPTS)):
        drawn |= set(re.findall(r': "([a-z0-9-]+)"', table))
    assert len(drawn) > 40
    assert drawn - listed == set()


@pytest.fixture
def hand(browser: "Browser", small_site: Site) -> "Iterator[Hand]":
    """A tablet nobody has signed in on: enough to ask its modules."""
    with in_hand(browser, small_site) as made:
        made.open("sign-in")
        yield made


FIELDS = {
    "on_site": {"type": "flag", "choices": []},
    "remote_reason": {"type": "long_text", "choices": []},
    "opinion": {"type": "long_text", "choices": []},
    "funds_used": {"type": "money", "choices": [], "minimum": "0", "maximum": "1000"},
    "leak_reading": {
        "type": "decimal",
        "choices": [],
        "unit_field": "leak_unit",
        "instrument": "instrument_number",
    },
    "leak_unit": {"type": "choice", "choices": [{"value": "pct_lel"}, {"value": "ppm"}]},
    "instrument_number": {"type": "text", "choices": []},
    "due_at": {"type": "deadline", "choices": []},
    "verifiers": {"type": "people", "choices": []},
    "confirmed": {"type": "flag", "choices": []},
}
PASSING = [
    {"field": "on_site", "required": False},
    {
        "field": "remote_reason",
        "required": False,
        "at_least": 10,
        "when": ["on_site", ""],
    },  # as a form sends *no*
    {"field": "opinion", "required": True},
]


def gaps(hand: Hand, needs: list[Any], values: dict[str, Any]) -> list[str]:
    """What a form still lacks, by field and code."""
    found = hand.call("parts/act_form", "lacking", {"needs": needs, "evidence": []}, FIELDS, values, [])
    return [f"{one['field']} {one['code']}" for one in found["fields"]]


def test_silence_is_no_answer_where_no_asks_for_more(hand: Hand):
    assert gaps(hand, PASSING, {"opinion": "整改到位"}) == ["on_site required"]
    assert gaps(hand, PASSING, {"opinion": "整改到位", "on_site": True}) == []
    assert gaps(hand, PASSING, {"opinion": "整改到位", "on_site": False}) == ["remote_reason required"]
    assert gaps(hand, PASSING, {"opinion": "好", "on_site": False, "remote_reason": "太短"}) == [
        "remote_reason at_least"
    ]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("funds_used", "380", None),
        ("funds_used", "380.50", None),
        ("funds_used", "三百", "number"),
        ("funds_used", "1e3", "number"),
        ("funds_used", "1001", "range"),
        ("funds_used", "-1", "range"),
        ("verifiers", ["a"], "people"),
        ("verifiers", ["a", "b"], None),
        ("confirmed", False, "confirm"),
        ("confirmed", True, None),
    ],
)
def test_a_value_is_judged_as_the_server_will(hand: Hand, field: str, value: Any, code: str | None):
    need = {"field": field, "required": True, "at_least": 2 if field == "verifiers" else None}
    assert gaps(hand, [need], {field: value}) == ([f"{field} {code}"] if code else [])


def test_a_form_begins_with_what_can_be_proposed(hand: Hand):
    needs = [
        {
            "field": "due_at",
            "required": True,
            "default_at": "2026-12-10T16:00:00Z",
        },  # 24:00 of the tenth in the city
        {"field": "leak_reading", "required": False},
        {"field": "leak_unit", "required": False},
        {"field": "opinion", "required": True, "default": "同意"},
    ]
    assert hand.call("parts/act_form", "defaults", needs, FIELDS) == {
        "due_at": "2026-12-10", "leak_unit": "pct_lel", "opinion": "同意",
    }  # fmt: skip


def test_nothing_measured_sends_no_unit_and_no_position_is_made_up(hand: Hand):
    needs = [
        {"field": one, "required": False}
        for one in ("leak_reading", "leak_unit", "instrument_number", "lon", "on_site")
    ]
    fields = FIELDS | {"lon": {"type": "decimal", "choices": []}}
    given = {"leak_unit": "pct_lel", "instrument_number": "XJ-204"}
    assert hand.call("parts/act_form", "dataOf", {"needs": needs}, fields, given, None) == {"on_site": False}
    fix = {"lon": "119.4", "lat": "32.4", "accuracy_m": 6}
    found = hand.call(
        "parts/act_form", "dataOf", {"needs": needs}, fields, given | {"leak_reading": "1.4"}, fix
    )
    assert found == {
        "leak_reading": "1.4", "leak_unit": "pct_lel", "instrument_number": "XJ-204", "lon": "119.4", "lat": "32.4", "on_site": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("scanned", "code"),
    [
        ("VW-1", "VW-1"),
        (" vw-1 ", "VW-1"),
        ("https://hf.example/assets/VW-1?from=label", None),
        ("https://hf.example/assets/VW-1", "VW-1"),
        ("VW-10", None),
        ("", None),
    ],
)
def test_a_code_means_one_asset_or_none(hand: Hand, scanned: str, code: str | None):
    found = hand.call("parts/finding", "assetOf", [{"code": "VW-1"}, {"code": "VW-9"}], scanned)
    assert (found or {}).get("code") == code


def test_distances_are_metres(hand: Hand):
    here, there = {"lon": 119.4, "lat": 32.4}, {"lon": 119.41, "lat": 32.4}
    assert hand.call("parts/geo", "metres", here, there) == pytest.approx(939, abs=3)
