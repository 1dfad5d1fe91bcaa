"""The oracle finds each planted fault, and nothing where none is planted."""

import pytest

from tests.sim.mutants import lives, of_record, of_time
from tests.sim.mutants.lives import Lived, lived
from tests.sim.mutants.planting import Life, Mutant

MUTANTS = (*of_time.MUTANTS, *of_record.MUTANTS)
#: seeds tried one after the other until a fault shows
SEEDS = (11, 12, 13, 14, 15, 16)
STEPS = 360
#: of the same without a fault
STEPS_WITHOUT = 180


@pytest.mark.drawn(0.5)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_planted_fault_is_found(mutant: Mutant) -> None:
    """Within a few short episodes at least one sentence, and it was the planted fault that was at work."""
    found: list[str] = []
    with mutant.planted() as hits:
        for seed in SEEDS:
            found = lived(mutant.life, seed, STEPS).found
            if found:
                break
    assert hits.count > 0, "the fault was never at work"
    assert found, f"nobody noticed that {mutant.breaks}, although it did so {hits.count} times"


@pytest.mark.parametrize("life", sorted({mutant.life.name for mutant in MUTANTS}))
def test_the_same_life_without_a_fault_is_as_it_should_be(life: str) -> None:
    """What is found above is found because of what was planted."""
    kind: Life = next(mutant.life for mutant in MUTANTS if mutant.life.name == life)
    assert lived(kind, SEEDS[0], STEPS_WITHOUT) == Lived([])


def test_there_are_enough_of_them() -> None:
    """Each has a name of its own, and every kind of life serves one."""
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 20
    kinds = {life.name for life in vars(lives).values() if isinstance(life, Life)}
    assert kinds == {mutant.life.name for mutant in MUTANTS}
