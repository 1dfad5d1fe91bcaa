"""Fingerprints: near for the same picture, found by their bands however many there are, silent where there is nothing to see."""

from random import Random

import pytest
from PIL import Image, ImageOps

from hazard_flow.evidence.fingerprints import (
    BITS,
    DISTANCE_MAX,
    bands,
    near_bands,
    prints_of,
    signed,
    unsigned,
)
from hazard_flow.evidence.likeness import Look, likeness
from tests.harness.scenes import DISGUISES, scene


@pytest.mark.parametrize("number", [0, 1, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_database_keeps_all_64_bits(number: int) -> None:
    assert -(2**63) <= signed(number) < 2**63
    assert unsigned(signed(number)) == number


def test_bands_miss_none_up_to_the_limit() -> None:
    dice = Random(3)
    for _ in range(2_000):
        number, other = dice.getrandbits(BITS), 0
        other = number
        for place in dice.sample(range(BITS), dice.randint(0, DISTANCE_MAX)):
            other ^= 1 << place
        assert any(b in set(near_bands(a)) for a, b in zip(bands(number), bands(other), strict=True))


@pytest.mark.parametrize("how", DISGUISES)
def test_a_disguised_picture_is_near_and_fits(how: str) -> None:
    for seed in ("one", "two", "three"):
        first, second = prints_of(scene(seed)), prints_of(DISGUISES[how](scene(seed)))
        assert first is not None
        assert second is not None
        mirrored = how == "mirrored"
        found = second.mirrored if mirrored else second.upright
        assert found.distance(first.upright) <= DISTANCE_MAX
        looks = Look.at(DISGUISES[how](scene(seed))), Look.at(scene(seed))
        assert likeness(*looks, mirrored=mirrored) >= 0.93


def test_other_places_do_not_fit() -> None:
    looks = [Look.at(scene(str(n))) for n in range(8)]
    fits = [
        likeness(one, other, mirrored=mirrored)
        for one in looks for other in looks if other is not one for mirrored in (False, True)
    ]  # fmt: skip
    assert max(fits) < 0.6


def test_a_mirror_changes_the_print_and_back_again() -> None:
    picture = scene("gate")
    first, second = prints_of(picture), prints_of(ImageOps.mirror(picture))
    assert first is not None
    assert second is not None
    assert first.upright.distance(second.upright) > DISTANCE_MAX
    assert first.upright.distance(second.mirrored) == 0


@pytest.mark.parametrize("colour", ["black", "white", "#808080"])
def test_where_there_is_nothing_to_see_there_is_no_print(colour: str) -> None:
    assert prints_of(Image.new("RGB", (480, 360), colour)) is None
