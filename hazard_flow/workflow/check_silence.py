"""Rules 5, 9, 10 and 11 for what happens by itself: acts of the system when a timer runs out, and the names of timers."""

from collections.abc import Iterator
from dataclasses import replace

from hazard_flow.workflow.definition import Action, TimerRule, Workflow
from hazard_flow.workflow.problems import AUTOMATIC_CYCLE, UNFILLABLE, WORDS, Refuse
from hazard_flow.workflow.proof_guards import may_pass

_SYSTEM = frozenset({"system"})


def check_silence(workflow: Workflow, refuse: Refuse) -> None:
    """Note every act that cannot happen by itself where a timer says so, and every timer whose name means two things."""
    for rule, states in _silent(workflow):
        _check_act(rule, states, workflow, refuse)
    _check_rounds(workflow, refuse)
    _check_names(workflow, refuse)


def _silent(workflow: Workflow) -> Iterator[tuple[TimerRule, set[str]]]:
    """Timers that end in an act of the system, with the states they may run out in."""
    everywhere = set(workflow.open_states)
    for state in workflow.states.values():
        for rule in state.timers.values():
            if rule.if_silent:
                yield rule, {state.key}
    for rule in workflow.clocks.values():
        if rule.if_silent:
            yield rule, everywhere - set(rule.until)
    for rule in workflow.started().values():
        if rule.if_silent:
            yield rule, everywhere


def _check_act(rule: TimerRule, states: set[str], workflow: Workflow, refuse: Refuse) -> None:
    """An act of the system, that nothing keeps from happening wherever the timer may run out."""
    action = workflow.actions.get(rule.if_silent or "")
    if action is None:
        refuse(
            rule.line,
            WORDS,
            f"the timer {rule.name} ends in the unknown action {rule.if_silent!r}",
            "an action with who: [system]",
        )
        return
    if "system" not in action.who:
        refuse(
            rule.line,
            UNFILLABLE,
            f"{action.key} happens by itself when {rule.name} runs out, but the system may not do it",
            f"who: [system] in {action.key}",
        )
    if missing := sorted(states - set(action.from_states or ())):
        refuse(
            rule.line,
            UNFILLABLE,
            f"{rule.name} may run out in {', '.join(missing)}, where {action.key} does not start",
            f"from: any in {action.key}",
        )
    for name in action.guards:
        if not may_pass(name, level=workflow.applies_to.get("level"), actor_roles=_SYSTEM):
            refuse(
                action.line_of("guards"),
                UNFILLABLE,
                f"{action.key} happens by itself when {rule.name} runs out, but {name} never lets the system",
                f"take {name} out of {action.key}",
            )


def _check_rounds(workflow: Workflow, refuse: Refuse) -> None:
    """Rule 9: no timer that begins again by what happens when it runs out, for ever, without a person."""
    leads = {rule.name: _begun(workflow.actions.get(rule.if_silent or "")) for rule, _ in _silent(workflow)}
    for rule, _ in _silent(workflow):
        reached: set[str] = set()
        while more := {name for one in (reached or {rule.name}) for name in leads.get(one, ())} - reached:
            reached |= more
        if rule.name in reached:
            refuse(
                rule.line,
                AUTOMATIC_CYCLE,
                f"the timer {rule.name} begins again by itself: {rule.if_silent} leads back to it",
                "let a person take one of the steps",
            )


def _begun(action: Action | None) -> tuple[str, ...]:
    return tuple(action.starts) if action is not None else ()


def _check_names(workflow: Workflow, refuse: Refuse) -> None:
    """Rule 10: a hazard has one timer of a name; a name means one thing, and is called one thing."""
    ofstate = {name for state in workflow.states.values() for name in state.timers}
    seen: dict[str, TimerRule] = dict(workflow.clocks)
    for rule in [rule for action in workflow.actions.values() for rule in action.starts.values()]:
        other = seen.setdefault(rule.name, rule)
        if (
            rule.name in ofstate
            or rule.name in workflow.clocks
            or replace(other, line=0) != replace(rule, line=0)
        ):
            refuse(rule.line, WORDS, f"the timer {rule.name} means two things", "another name")
    for name in ofstate & workflow.clocks.keys():
        refuse(
            workflow.clocks[name].line,
            WORDS,
            f"the clock {name} has the name of a state's timer",
            "another name",
        )
    called: dict[str, TimerRule] = {}
    for rule in workflow.rules:
        if rule.label is not None and called.setdefault(rule.name, rule).label != rule.label:
            refuse(
                rule.line,
                WORDS,
                f"the timer {rule.name} is called two things (first in line {called[rule.name].line})",
                "the same name: {zh: …, en: …} wherever it stands, or another key",
            )
