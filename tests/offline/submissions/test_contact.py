"""Every manifest tells whoever keeps the list of tablets that this one was heard of; a header that is nonsense keeps nothing out."""

import uuid
from datetime import timedelta
from typing import Any

from hazard_flow import app as composition
from hazard_flow.offline.submissions.api import ContactBook
from tests.harness.site import Site
from tests.harness.tablet import report


def hand_in(site: Site, **headers: str) -> tuple[int, list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []
    web = composition.create_web(site.application)
    web.extensions["hazard_flow"].parts[ContactBook] = ContactBook(
        lambda _session, **said: heard.append(said)
    )
    one = report()
    answer = web.test_client().put(
        f"/api/v1/submissions/{one.id}", data=one.body, content_type="application/json",
        headers={"Authorization": f"Bearer {site.token('李巡检')}", **headers},
    )  # fmt: skip
    return answer.status_code, heard


def test_the_tablet_is_noted_with_what_it_says_of_itself(small_site: Site):
    tablet_id, ahead = uuid.uuid4(), timedelta(minutes=7)
    device_at = (small_site.city.now + ahead).isoformat()

    status, heard = hand_in(
        small_site,
        **{
            "X-HF-Tablet": str(tablet_id),
            "X-HF-Device-At": device_at,
            "X-HF-Unsent": "3",
            "X-HF-Version": "1.4.2",
        },
    )

    assert status == 201
    [said] = heard
    assert (said["tablet_id"], said["unsent"], said["version"]) == (tablet_id, 3, "1.4.2")
    assert said["person"] == small_site.city.person("李巡检")
    assert 400 <= said["skew_seconds"] <= 420


def test_nonsense_in_the_headers_keeps_no_report_out(small_site: Site):
    status, heard = hand_in(
        small_site,
        **{"X-HF-Tablet": "mine", "X-HF-Device-At": "now", "X-HF-Unsent": "many", "X-HF-Version": "x" * 500},
    )

    assert (status, heard) == (201, [])
