"""Whoever hands in an after-photo that proves something else already is told to their face, or says why and is looked at for it."""

import pytest

from hazard_flow.errors import Refused
from hazard_flow.hazards.originality.examining import Examiner
from hazard_flow.hazards.originality.flags import flags_of
from tests.harness.city import City
from tests.harness.inspecting import doubts, examine, take
from tests.harness.photos import tiny_jpeg
from tests.harness.refusals import said
from tests.harness.scenes import DISGUISES, jpeg, scene, signature

WHY = "两处阀井在同一张全景照片里，现场无法分开拍摄"


def after(city: City, hazard, data: bytes, **given):
    [before] = [e for e in city.evidence(hazard) if e.kind == "PHOTO_BEFORE"]
    return take(city, data, "PHOTO_AFTER", stage="rectify", pair_of=before.sha256, **given)


def working(city: City, **given):
    return city.bring_to(city.report(**given), "rectifying")


def test_the_after_photo_of_another_hazard_is_refused_with_everything_else(city: City):
    first, second, photo = working(city), working(city), tiny_jpeg()
    city.submit(first, evidence=[after(city, first, photo), *city.papers(first)])

    with pytest.raises(Refused) as refusal:
        city.act("王班长", second, "submit", evidence=[after(city, second, photo)])

    assert ("evidence", "photo_reused_elsewhere") in said(refusal)
    assert ("measures_done", "required") in said(refusal)
    assert [e.params["other"] for e in refusal.value.fields if e.code == "photo_reused_elsewhere"] == [
        first.number
    ]
    assert city.look(second).state == "rectifying"


def test_the_before_photo_of_the_same_hazard_is_no_after_photo(city: City):
    photo = tiny_jpeg()
    hazard = working(city, evidence=[take(city, photo)])

    with pytest.raises(Refused) as refusal:
        city.submit(hazard, evidence=[after(city, hazard, photo), *city.papers(hazard)])

    assert said(refusal) == {("evidence", "photo_reused_before")}


def test_where_one_may_not_look_the_other_hazard_is_not_named(city: City):
    photo = tiny_jpeg()
    theirs = city.report(by="邓总", unit="安平燃气", evidence=[take(city, photo)])
    ours = working(city)

    with pytest.raises(Refused) as refusal:
        city.submit(ours, evidence=[after(city, ours, photo), *city.papers(ours)])

    assert said(refusal) == {("evidence", "photo_reused_out_of_sight")}
    assert theirs.number not in str([e.params for e in refusal.value.fields])


def test_an_explanation_lets_it_pass_is_recorded_and_flagged(city: City):
    first, second, photo = working(city), working(city), tiny_jpeg()
    city.submit(first, evidence=[after(city, first, photo), *city.papers(first)])

    city.submit(second, evidence=[after(city, second, photo), *city.papers(second)], reuse_reason=WHY)

    assert city.look(second).state == "submitted"
    told = city.events(second)[-1].data["reused"]
    assert told["reason"] == WHY
    assert len(told["files"]) == 1
    flag = doubts(city, second)["reuse_explained"]
    assert (flag.other_hazard_id, flag.event_seq) == (first.id, city.look(second).seq)


def test_an_explanation_of_a_few_letters_is_none(city: City):
    first, second, photo = working(city), working(city), tiny_jpeg()
    city.submit(first, evidence=[after(city, first, photo), *city.papers(first)])

    with pytest.raises(Refused) as refusal:
        city.submit(
            second, evidence=[after(city, second, photo), *city.papers(second)], reuse_reason="忘了拍"
        )

    assert said(refusal) == {("evidence", "photo_reused_elsewhere"), ("reuse_reason", "too_short")}


def test_an_explanation_without_need_is_not_recorded(city: City):
    hazard = working(city)

    city.submit(hazard, reuse_reason=WHY)

    assert "reused" not in city.events(hazard)[-1].data
    assert doubts(city, hazard) == {}


