"""Templates are filled in a sandbox; lengths of time read naturally; what no font can print is spelled out."""

from zoneinfo import ZoneInfo

import pytest

from hazard_flow.reports.templates import _EN, _ZH, _printable, _span, load_template
from hazard_flow.resources import resource_dir

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (59, "59 秒", "59 s"),
        (720, "12 分", "12 min"),
        (90061, "1 天 1 小时", "1 d 1 h"),
        (86405, "1 天", "1 d"),  # not "1 天 5 秒"
        (-7260, "2 小时 1 分", "2 h 1 min"),
    ],
)
def test_lengths_of_time_have_two_units_at_most(seconds: int, zh: str, en: str) -> None:
    assert (_span(seconds, _ZH), _span(seconds, _EN)) == (zh, en)


def test_unprintable_characters_are_spelled_or_dropped() -> None:
    assert _printable("CH₄\u202e\x00 火🔥\n", lambda c: c in "CH4 火") == "CH4 火〔U+1F525〕\n"


def test_every_template_folder_loads() -> None:
    root = resource_dir("report_templates")
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("_")):
        template = load_template(root, folder.name)
        assert template.name.zh
        assert len(template.stylesheets) == (3 if template.look else 2)
