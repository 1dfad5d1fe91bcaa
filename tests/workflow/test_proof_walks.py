"""No walk of up to twelve acts through the accepted workflows, by any mix of roles and through any switch, breaks an invariant."""

import random
import secrets
from collections import Counter

import pytest

from hazard_flow.resources import resource_dir
from hazard_flow.workflow.loader import load_all
from hazard_flow.workflow.vocabulary import Vocabulary
from tests.workflow.walking import Walker

FIXED, SAMPLED, WHOLE = 700, 300, 24_000


def walks(count: int, seed: int, vocabulary: Vocabulary) -> Counter[str]:
    """Walk `count` times; what was seen on the way."""
    workflows = load_all(resource_dir("workflows"), vocabulary)
    seen: Counter[str] = Counter()
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        try:
            walker = Walker(workflows, vocabulary, dice).walk()
        except AssertionError as error:
            raise AssertionError(f"walk {number} of seed {seed}: {error}") from error
        seen[f"closed {walker.resolution}" if walker.resolution else "open"] += 1
        acts = [step.split(":")[1] for step in walker.story]
        seen.update(set(acts))
        seen["acts"] += len(acts)
        if "escalate_to_major" in acts and walker.resolution == "rectified":
            seen["raised and rectified"] += 1
    print(f"seed {seed}: {count} walks, {dict(seen)}")
    return seen


def test_fixed_walks_break_no_invariant(vocabulary: Vocabulary) -> None:
    seen = walks(FIXED, 20260601, vocabulary)
    assert {
        "pass",
        "close",
        "fail",
        "reassign",
        "return",
        "escalate_to_major",
        "dismiss",
        "realarm",
        "name_officers",
    } <= seen.keys()
    assert seen["closed rectified"] > 5


def test_random_walks_break_no_invariant(vocabulary: Vocabulary) -> None:
    walks(SAMPLED, secrets.randbits(32), vocabulary)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_twenty_thousand_walks_break_no_invariant(
    vocabulary: Vocabulary, request: pytest.FixtureRequest
) -> None:
    if "soak" not in str(request.config.getoption("markexpr")):
        pytest.skip("the full count runs by `hazard-flow soak walks`")
    seen = walks(WHOLE, secrets.randbits(32), vocabulary)
    assert seen["raised and rectified"] > 0
