"""Photos named before they came: the hazard goes on without them, until somebody judges; what will never come is said for ever."""

import pytest

from hazard_flow.errors import NotAllowed, Refused
from hazard_flow.hazards.models import Hazard
from tests.harness.city import City
from tests.harness.declaring import Declared, arrive, declared
from tests.harness.inspecting import doubts, examine, take
from tests.harness.refusals import said
from tests.harness.scenes import jpeg, scene

NOT_RECEIVED = ("evidence", "evidence_not_received")


def submitted(city: City, before: Declared, *more: Declared) -> Hazard:
    """A hazard that waits for its re-check, its before-photo declared."""
    return city.bring_to(city.report(evidence=[piece.item for piece in (before, *more)]), "submitted")


def test_a_re_check_waits_for_something_to_look_at(city: City):
    before = declared(city)
    hazard = submitted(city, before)

    with pytest.raises(Refused) as refusal:
        city.verify(hazard)
    arrive(city, hazard, before, "display")
    city.verify(hazard)

    assert said(refusal) == {NOT_RECEIVED}
    [error] = refusal.value.fields
    assert error.params["filename"] == "IMG_0001.jpg"
    assert error.params["tablet"] == "12AB3C"
    assert city.look(hazard).state == "verified"


def test_cancelling_waits_for_the_originals_and_names_each(city: City):
    first, second = declared(city, name="一.jpg"), declared(city, name="二.jpg")
    hazard = submitted(city, first, second)
    for piece in (first, second):
        arrive(city, hazard, piece, "display")
    city.verify(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard)
    arrive(city, hazard, first, "original")
    with pytest.raises(Refused) as again:
        city.close(hazard)
    arrive(city, hazard, second, "original")
    city.close(hazard)

    assert {e.params["filename"] for e in refusal.value.fields} == {"一.jpg", "二.jpg"}
    assert {e.params["filename"] for e in again.value.fields} == {"二.jpg"}
    assert city.look(hazard).state == "closed"


def test_what_is_lost_for_good_is_said_and_waited_for_no_longer(city: City):
    lost, sent = declared(city, name="一.jpg"), declared(city, name="二.jpg")
    hazard = submitted(city, lost, sent)
    arrive(city, hazard, sent)
    reason = "平板坠入阀井损坏，数据无法恢复"

    outcome = city.act("赵经理", hazard, "write_off_evidence", reason=reason)
    city.verify(hazard)
    city.close(hazard)

    [event] = [e for e in city.events(hazard) if e.action == "write_off_evidence"]
    assert outcome.event.seq == event.seq
    assert event.data["fields"]["reason"] == reason
    [given_up] = event.data["written_off"]
    assert (given_up["sha256"], given_up["filename"], given_up["missing"]) == (
        lost.item.sha256,
        "一.jpg",
        "all",
    )
    assert {e.sha256: e.is_lost for e in city.evidence(hazard)}[lost.item.sha256]


def test_only_the_files_it_names_are_given_up(city: City):
    one, two = declared(city, name="一.jpg"), declared(city, name="二.jpg")
    hazard = submitted(city, one, two)
    reason = "平板坠入阀井损坏，数据无法恢复"

    with pytest.raises(Refused) as refusal:
        city.act("何安全", hazard, "write_off_evidence", reason=reason, lost_files="三.jpg\n一.jpg")
    city.act("何安全", hazard, "write_off_evidence", reason=reason, lost_files=one.item.sha256[:8])

    assert said(refusal) == {("lost_files", "not_outstanding")}
    assert {e.filename: e.is_lost for e in city.evidence(hazard) if e.kind == "PHOTO_BEFORE"} == {
        "一.jpg": True, "二.jpg": False,
    }  # fmt: skip


@pytest.mark.parametrize("who", ["李巡检", "王班长"])
def test_nobody_gives_up_their_own_photos_nor_below_a_manager(city: City, who: str):
    hazard = submitted(city, declared(city))

    with pytest.raises(NotAllowed):
        city.act(who, hazard, "write_off_evidence", reason="平板坠入阀井损坏，数据无法恢复")


def test_where_everything_has_come_there_is_nothing_to_give_up(city: City):
    hazard = city.bring_to(city.report(), "submitted")

    with pytest.raises(Refused) as refusal:
        city.act("赵经理", hazard, "write_off_evidence", reason="平板坠入阀井损坏，数据无法恢复")

    assert said(refusal) == {("guard", "evidence_outstanding")}


def test_a_dismissal_does_not_wait(city: City):
    hazard = city.report(evidence=[declared(city).item])

    city.dismiss(hazard)

    assert city.look(hazard).state == "closed"


def test_what_comes_after_a_merge_reaches_both(city: City):
    before = declared(city)
    kept, merged = city.report(), city.report(evidence=[before.item])
    city.merge(merged, kept)

    arrive(city, merged, before)

    [there] = [e for e in city.evidence(kept) if e.sha256 == before.item.sha256]
    assert (there.has_copy, there.has_original) == (True, True)


def test_a_split_takes_along_what_had_come(city: City):
    before = declared(city)
    hazard = city.report(evidence=[before.item])
    arrive(city, hazard, before, "display")

    second = city.split(hazard)

    [there] = [e for e in city.evidence(second) if e.sha256 == before.item.sha256]
    assert (there.has_copy, there.has_original) == (True, False)
    arrive(city, second, before, "original")
    [first] = [e for e in city.evidence(hazard) if e.sha256 == before.item.sha256]
    assert first.has_original


def test_events_of_received_evidence_say_nothing_new(city: City):
    hazard = city.report()

    [event] = city.events(hazard)

    assert "declared" not in event.data["evidence"][0]
    assert "marks" not in event.data["evidence"][0]
    assert "offline" not in event.data


def test_a_copy_that_shows_something_else_is_a_doubt_for_the_reviewer(city: City):
    honest = declared(city, original=jpeg(scene("gate"), quality=95), display=jpeg(scene("gate"), quality=50))
    other = declared(city, original=jpeg(scene("well"), quality=95), display=jpeg(scene("wall"), quality=80))
    hazards = [city.report(evidence=[piece.item]) for piece in (honest, other)]
    for hazard, piece in zip(hazards, (honest, other), strict=True):
        arrive(city, hazard, piece, "display")
    examine(city)
    before = [set(doubts(city, hazard)) for hazard in hazards]
    for hazard, piece in zip(hazards, (honest, other), strict=True):
        arrive(city, hazard, piece, "original")
    examine(city)

    assert before == [set(), set()]
    assert [set(doubts(city, hazard)) for hazard in hazards] == [set(), {"copy_differs"}]
    assert doubts(city, hazards[1])["copy_differs"].measured["percent"] < 50


def test_a_photo_used_again_is_noticed_when_it_arrives(city: City):
    first = city.report(evidence=[take(city, jpeg(scene("gate")))])
    city.fast_forward(minutes=5)
    again = declared(city, original=jpeg(scene("gate"), quality=70), display=jpeg(scene("gate"), quality=50))
    second = city.report(evidence=[again.item])
    examine(city)
    assert doubts(city, second) == {}

    arrive(city, second, again, "display")
    examine(city)

    assert set(doubts(city, second)) == {"reused_near"}
    assert doubts(city, first) == {}
