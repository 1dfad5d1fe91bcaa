"""What the closure file says is computed before any page: pairs, deltas, margins."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hazard_flow.i18n import Label
from hazard_flow.reports.closure import Photo, TimeLimit, pair_photos, template_data
from tests.reports.cases import Case

AT = datetime(2026, 11, 12, tzinfo=UTC)


def _photo(name: str, side: str, minute: int = 0) -> Photo:
    return Photo(
        "a", name, Label("照片", "Photo"), side, AT + timedelta(minutes=minute), "exif", None, None, None, 1
    )


def _names(photos: list[tuple[Photo, str | None]]) -> list[tuple[str | None, str | None, bool]]:
    return [
        (pair.before and pair.before.sha256, pair.after and pair.after.sha256, pair.by_order)
        for pair in pair_photos(photos)
    ]


def test_named_partners_stand_together() -> None:
    photos = [
        (_photo("b1", "before"), None),
        (_photo("b2", "before"), None),
        (_photo("a2", "after"), "b2"),
        (_photo("a1", "after"), "b1"),
    ]
    assert _names(photos) == [("b2", "a2", False), ("b1", "a1", False)]


def test_the_rest_stands_in_the_order_taken_and_says_so() -> None:
    photos = [
        (_photo("b2", "before", 2), None),
        (_photo("b1", "before", 1), None),
        (_photo("a1", "after", 3), None),
    ]
    assert _names(photos) == [("b1", "a1", True), ("b2", None, False)]


def test_a_second_answer_to_the_same_photo_stands_alone() -> None:
    photos = [(_photo("b", "before"), None), (_photo("a1", "after", 1), "b"), (_photo("a2", "after", 2), "b")]
    assert _names(photos) == [("b", "a1", False), (None, "a2", False)]
    assert _names([]) == []


def test_the_first_deadline_decides_what_is_on_time() -> None:
    limit = TimeLimit(
        Label("整改", "Rectification"),
        AT,
        AT + timedelta(days=9),
        AT + timedelta(days=8),
        AT + timedelta(days=7),
    )
    assert limit.kept is False
    assert replace(limit, original_due_at=None).kept is True
    assert replace(limit, met_at=None).kept is None


def test_template_data_is_plain_json_with_deltas(case: Case) -> None:
    data = template_data(case.data)
    json.dumps(data)
    assert data["log"][0]["delta"] is None
    assert data["log"][1]["delta"] == 720
    assert data["kept"] is True
    assert data["limits"][2]["margin"] < 0
    assert data["limits"][2]["kept"] is False
