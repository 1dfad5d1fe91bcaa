"""What raises a doubt about visits, and what does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hazard_flow.inspections.fraud import Picture, Visit, doubts
from hazard_flow.inspections.rules import DoubtRules, inspection_rules
from tests.harness.founding import ZONE
from tests.harness.rounds import DEGREE_M

RULES = DoubtRules()
AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def visit(
    number: int,
    *,
    minutes: float | None = None,
    metres: float | None = None,
    person: str = "li",
    **more: object,
) -> Visit:
    """The nth of a day: ten minutes and 400 m after the one before, unless told otherwise."""
    lat = 32.3 + (number * 400 if metres is None else metres) / DEGREE_M
    at = AT + timedelta(minutes=number * 10 if minutes is None else minutes)
    plain = Visit(f"v{number}", f"place {number}", person, at, 119.4, lat, 5.0, target=(119.4, lat))
    return replace(plain, **more)  # type: ignore[arg-type]


def raised(*visits: Visit) -> list[tuple[str, str]]:
    return [(one.visit, one.rule) for one in doubts(visits, RULES, ZONE)]


def test_the_shipped_rules_are_these():
    assert inspection_rules().doubts == RULES


def test_an_honest_day_raises_none():
    assert (
        raised(
            *(
                visit(n, photos=(Picture(f"{n:064x}", f"{n * 0x0123456789ABCDEF % 2**64:016x}"),))
                for n in range(20)
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("off_m", "accuracy_m", "is_doubt"), [(190, 0, False), (230, 0, True), (230, 60, False)]
)
def test_standing_outside_the_fence_by_more_than_the_fix_is_unsure(
    off_m: float, accuracy_m: float, is_doubt: bool
):
    one = visit(0)
    moved = replace(one, lat=(one.lat or 0) + off_m / DEGREE_M, accuracy_m=accuracy_m)
    assert raised(moved) == ([("v0", "outside_fence")] if is_doubt else [])


def test_a_made_up_position_is_a_doubt():
    assert raised(visit(0, is_mocked=True)) == [("v0", "mocked")]


def test_two_places_within_one_minute():
    near = visit(1, minutes=0.5, metres=20)
    assert raised(visit(0), near) == [("v0", "same_minute"), ("v1", "same_minute")]
    assert raised(visit(0), replace(near, person="wang")) == []
    assert raised(visit(0), replace(near, place="place 0")) == []


def test_faster_than_anybody_drives():
    assert raised(visit(0), visit(1, minutes=2, metres=5_000)) == [("v1", "too_fast")]
    assert raised(visit(0), visit(1, minutes=3, metres=5_000)) == []


def test_what_a_fix_may_jump_is_no_speed():
    assert raised(visit(0), visit(1, minutes=1, metres=150)) == []


def test_one_picture_for_two_places_whoever_sent_it():
    same = (Picture("a" * 64),)
    assert raised(visit(0, photos=same), visit(1, photos=same, person="wang")) == [("v1", "same_photo")]


@pytest.mark.parametrize(("bits", "is_doubt"), [(0, True), (6, True), (7, False)])
def test_a_picture_that_is_nearly_another(bits: int, is_doubt: bool):
    base = 0x5A5A_1234_89AB_CDEF
    turned = base ^ sum(1 << 9 * n for n in range(bits))
    pair = (
        visit(0, photos=(Picture("a" * 64, f"{base:016x}"),)),
        visit(1, photos=(Picture("b" * 64, f"{turned:016x}"),)),
    )
    assert raised(*pair) == ([("v1", "near_photo")] if is_doubt else [])


def test_the_same_place_looks_the_same_every_day():
    picture = Picture("b" * 64, "5a5a123489abcdef")
    first, second = (
        visit(0, photos=(Picture("a" * 64, picture.phash),)),
        visit(1, photos=(picture,), place="place 0"),
    )
    assert raised(first, second) == []


def test_one_signature_on_several_places():
    signed = [visit(n, signature="c" * 64) for n in range(2)]
    assert raised(*signed) == [("v0", "same_signature"), ("v1", "same_signature")]


def test_more_checks_in_a_day_than_anybody_makes():
    day = [visit(n, minutes=n * 5) for n in range(62)]
    assert raised(*day) == [("v60", "too_many"), ("v61", "too_many")]


def test_the_very_same_readings_at_place_after_place():
    same = [visit(n, readings=("4.7", "20.8")) for n in range(4)]
    assert {rule for _, rule in raised(*same)} == {"same_readings"}
    assert raised(*same[:3]) == []
    assert raised(*(visit(n, readings=("0", "0.0")) for n in range(9))) == []


def test_only_what_is_asked_about_is_told():
    same = (Picture("a" * 64),)
    old, new = visit(0, photos=same, at=None), visit(1, photos=same, at=None)
    told = doubts([new, old], RULES, ZONE, only=frozenset({"v1"}))
    assert [(one.visit, one.rule, one.other) for one in told] == [("v1", "same_photo", "v0")]