def test_a_split_shares_its_photos_and_nobody_is_blamed(city: City):
    photo = jpeg(scene("one finding"))
    hazard = city.bring_to(city.report(evidence=[take(city, photo)]), "rectifying")
    city.split(hazard)

    examine(city)

    assert all(doubts(city, one) == {} for one in city.hazards())


@pytest.mark.parametrize("how", DISGUISES)
def test_a_disguised_photo_is_found_by_the_worker(city: City, how: str):
    first = city.report(evidence=[take(city, jpeg(scene("a well")))])
    examine(city)
    city.fast_forward(minutes=90)
    second = city.report(evidence=[take(city, jpeg(DISGUISES[how](scene("a well")), quality=70))])
    examine(city)

    found = doubts(city, second)
    assert set(found) == {"reused_near"}
    assert found["reused_near"].other_hazard_id == first.id
    assert found["reused_near"].measured["mirrored"] == (how == "mirrored")
    assert doubts(city, first) == {}


def test_different_places_are_not_confused(city: City):
    hazards = [city.report(evidence=[take(city, jpeg(scene(f"place {n}")))]) for n in range(12)]

    examine(city)

    assert [doubts(city, hazard) for hazard in hazards] == [{}] * 12


def test_the_doubt_lies_on_whoever_came_later_also_if_looked_at_first(city: City):
    first = city.report(evidence=[take(city, jpeg(scene("a gate")))])
    city.fast_forward(minutes=1)
    second = city.report(evidence=[take(city, jpeg(scene("a gate"), quality=60))])

    examiner = Examiner(city.database, city.store)
    examiner.examine(second.id, second.seq, city.now)
    examiner.examine(first.id, first.seq, city.now)
    examiner.examine(first.id, first.seq, city.now)

    assert doubts(city, first) == {}
    [flag] = doubts(city, second).values()
    assert flag.doubt == "reused_near"


def test_across_enterprises_the_match_is_told_without_the_others_number(city: City):
    theirs = city.report(by="邓总", unit="安平燃气", evidence=[take(city, jpeg(scene("shared yard")))])
    city.fast_forward(minutes=1)
    ours = city.report(evidence=[take(city, jpeg(scene("shared yard"), quality=60))])
    examine(city)

    with city.database.reading(city.actor("何安全").scope) as session:
        [seen] = flags_of(session, ours).all
    with city.database.reading(city.actor("梁处长").scope) as session:
        [by_the_city] = flags_of(session, ours).all

    assert theirs.number not in seen.sentence("zh")
    assert "无权查看" in seen.sentence("zh")
    assert "outside your area" in seen.sentence("en")
    assert theirs.number in by_the_city.sentence("zh")


def test_before_and_after_that_are_one_photo(city: City):
    photo = scene("nothing was done")
    hazard = city.bring_to(city.report(evidence=[take(city, jpeg(photo))]), "rectifying")
    city.fast_forward(hours=1)
    city.submit(hazard, evidence=[after(city, hazard, jpeg(photo, quality=60)), *city.papers(hazard)])

    examine(city)

    assert set(doubts(city, hazard)) == {"before_is_after"}


def test_one_signature_under_two_names(city: City):
    hand = signature("王五")
    one, two, three = (city.bring_to(city.report(), "rectifying") for _ in range(3))
    for hazard, who, quality in ((one, "王班长", 90), (two, "何安全", 70), (three, "王班长", 60)):
        piece = take(city, jpeg(hand, quality=quality), "SIGNATURE", stage="rectify")
        city.act(who, hazard, "attach", evidence=[piece])
        city.fast_forward(minutes=1)

    examine(city)

    assert doubts(city, one) == {}
    assert set(doubts(city, two)) == {"signature_reused"}
    assert set(doubts(city, three)) == {"signature_reused"}
    assert doubts(city, three)["signature_reused"].other_hazard_id == two.id
