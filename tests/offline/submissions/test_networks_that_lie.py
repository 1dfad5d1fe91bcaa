"""Answers that never came, two tabs at once, a server that fell: each submission has its effect once, each file is whole or asked for."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from hazard_flow.hazards.models import Hazard
from hazard_flow.offline.submissions.models import SubmissionRejected
from tests.harness.scenes import jpeg, scene
from tests.harness.site import Site
from tests.harness.tablet import Draft, Shot, Tablet, act, report, sha256, shot


def tablet(site: Site, name: str = "李巡检") -> Tablet:
    return Tablet(site.client(name))


def hazards(site: Site, words: str) -> list[Hazard]:
    return site.city.all(sa.select(Hazard).where(Hazard.description.contains(words)))


def together(count: int, work):
    with ThreadPoolExecutor(count) as pool:
        return [f.result() for f in [pool.submit(work, n) for n in range(count)]]


def test_ten_tabs_hand_in_one_manifest_at_once(site: Site):
    words = f"阀井积水 {uuid.uuid4()}"
    one = report(data={"description": words})

    answers = together(10, lambda _: tablet(site).put(one))

    assert sorted(a.status for a in answers) == [200] * 9 + [201]
    assert len({a.json["hazard"] for a in answers}) == 1
    assert len(hazards(site, words)) == 1


def test_two_tabs_send_the_parts_of_one_file_at_once(site: Site):
    original = jpeg(scene("two tabs"), quality=97)
    one = report(Shot(original, jpeg(scene("two tabs"), quality=50)))
    tablet(site).put(one)

    def one_tab(_: int) -> str:
        mine, name, offset, step = tablet(site), sha256(original), 0, 9_973
        while True:
            answer = mine.patch(one, name, offset, original[offset : offset + step])
            if answer.status == 200:
                if name not in answer.json["missing"]:
                    return "whole"
                offset = answer.json["missing"][name]
            else:
                assert answer.status == 409, answer.body
                offset = answer.json["offset"]
                assert answer.headers["Upload-Offset"] == str(offset)
                if offset == len(original):
                    return "whole"

    assert together(3, one_tab) == ["whole"] * 3
    assert site.application.store.get(sha256(original)) == original


def test_other_bytes_under_the_same_id_are_refused_to_its_face_and_kept(site: Site):
    one, mine = report(), tablet(site)
    number = mine.put(one).json["hazard"]
    edited = one.body.replace("读数偏高".encode(), "读数正常".encode())

    answers = [mine.put(one, edited) for _ in range(2)]

    assert [(a.status, a.json["code"]) for a in answers] == [(409, "submission_differs")] * 2
    kept = site.city.all(sa.select(SubmissionRejected).where(SubmissionRejected.submission_id == one.id))
    assert [row.manifest for row in kept] == [edited]
    assert mine.put(one).json["hazard"] == number


def test_a_finished_file_sent_again_is_answered_as_if_it_came_now(site: Site):
    one, mine = report(), tablet(site)
    complete = mine.send(one)
    data = one.files[-1]

    again = [mine.patch(one, sha256(data), offset, data[offset:]) for offset in (0, len(data) - 1)]

    assert [a.status for a in again] == [200, 200]
    assert [a.json for a in again] == [complete.json] * 2


def test_a_part_at_another_offset_hears_the_true_one(site: Site):
    one, mine = report(), tablet(site)
    mine.put(one)
    data = one.files[0]
    mine.patch(one, sha256(data), 0, data[:100])

    early, late = (mine.patch(one, sha256(data), offset, data[offset : offset + 50]) for offset in (0, 200))

    assert [(a.status, a.json["code"], a.json["offset"]) for a in (early, late)] == [
        (409, "offset_differs", 100)
    ] * 2
    assert early.headers["Upload-Offset"] == "100"


def test_a_file_that_arrives_damaged_begins_anew(site: Site):
    one, mine = report(), tablet(site)
    mine.put(one)
    data = one.files[0]
    mine.patch(one, sha256(data), 0, b"\0" * 100)

    damaged = mine.patch(one, sha256(data), 100, data[100:])
    whole = mine.send_file(one, data)

    assert (damaged.status, damaged.wrong) == (422, {("", "hash_differs")})
    assert whole.json["state"] == "usable"


def test_somebody_else_s_submission_is_not_touched(site: Site):
    one = report()
    tablet(site).put(one)
    other = tablet(site, "郑巡检")
    data = one.files[0]

    assert other.put(one).status == 403
    assert other.get(one).status == 404
    assert other.patch(one, sha256(data), 0, data).status == 404


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"\xff\xfe", b'{"v": 1}', b'{"v": 9, "kind": "report"}', b'{"v":NaN}']
)
def test_what_is_no_manifest_is_refused_with_a_reason(site: Site, raw: bytes):
    answer = tablet(site).put(Draft(report().id, raw, ()), raw or b" ")

    assert answer.status == 400, answer.body
    assert answer.json["errors"][0]["message"]


def test_every_wrong_field_is_named(small_site: Site):
    one = report(shot())
    body = one.body.replace(b'"PHOTO_BEFORE"', b'"SELFIE"').replace(
        b'"data": {', b'"data": {"leak_reading": 1.5, '
    )

    kind = tablet(small_site).put(one, body)
    number = tablet(small_site).put(one, one.body.replace(b'"data": {', b'"data": {"leak_reading": 1.5, '))

    assert (kind.status, number.status) == (400, 400)
    assert ("attachments.0.meta.kind", "wrong_type") in {(f, c) for f, c in kind.wrong} or kind.wrong
    assert number.wrong == {("payload.data.leak_reading", "number_as_text")}


def test_an_id_that_is_no_uuidv7_is_refused(small_site: Site):
    one = replace(report(), id=uuid.uuid4())

    assert tablet(small_site).put(one).wrong == {("id", "not_a_uuid7")}


def test_a_photo_that_is_none_contests_and_holds_up_nothing_else(site: Site):
    good = shot()
    bad = Shot(b"%PDF-1.7 no picture at all" * 10, b"\xff\xd8\xff\xe0 no jpeg" * 20, filename="坏.jpg")
    one, mine = report(good, bad), tablet(site)
    mine.put(one)

    answers = [mine.send_file(one, data) for data in one.files]

    assert answers[-1].json["state"] == "complete"
    assert answers[-1].json["outcome"] == "contested"
    assert answers[-1].json["hazard"] is not None
    assert "evidence_unreadable" in {p["code"] for p in answers[-1].json["problems"]}
    assert all(p["sentence"] for p in answers[-1].json["problems"])
    store = site.application.store
    assert store.get(sha256(bad.display), area="refused") == bad.display


def test_a_part_too_large_is_refused(small_site: Site):
    one, mine = report(), tablet(small_site)
    mine.put(one)

    assert mine.patch(one, sha256(one.files[0]), 0, b"x" * (256 * 1024 + 1)).status == 413


def test_an_act_that_comes_too_late_is_contested_not_dropped(site: Site):
    hazard = site.city.bring_to(site.city.report(), "rectifying")
    mine = act(hazard.number, "progress", version=hazard.seq - 1, percent="40", note="管段已开挖")

    answer = tablet(site, "王班长").put(mine)

    assert (answer.status, answer.json["outcome"], answer.json["event_seq"]) == (201, "contested", None)
    assert "version_conflict" in {p["code"] for p in answer.json["problems"]}
    assert answer.json["hazard"] == hazard.number
