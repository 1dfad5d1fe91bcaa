"""What a tablet says of itself when it reaches us: believed where it can be read, refused to its face where it cannot."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazard_flow.errors import BadRequest
from hazard_flow.offline.tablets import contact
from hazard_flow.offline.tablets.contact import browser_of
from tests.harness.cast import START
from tests.offline.depot import Depot

CONTACT = "/api/v1/field/contact"


def heard(depot: Depot, who: str = "何安全"):
    return depot.tablet(who).get("/api/v1/tablets").json["items"]


def test_a_contact_is_kept_and_answered_with_the_name_and_the_right_time(depot: Depot):
    tablet = depot.tablet("李巡检")
    ahead = (depot.city.now + timedelta(seconds=200)).isoformat()

    answer = tablet.send(
        "POST",
        CONTACT,
        X_HF_Unsent="3",
        X_HF_Device_At=ahead,
        X_HF_Version="ab12",
        User_Agent="Chrome/126 Android",
    )

    assert answer.status_code == 200
    assert answer.json["skew_seconds"] == 200
    assert (answer.json["label"], answer.json["state"]) == ("", "in_use")
    one = next(found for found in heard(depot) if found["id"] == str(tablet.id))
    assert (one["unsent"], one["clock_skew_seconds"], one["version"]) == (3, 200, "ab12")
    assert one["browser"] == "Chrome · Android"
    assert one["person"] == str(depot.city.person("李巡检"))
    # 200 s ahead, and no version that this server hands out
    assert one["troubles"] == ["fast", "old"]


def test_what_waits_is_counted_from_the_first_time_it_was_told(depot: Depot):
    tablet, began = depot.tablet("李巡检"), depot.city.now
    tablet.send("POST", CONTACT, X_HF_Unsent="2")
    depot.city.clock.advance(timedelta(hours=5))
    tablet.send("POST", CONTACT, X_HF_Unsent="5")

    [one] = heard(depot)

    assert one["unsent_since"] == began.isoformat().replace("+00:00", "Z")
    tablet.send("POST", CONTACT, X_HF_Unsent="0")
    [sent] = heard(depot)
    assert (sent["unsent"], sent["unsent_since"]) == (0, None)


def test_the_tablet_knows_better_since_when(depot: Depot):
    tablet = depot.tablet("李巡检")
    since = depot.city.now - timedelta(days=2)

    tablet.send("POST", CONTACT, X_HF_Unsent="1", X_HF_Oldest_At=since.isoformat())

    [one] = heard(depot)
    assert one["unsent_since"] == since.isoformat().replace("+00:00", "Z")
    assert one["troubles"] == ["stuck"]


def test_what_is_not_said_stays_as_it_was(depot: Depot):
    tablet = depot.tablet("李巡检")
    tablet.send("POST", CONTACT, X_HF_Unsent="4", X_HF_Version="ab12")

    tablet.send("POST", CONTACT)

    [one] = heard(depot)
    assert (one["unsent"], one["version"]) == (4, "ab12")


def test_a_shared_tablet_keeps_the_other_inspector_s_records_in_sight(depot: Depot):
    id_ = uuid.uuid4()
    depot.tablet("李巡检", id_=id_).send("POST", CONTACT, X_HF_Unsent="2")

    depot.tablet("王班长", id_=id_).send("POST", CONTACT)

    [one] = heard(depot)
    assert (one["unsent"], one["person"]) == (2, str(depot.city.person("王班长")))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-HF-Tablet", "number five"),
        ("X-HF-Tablet", ""),
        ("X-HF-Unsent", "-1"),
        ("X-HF-Unsent", "many"),
        ("X-HF-Unsent", "99999999"),
        ("X-HF-Unsent", "٣"),
        ("X-HF-Device-At", "yesterday"),
        ("X-HF-Device-At", "2026-11-02T09:00:00"),
        ("X-HF-Device-At", "0001-01-01T00:00:00+14:00"),
        ("X-HF-Oldest-At", "1"),
        ("X-HF-Version", "a b"),
        ("X-HF-Version", "v" * 41),
    ],
)
def test_what_cannot_be_read_is_refused_by_name_and_nothing_is_kept(depot: Depot, header, value):
    tablet = depot.tablet("李巡检")

    answer = tablet.send("POST", CONTACT, **{header: value})

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json["errors"]] == [header]
    assert answer.json["errors"][0]["message"]
    assert heard(depot) == []


def test_a_clock_off_by_centuries_is_kept_as_far_off(depot: Depot):
    tablet = depot.tablet("李巡检")

    answer = tablet.send("POST", CONTACT, X_HF_Device_At="9999-12-31T00:00:00+00:00")

    assert answer.status_code == 200
    [one] = heard(depot)
    assert one["troubles"] == ["fast"]


def test_nobody_reports_in_signed_out_or_from_another_site(depot: Depot):
    assert depot.tablet().send("POST", CONTACT).status_code == 401
    foreign = depot.tablet("李巡检").send("POST", CONTACT, Sec_Fetch_Site="cross-site")
    assert (foreign.status_code, foreign.json["code"]) == (403, "cross_site")


HEADERS = (contact.TABLET, contact.DEVICE_AT, contact.UNSENT, contact.OLDEST, contact.VERSION)


@given(st.dictionaries(st.sampled_from(HEADERS), st.text()))
def test_any_headers_are_read_or_refused_with_their_names(headers):
    try:
        contact.read(headers.get, now=START)
        wrong = set()
    except BadRequest as refused:
        wrong = {one.field for one in refused.fields}

    assert wrong <= {*headers, contact.TABLET}
    assert wrong or uuid.UUID(headers[contact.TABLET])


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome · Android"),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit Version/17.5 Safari/604",
            "Safari · iPadOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge · Windows",
        ),
        ("curl/8", ""),
    ],
)
def test_browsers_are_told_by_what_people_call_them(agent, said):
    assert browser_of(agent) == said
