"""No walk of up to thirty acts through the accepted workflows, by any mix of roles and through any switch, breaks an invariant."""

import random
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from hazard_flow.resources import resource_dir
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.loader import load_all
from hazard_flow.workflow.vocabulary import Vocabulary, default_vocabulary
from tests.workflow.walking import Walker

FIXED, SAMPLED, WHOLE = 500, 200, 24_000
#: walks within which a loose rule shows
SEEN_WITHIN = 1500

Workflows = Mapping[tuple[str, int], Workflow]


def walks(
    count: int,
    seed: int,
    vocabulary: Vocabulary,
    workflows: Workflows | None = None,
    *,
    start: str | None = None,
    favour: str = "",
) -> Counter[str]:
    """Walk `count` times; what was seen on the way."""
    workflows = workflows or load_all(resource_dir("workflows"), vocabulary)
    seen: Counter[str] = Counter()
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        try:
            walker = Walker(workflows, vocabulary, dice, start, frozenset(favour.split())).walk()
        except AssertionError as error:
            raise AssertionError(f"walk {number} of seed {seed}: {error}") from error
        seen.update(told(walker))
    print(f"seed {seed}: {count} walks, {dict(seen.most_common())}")
    return seen


def told(walker: Walker) -> Counter[str]:
    """How one walk went: each act it came by once, how it ended, how long it was."""
    acts = [step.split(":")[1] for step in walker.story]
    seen = Counter(set(acts))
    seen["acts"] = len(acts)
    seen[f"closed {walker.resolution}" if walker.resolution else "open"] += 1
    seen["by itself"] = sum(step.startswith("me:") for step in walker.story)
    rectified = walker.resolution == "rectified"
    key = walker.workflow.key if walker.workflow else ""
    seen[f"rectified as {key}"] += rectified
    seen["raised and rectified"] += rectified and key == "major" and "escalate_to_major" in acts
    seen["lowered and rectified"] += rectified and "lower_to_general" in acts
    seen["rectified on the spot"] += rectified and "confirm_fix" in acts
    return seen


def test_fixed_walks_break_no_invariant(vocabulary: Vocabulary) -> None:
    seen = walks(FIXED, 20260601, vocabulary)
    everywhere = {
        "pass", "close", "fail", "reassign", "return", "escalate_to_major", "dismiss", "merge", "split", "realarm", "name_officers",
        "take_up", "report_protected", "to_household", "lower_to_general", "upgrade_unnotified", "lapse_extension", "lapse_lowering",
        "decide_extension", "decide_lowering", "decide_plan", "list", "lift_listing", "publish_lifting", "stop_gas", "resume_gas",
        "fix_on_site", "confirm_fix", "suspend", "record_absence", "withdraw_transfer",
    }  # fmt: skip
    assert everywhere <= {act for act, count in seen.items() if count}
    assert all(seen[f"rectified as {key}"] > 5 for key in ("general", "major", "household")), seen
    assert seen["by itself"] > 50


def test_random_walks_break_no_invariant(vocabulary: Vocabulary) -> None:
    walks(SAMPLED, secrets.randbits(32), vocabulary)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_twenty_thousand_walks_break_no_invariant(vocabulary: Vocabulary) -> None:
    seen = walks(WHOLE, secrets.randbits(32), vocabulary)
    assert seen["raised and rectified"] > 0
    assert seen["lowered and rectified"] > 0
    assert seen["rectified on the spot"] > 0


Loosen = Callable[[Action], Action]


def without(*names: str) -> Loosen:
    return lambda action: replace(action, guards=tuple(name for name in action.guards if name not in names))


def change(**values: object) -> Loosen:
    return lambda action: replace(action, **values)  # type: ignore[arg-type]


def also_asks(field: str) -> Loosen:
    """The action asks for a field as the assignment does."""
    general = load_all(resource_dir("workflows"), default_vocabulary())["general", 1]
    [need] = [need for need in general.actions["assign"].needs if need.field == field]
    return lambda action: replace(action, needs=(*action.needs, need))


def leading(target: str) -> Loosen:
    def change_map(action: Action) -> Action:
        assert action.switch is not None
        switch = replace(action.switch, map=dict.fromkeys(action.switch.map, target))
        return replace(action, switch=switch)

    return change_map


def loosened(workflows: Workflows, key: str, names: str, loosen: Loosen) -> Workflows:
    """The workflows with some actions changed, as no proof would let it pass."""
    workflow = workflows[key, 1]
    actions = {name: loosen(a) if name in names.split() else a for name, a in workflow.actions.items()}
    return {**workflows, (key, 1): replace(workflow, actions=actions, sha256="")}


#: what the watch says; the rule that was loosened so that it can happen
LOOSE: list[tuple[str, str, str, Loosen]] = [
    ("confirmed own work", "general", "confirm_fix", change(other_than=())),
    ("settled on the spot whatever the urgency", "general", "fix_on_site confirm_fix", without("urgency_b_or_c")),
    ("the applicant decides", "general", "request_lowering decide_lowering", change(other_than=("responsible",))),
    ("the applicant decides", "major", "lower_to_general", change(other_than=())),
    ("closed with", "general", "close", without("no_open_transfer")),
    ("closed with", "household", "merge dismiss", without("no_open_control", "no_open_transfer")),
    ("closed with", "major", "close list", without("no_open_listing", "lifting_published")),
    ("closed own work", "major", "close", change(other_than=())),
    ("closed untold", "major", "close", without("regulator_told", "staff_congress_told", "staff_told")),
    ("one officer verified a major", "major", "pass", change(quorum=1)),
    ("dismissed own report", "major", "dismiss", change(other_than=())),
    ("merged own report", "general", "merge", change(other_than=())),
    ("a stage was skipped", "general", "accept", change(to="verified")),
    ("a switch leads ahead", "general", "to_household", leading("assigned")),
    ("the deadline moved", "general", "progress", also_asks("due_at")),
    ("the urgency fell", "general", "raise_urgency", without("urgency_rises")),
    ("the urgency fell", "household", "progress", also_asks("urgency")),
    ("extension_decision and extension", "general", "decide_extension", change(ends=())),
    ("plan_decision and plan", "major", "decide_plan", change(ends=())),
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "key", "names", "loosen"), LOOSE, ids=[f"{key}.{name}: {said}" for said, key, name, _ in LOOSE]
)
def test_the_watch_sees_what_a_loose_rule_lets_happen(
    vocabulary: Vocabulary, said: str, key: str, names: str, loosen: Loosen
) -> None:
    workflows = load_all(resource_dir("workflows"), vocabulary)
    with pytest.raises(AssertionError, match=said):
        walks(SEEN_WITHIN, 1, vocabulary, loosened(workflows, key, names, loosen), start=key, favour=names)


def test_the_watch_hears_silence(vocabulary: Vocabulary) -> None:
    workflows = dict(load_all(resource_dir("workflows"), vocabulary))
    general = workflows["general", 1]
    for key, changed in (
        ("verified", {"only_if": ("listed",)}),
        ("submitted", {"if_silent": "lapse_lowering"}),
    ):
        state = general.states[key]
        timers = {name: replace(rule, **changed) for name, rule in state.timers.items()}
        states = {**general.states, key: replace(state, timers=timers)}
        workflows["general", 1] = replace(general, states=states, sha256="")
        with pytest.raises(AssertionError, match=f"silence in {key}"):
            walks(SEEN_WITHIN, 1, vocabulary, workflows)
