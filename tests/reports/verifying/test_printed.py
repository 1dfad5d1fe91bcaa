"""The printed process log against the record: other short hashes on the pages are not events, one event too many is found."""

import pytest

from hazard_flow.reports.verifying.printed import _check_events, squeezed

HEAD = "c" * 64
EVENTS = [
    {"seq": 1, "at": "2026-11-12T00:00:00+00:00", "prev": "0" * 64},
    {"seq": 2, "at": "2026-11-12T01:30:00+00:00", "prev": "b" * 64},
]
ROWS = (
    "1 2026-11-12 08:00:00 reported " + "b" * 16 + "…",
    "2 2026-11-12 09:30:00 assigned " + "c" * 16 + "…",
)
#: how a photograph that may have been used before is named, before the log
DOUBT = "0.93 looks like a photo of another hazard, event 2 " + "d" * 16 + "…"


def said(*lines: str) -> list[str]:
    whole = squeezed("\n".join(lines))
    return [one.said.en for one in _check_events(whole, EVENTS, HEAD) if not one.ok]


def test_a_doubt_about_a_photograph_is_no_event():
    assert said(DOUBT, "At, Asia/Shanghai 事项 Event", *ROWS) == []


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_event_too_many_is_found_wherever_it_stands(place: int):
    rows = list(ROWS)
    rows.insert(place, "2 2026-11-12 09:40:00 verified " + "e" * 16 + "…")

    assert said(DOUBT, "At, Asia/Shanghai 事项 Event", *rows) == [
        f"The process log differs from the record at event {place + 1} (3 printed, 2 recorded)"
    ]
