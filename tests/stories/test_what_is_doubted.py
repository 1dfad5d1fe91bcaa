"""Photographs whose times, places or making do not fit what is said of them are pointed out to whoever judges; nothing is refused."""

from datetime import timedelta

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.flags import flags_of, may_see_flags
from hazard_flow.hazards.originality.watch import late
from tests.harness.city import City
from tests.harness.founding import ZONE
from tests.harness.inspecting import doubts, examine, take
from tests.harness.scenes import jpeg, scene

WELL = (119.4, 32.4)


def shot(city: City, seed: str, *, minutes_ago: float = 0, **given) -> bytes:
    at = (city.now - timedelta(minutes=minutes_ago)).astimezone(ZONE)
    return jpeg(scene(seed), taken=at, camera="巡检终端", **given)


def submitted(city: City, hazard: Hazard, data: bytes, **given) -> Hazard:
    [before] = [e for e in city.evidence(hazard) if e.kind == "PHOTO_BEFORE"]
    piece = take(city, data, "PHOTO_AFTER", stage="rectify", pair_of=before.sha256, **given)
    city.submit(hazard, evidence=[piece, *city.papers(hazard)])
    return city.look(hazard)


def test_an_honest_case_leaves_nothing_to_doubt(city: City):
    hazard = city.report(evidence=[take(city, shot(city, "well", minutes_ago=4), at=WELL)], asset="VW-1")
    city.bring_to(hazard, "rectifying")
    city.fast_forward(hours=3)
    submitted(city, hazard, shot(city, "well mended", minutes_ago=5), at=(119.4003, 32.4002))
    city.verify(hazard)

    examine(city)

    assert doubts(city, hazard) == {}


def test_taken_before_the_photo_it_answers(city: City):
    hazard = city.report(evidence=[take(city, shot(city, "well"))])
    city.bring_to(hazard, "rectifying")
    city.fast_forward(hours=3)
    submitted(city, hazard, shot(city, "another day", minutes_ago=300))

    examine(city)

    assert doubts(city, hazard)["photo_before_work"].measured == {"minutes": 120}


def test_an_old_photo_and_one_from_the_future(city: City):
    old = city.report(evidence=[take(city, shot(city, "archive", minutes_ago=3 * 1440))])
    early = city.report(evidence=[take(city, shot(city, "tomorrow", minutes_ago=-60))])

    examine(city)

    assert set(doubts(city, old)) == {"photo_too_old"}
    assert set(doubts(city, early)) == {"photo_in_future"}


def test_a_tablet_that_knows_it_is_fast_is_not_taken_for_a_liar(city: City):
    fast = take(
        city, shot(city, "clock", minutes_ago=-60), captured_at=city.now + timedelta(hours=1), skew_s=3600
    )
    hazard = city.report(evidence=[fast])

    examine(city)

    [kept] = city.evidence(hazard)
    assert (kept.captured_at, kept.exif_at, kept.received_at) == (
        city.now + timedelta(hours=1), city.now + timedelta(hours=1), city.now,
    )  # fmt: skip
    assert kept.clock_skew_s == 3600
    assert city.events(hazard)[0].data["evidence"][0]["clock_skew_s"] == 3600
    assert set(doubts(city, hazard)) == {"clock_wrong"}


def test_taken_somewhere_else(city: City):
    far = city.report(evidence=[take(city, shot(city, "far"), at=(119.41, 32.4))], asset="VW-1")
    city.fast_forward(days=1)
    near = city.report(evidence=[take(city, shot(city, "near"), at=(119.4015, 32.4))], asset="VW-9")

    examine(city)

    assert doubts(city, far)["far_from_asset"].measured == {"metres": 939, "limit": 200}
    assert doubts(city, near) == {}


def test_nobody_drives_like_that(city: City):
    first = city.report(evidence=[take(city, shot(city, "north"), at=(119.40, 32.40))])
    city.fast_forward(minutes=5)
    second = city.report(evidence=[take(city, shot(city, "south"), at=(119.40, 32.20))])
    city.fast_forward(hours=2)
    third = city.report(evidence=[take(city, shot(city, "west"), at=(119.30, 32.20))])

    examine(city)

    assert doubts(city, first) == {}
    measured = doubts(city, second)["impossible_travel"].measured
    assert (measured["minutes"], 250 < measured["kmh"] < 280) == (5, True)
    assert doubts(city, third) == {}


def test_two_places_in_one_minute(city: City):
    city.report(evidence=[take(city, shot(city, "here"), at=(119.40, 32.40))])
    city.fast_forward(seconds=30)
    second = city.report(evidence=[take(city, shot(city, "there"), at=(119.42, 32.40))])

    examine(city)

    assert set(doubts(city, second)) == {"two_at_once"}


def test_an_excavation_within_a_minute(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.fast_forward(minutes=1)
    city.submit(hazard)

    examine(city)

    assert doubts(city, hazard)["too_fast"].measured["minutes"] == 1
    assert doubts(city, hazard)["too_fast"].subject == ""


def test_screenshots_and_edited_pictures(city: City):
    screen = scene("chat").resize((1080, 2400))
    by_size = city.report(evidence=[take(city, jpeg(screen, form="PNG"), name="IMG_1.png")])
    by_name = city.report(evidence=[take(city, jpeg(scene("b")), name="Screenshot_20261123.jpg")])
    edited = city.report(evidence=[take(city, shot(city, "c", software="Adobe Photoshop 25.1"))])
    a_photo_of_that_size = city.report(
        evidence=[take(city, jpeg(scene("d").resize((1080, 2400)), camera="Huawei"))]
    )

    examine(city)

    assert set(doubts(city, by_size)) == {"screenshot"}
    assert set(doubts(city, by_name)) == {"screenshot"}
    assert set(doubts(city, edited)) == {"edited"}
    assert doubts(city, a_photo_of_that_size) == {}


def test_the_verifier_hands_in_the_photo_of_the_work(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.fast_forward(hours=1)
    data = shot(city, "work")
    submitted(city, hazard, data)
    city.fast_forward(hours=1)
    city.verify(hazard, evidence=[take(city, data, "PHOTO_AFTER", stage="verify")])

    examine(city)

    assert "recheck_reused" in doubts(city, hazard)


def test_whoever_judges_sees_it_whoever_is_judged_does_not(city: City):
    hazard = city.bring_to(
        city.report(evidence=[take(city, shot(city, "x", minutes_ago=9_999))]), "submitted"
    )
    examine(city)
    now = city.look(hazard)

    seeing = {who for who in ("徐复查", "孟安全", "何安全", "唐监管", "梁处长", "王班长", "李巡检", "赵经理")
              if may_see_flags(city.actor(who), now)}  # fmt: skip

    assert seeing == {"徐复查", "孟安全", "何安全", "唐监管", "梁处长"}


def test_several_doubts_weigh_more_than_one(city: City):
    one = city.report(evidence=[take(city, shot(city, "p", minutes_ago=9_999))])
    two = city.report(evidence=[take(city, shot(city, "q", minutes_ago=9_999, software="GIMP"))])
    examine(city)

    with city.database.reading(city.actor("梁处长").scope) as session:
        scores = [flags_of(session, hazard).score for hazard in (one, two)]

    assert scores == [40, 70]


def test_evidence_that_waits_too_long_is_told_by_the_watch(city: City):
    city.report()
    with city.database.reading(city.actor("system").scope) as session:
        assert late(session, city.now) is None
        assert late(session, city.now + timedelta(minutes=16)) is not None
    examine(city)
    with city.database.reading(city.actor("system").scope) as session:
        assert late(session, city.now + timedelta(minutes=16)) is None
