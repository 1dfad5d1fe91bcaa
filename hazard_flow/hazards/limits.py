"""The time limits of workflows as places set them: `limit.<workflow>.<timer>` of local policy in the stead of the workflow's own spans."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from hazard_flow.catalogue.policy import tightened_span
from hazard_flow.hazards.rules import Rules
from hazard_flow.workflow.definition import TimerRule, Workflow


def own_limit(rules: Rules, workflow: Workflow, rule: TimerRule, *, division: str, at: datetime) -> TimerRule:
    """The rule with the spans in force in a division on the day its limit began; the rule itself where the place sets none."""
    own = rules.book.policy(division, rules.day_of(at)).limit(workflow.key, rule.name)
    if not own:
        return rule
    return replace(rule, within=tightened_span(rule.within, own), every=tightened_span(rule.every, own))


def limits_of(workflows: Iterable[Workflow]) -> frozenset[str]:
    """Every limit a place may set, as `workflow.timer`: those that run for a span, not those up to a date people agreed on."""
    return frozenset(
        f"{workflow.key}.{rule.name}"
        for workflow in workflows
        for rule in _rules(workflow)
        if rule.at is None
    )


def _rules(workflow: Workflow) -> Iterator[TimerRule]:
    yield from workflow.clocks.values()
    for state in workflow.states.values():
        yield from state.timers.values()
    for action in workflow.actions.values():
        yield from action.starts.values()
