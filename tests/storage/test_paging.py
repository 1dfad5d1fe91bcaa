"""Pages neither repeat nor lose a row while others write, and a broken cursor is refused."""

import base64
import json
import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hazard_flow.errors import BadRequest
from hazard_flow.hazards import queries
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.paging import decode_cursor, encode_cursor, keyset, read_limit
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City


def pages(city: City, limit: int, *, meanwhile=lambda: None) -> list[list[str]]:
    found, cursor = [], None
    while True:
        with city.database.reading(city.actor("何安全").scope) as session:
            page = queries.page(session, queries.Filter(), now=city.now, cursor=cursor, limit=limit)
            found.append([hazard.number for hazard in page.items])
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor
        meanwhile()


def test_every_row_once_the_newest_first(city: City):
    for n in range(7):
        if n % 3:
            city.fast_forward(minutes=1)  # some at the same instant: the id decides
        city.report()

    numbers = [n for page in pages(city, 3) for n in page]
    assert [len(page) for page in pages(city, 3)] == [3, 3, 1]
    assert sorted(numbers) == [hazard.number for hazard in city.hazards()]
    assert numbers[0] == "YH-990102-20261102-0007"


def test_what_is_inserted_meanwhile_moves_nothing(city: City):
    for _ in range(6):
        city.report()
    before = [n for page in pages(city, 2) for n in page]

    during = pages(city, 2, meanwhile=lambda: (city.fast_forward(seconds=5), city.report()))

    assert [n for page in during for n in page] == before


def test_a_full_last_page_has_no_cursor(city: City):
    for _ in range(4):
        city.report()

    assert [len(page) for page in pages(city, 2)] == [2, 2]


def test_upward_too(city: City):
    numbers = [city.report().number for _ in range(5)]
    found, cursor = [], None
    with city.database.reading(SYSTEM) as session:
        for _ in range(3):
            page = keyset(
                session,
                sa.select(Hazard),
                instant=Hazard.reported_at,
                id_=Hazard.id,
                cursor=cursor,
                limit=2,
                descending=False,
            )
            found += [hazard.number for hazard in page.items]
            cursor = page.next_cursor

    assert (found, cursor) == (numbers, None)


def test_a_cursor_is_read_as_it_was_written():
    at, id_ = datetime(2026, 11, 2, 1, 2, 3, 456789, UTC), uuid.uuid4()

    assert decode_cursor(encode_cursor(at, id_)) == (at, id_)


ID = "01a209b89a5175d39a555e04c00dffe5"


def written(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "AAAA",
        written(None),
        written([]),
        written({"a": 1, "b": 2}),
        written(["2026-11-02T01:00:00+00:00"]),
        written(["2026-11-02T01:00:00+00:00", 5]),
        written(["2026-11-02T01:00:00+00:00", "not an id"]),
        written(["2026-11-02T01:00:00", ID]),
        written(["yesterday", ID]),
        written([20261102, ID]),
        written(["0001-01-01T00:00:00+23:59", ID]),
        written([["2026-11-02T01:00:00+00:00"], ID]),
    ],
)
def test_a_broken_cursor_is_refused(cursor: str):
    with pytest.raises(BadRequest) as refusal:
        decode_cursor(cursor)

    assert [(f.field, f.code) for f in refusal.value.fields] == [("cursor", "bad_cursor")]


@pytest.mark.parametrize(("raw", "limit"), [(None, 50), ("", 50), ("1", 1), ("200", 200), (7, 7)])
def test_limits(raw, limit):
    assert read_limit(raw) == limit


@pytest.mark.parametrize("raw", ["0", "201", "-1", "many", "1.5", "9" * 5000])
def test_other_limits_are_refused(raw):
    with pytest.raises(BadRequest) as refusal:
        read_limit(raw)

    assert refusal.value.fields[0].field == "limit"
