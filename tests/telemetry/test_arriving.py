"""What makes a request the same delivery as an earlier one, and what is kept of its headers."""

import uuid
from datetime import UTC, datetime

import pytest

from hazard_flow.telemetry.arriving import delivered
from hazard_flow.telemetry.inbox import Arrival

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SOURCE = uuid.UUID(int=1)


def arrival(kind: str, body: bytes = b"{}", **headers: str) -> Arrival:
    return delivered(
        SOURCE, kind, body, {name.replace("_", "-"): value for name, value in headers.items()}, now=AT
    )


@pytest.mark.parametrize("kind", ["alertmanager", "grafana", "zabbix", "cloudevents"])
def test_byte_for_byte_the_same_is_the_same_where_messages_name_themselves(kind: str) -> None:
    assert arrival(kind).key == arrival(kind).key
    assert arrival(kind).key != arrival(kind, b"[]").key


@pytest.mark.parametrize("kind", ["pagerduty", "generic", "thingsboard"])
def test_words_that_may_be_meant_twice_are_two_deliveries(kind: str) -> None:
    first, second = arrival(kind), arrival(kind)
    assert first.key != second.key
    assert first.headers["key"] == first.key


def test_equal_bodies_are_different_events_by_their_headers() -> None:
    one, two = (arrival("cloudevents", ce_id=id_, ce_source="s") for id_ in ("1", "2"))
    assert one.key != two.key
    assert one.key == arrival("cloudevents", ce_id="1", ce_source="s").key
    assert one.headers == {"Ce-Id": "1", "Ce-Source": "s"}


def test_credentials_stay_out_and_what_is_kept_is_bounded() -> None:
    given = {"Authorization": "Bearer x", "Cookie": "hf=1", "User_Agent": "a" * 900}
    many = {f"ce_x{number}": "y" for number in range(90)}
    kept = arrival("cloudevents", **given, **many).headers
    assert set(kept) & {"Authorization", "Cookie"} == set()
    assert len(kept["User-Agent"]) == 200
    assert sum(name.startswith("Ce-") for name in kept) == 40
