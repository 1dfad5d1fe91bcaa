"""Whatever loads can be proved: a mutated file ends in a list of problems with line and mend, never in a crash."""

import random
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hazard_flow.resources import resource_dir
from hazard_flow.workflow.loader import load_all, load_text
from hazard_flow.workflow.problems import Unreadable, WorkflowRefused
from hazard_flow.workflow.proof import prove
from hazard_flow.workflow.switches import check_switches
from hazard_flow.workflow.vocabulary import default_vocabulary

VOCABULARY = default_vocabulary()
INSTALLED = load_all(resource_dir("workflows"), VOCABULARY)
TREES = {
    key: yaml.safe_load((resource_dir("workflows") / f"{key}.v1.yaml").read_text("utf-8"))
    for key in ("general", "major")
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(TREES)), st.integers(0, 2**32))
def test_shuffled_rules_are_proved_or_refused(base: str, seed: int) -> None:
    tree, dice = yaml.safe_load(yaml.safe_dump(TREES[base])), random.Random(seed)
    tree["workflow"] = "mixed"
    for _ in range(dice.randint(1, 4)):
        mix(tree["actions"], dice)
    text = yaml.safe_dump(tree, allow_unicode=True)
    try:
        workflow = load_text(text.encode(), file="mixed.yaml", vocabulary=VOCABULARY)
    except (WorkflowRefused, Unreadable):
        return
    if check_switches(workflow, {**INSTALLED, ("mixed", 1): workflow}, file="mixed.yaml"):
        return
    found = prove({"mixed.yaml": workflow}, INSTALLED.values(), VOCABULARY)
    assert all(1 <= problem.rule <= 12 and problem.line >= 1 and problem.mend for problem in found.problems)
    assert all(problem.file == "mixed.yaml" for problem in found.problems)


def mix(actions: dict[str, Any], dice: random.Random) -> None:
    """Take something from one action and give it to another, or leave it out."""
    one, other = (actions[name] for name in dice.choices(sorted(actions), k=2))
    key = dice.choice(["from", "to", "who", "needs", "guards", "other_than", "evidence", "sets"])
    if dice.random() < 0.6 and key in other:
        one[key] = other[key]
    elif key not in ("from", "to", "who"):
        one.pop(key, None)
    elif isinstance(one.get(key), list):
        one[key] = [
            *one[key],
            dice.choice(
                ["responsible", "verifiers", "closer", "system"]
                if key == "who"
                else ["submitted", "verified"]
            ),
        ]
        one[key] = list(dict.fromkeys(one[key]))
