"""The id of an event, as a browser sends it back."""

import pytest

from hazard_flow.web.live.topics import read_markers, write_markers


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("devices=12,alerts=7", {"devices": 12, "alerts": 7}),
        ("", {}),
        ("devices=-1,=4,x,alerts=7 ,devices=９", {"alerts": 7}),
        ("devices=" + "9" * 30, {}),
    ],
)
def test_markers_are_read_as_far_as_they_make_sense(words: str, read: dict[str, int]):
    assert read_markers(words) == read
    assert read_markers(write_markers(read)) == read
