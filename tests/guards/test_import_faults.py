"""Every fault of a file that comes in has its reason and its mend in both languages, and none is left over."""

import re
from pathlib import Path

from hazard_flow.i18n import catalogue

PACKAGE = Path(__file__).parents[2] / "hazard_flow"
#: a code stands after the column or the row: `("value", "not_a_span", …)`, `_refused("empty_file"`, `RowFault(row, name, "unknown_column"`
CODE = re.compile(r'"([a-z][a-z_]+)"')


def known() -> set[str]:
    return {key.removeprefix("import.reason.") for key in catalogue() if key.startswith("import.reason.")}


def test_a_reason_never_stands_without_a_mend():
    assert known() == {
        key.removeprefix("import.mend.") for key in catalogue() if key.startswith("import.mend.")
    }


def test_every_sentence_is_used():
    words: set[str] = set()
    for folder in (
        "exchange", "catalogue", "telemetry/devices", "risk", "assets", "assets/importing", "daily_work",
    ):  # fmt: skip
        for path in (PACKAGE / folder).glob("*.py"):
            words |= set(CODE.findall(path.read_text("utf-8")))
    made = {"falls_short_at_least", "falls_short_at_most"}  # f"falls_short_{bound}"
    assert known() - words - made == set()
