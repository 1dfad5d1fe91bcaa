"""Checks across the parts of one workflow that are cheap enough for every load; the exhaustive proof builds on them.

1 reachable · 2 closed reachable · 3 no silence · 5 parts are given · 6 anchors are asked for · 7 and 8 ladders · 9 no automatic cycle ·
10 references among the parts.
"""

from hazard_flow.workflow.check_effects import check_effects
from hazard_flow.workflow.check_ladders import check_ladders
from hazard_flow.workflow.check_requests import marks_of
from hazard_flow.workflow.definition import Action, State, TimerRule, Workflow
from hazard_flow.workflow.graph import check_automatic_cycles, check_closed_reachable, check_reachable
from hazard_flow.workflow.guards import REGULATOR_ROLES
from hazard_flow.workflow.problems import ANCHOR, SILENCE, UNFILLABLE, UNREACHABLE, WORDS, Problem, Refuse
from hazard_flow.workflow.vocabulary import RECORD_INSTANTS, Vocabulary
from hazard_flow.workflow.yaml_lines import Node

#: relations that an action must fill; the reporter is whoever reports, the holder follows from the state
_NAMED_PARTS = frozenset({"responsible", "verifiers", "closer"})


def check_workflow(workflow: Workflow, *, file: str, lines: Node, vocabulary: Vocabulary) -> list[Problem]:
    """All problems among the parts of a workflow whose parts were read."""
    problems: list[Problem] = []

    def refuse(line: int, rule: int, message: str, mend: str) -> None:
        problems.append(Problem(file, line, rule, message, mend))

    top = lines.key_lines
    _check_applies_to(workflow, vocabulary, top.get("applies_to", 1), refuse)
    _check_states(workflow, refuse)
    for action in workflow.actions.values():
        _check_action(action, workflow, refuse)
    _check_opening(workflow, top.get("initial", 1), refuse)
    check_reachable(workflow, refuse)
    check_closed_reachable(workflow, refuse)
    _check_timers(workflow, refuse)
    check_ladders(workflow, lines, refuse)
    check_automatic_cycles(workflow, refuse)
    check_effects(workflow, vocabulary, refuse)
    _check_named_parts(workflow, refuse)
    return problems


def _check_applies_to(workflow: Workflow, vocabulary: Vocabulary, line: int, refuse: Refuse) -> None:
    known = {
        "level": vocabulary.book.levels,
        "source": vocabulary.book.sources,
        "urgency": vocabulary.book.urgencies,
    }
    for key, value in workflow.applies_to.items():
        if key not in known or value not in known[key]:
            refuse(line, WORDS, f"applies_to: unknown {key}: {value!r}", "level: general, or level: major")


def _check_states(workflow: Workflow, refuse: Refuse) -> None:
    for state in workflow.states.values():
        if state.final != (state.stage == "closed"):
            refuse(
                state.line,
                WORDS,
                f"the state {state.key} must be final exactly when its stage is closed",
                "final: true with stage: closed",
            )
        if state.final and (state.timers or state.holder):
            refuse(
                state.line,
                WORDS,
                f"the final state {state.key} has nobody who owes a step",
                "leave out holder and timers",
            )
        if not state.final and state.holder is None:
            refuse(state.line, WORDS, f"nobody owes the next step in {state.key}", "holder: safety_director")
        if state.concealed and not state.final and state.holder not in REGULATOR_ROLES:
            refuse(
                state.line,
                SILENCE,
                f"{state.holder} owes the next step in {state.key} and does not see it: it is concealed from the enterprise",
                "holder: county_officer",
            )


def _check_action(action: Action, workflow: Workflow, refuse: Refuse) -> None:
    target = workflow.states.get(action.to or "")
    if target is not None and target.final != (action.resolution is not None):
        refuse(
            action.line,
            WORDS,
            f"{action.key}: a resolution goes with closing and only with it",
            "resolution: rectified, dismissed or merged",
        )
    for name in action.from_states or ():
        state_from = workflow.states.get(name)
        if state_from is not None and state_from.final:
            refuse(
                action.line,
                WORDS,
                f"{action.key} starts from the final state {name}",
                "a relapse opens a new hazard",
            )
    if action.from_states is None and action.to is None:
        refuse(
            action.line,
            WORDS,
            f"{action.key} neither opens a hazard nor starts from a state",
            "from: [reported]",
        )
    if action.switch is not None:
        for missing in set(action.from_states or ()) - set(action.switch.map):
            refuse(action.line, WORDS, f"the map of {action.key} lacks {missing}", f"map: {{{missing}: …}}")


def _check_opening(workflow: Workflow, line: int, refuse: Refuse) -> None:
    opening = [action for action in workflow.actions.values() if action.from_states is None]
    if workflow.actions and not any(action.to == workflow.initial for action in opening):
        refuse(
            line,
            UNREACHABLE,
            f"no action opens a hazard in the initial state {workflow.initial}",
            "report: {from: null, to: …}",
        )


def _check_timers(workflow: Workflow, refuse: Refuse) -> None:
    marks = {mark for action in workflow.actions.values() for mark in marks_of(action)}
    fields = {need.field for action in workflow.actions.values() for need in action.needs}
    for state in workflow.states.values():
        _check_promise(state, refuse)
        for rule in state.timers.values():
            _check_timer(rule, workflow, refuse)
            if rule.at is not None and rule.at not in fields:
                refuse(
                    rule.line,
                    ANCHOR,
                    f"the timer {rule.name} waits for {rule.at}, which no action asks for",
                    f"needs: {{{rule.at}: deadline}} in an action on the way to {state.key}",
                )
    for action in workflow.actions.values():
        for rule in action.starts.values():
            _check_timer(rule, workflow, refuse)
            if rule.at is not None and rule.at not in fields:
                refuse(
                    rule.line,
                    ANCHOR,
                    f"the timer {rule.name} waits for {rule.at}, which no action asks for",
                    f"needs: {{{rule.at}: deadline}} in {action.key}",
                )
    for rule in workflow.clocks.values():
        _check_timer(rule, workflow, refuse)
        if rule.starts_from and rule.starts_from not in {*marks, *fields, *RECORD_INSTANTS}:
            refuse(
                rule.line,
                WORDS,
                f"the clock {rule.name} starts from {rule.starts_from!r}, which no action sets",
                "a field of report, such as found_at",
            )
        for end in rule.until:
            if end not in marks and end not in workflow.states:
                refuse(
                    rule.line,
                    WORDS,
                    f"the clock {rule.name} ends at {end!r}, which is neither a state nor set by an action",
                    "a state, or a word of `sets`",
                )


def _check_promise(state: State, refuse: Refuse) -> None:
    """Rule 3: a timer that the system ends by itself, or that runs only sometimes, is no promise that somebody hears."""
    if state.final or any(rule.if_silent is None and not rule.only_if for rule in state.timers.values()):
        return
    sometimes = next(iter(state.timers.values()), None)
    why = (
        "no timer"
        if sometimes is None
        else f"only timers that end by themselves or run sometimes ({', '.join(state.timers)})"
    )
    refuse(
        sometimes.line if sometimes else state.line, SILENCE, f"a hazard could rest in {state.key} for ever: it has {why}",
        "timers: {name: {within: 2 workdays, ladder: …}}, without if_silent and only_if",
    )  # fmt: skip


def _check_named_parts(workflow: Workflow, refuse: Refuse) -> None:
    """Rule 5, the cheap half: a part somebody must hold is given to somebody by some action."""
    given = {need.field for action in workflow.actions.values() for need in action.needs}
    given |= {action.takes for action in workflow.actions.values() if action.takes is not None}
    for state in workflow.states.values():
        if state.holder in _NAMED_PARTS - given:
            refuse(
                state.line,
                UNFILLABLE,
                f"nobody is ever made {state.holder}, who holds {state.key}",
                f"needs: {{{state.holder}: …}}",
            )
    for action in workflow.actions.values():
        if action.who and set(action.who) <= _NAMED_PARTS - given:
            refuse(
                action.line,
                UNFILLABLE,
                f"nobody can ever do {action.key}: no action names its {action.who[0]}",
                f"needs: {{{action.who[0]}: …}}",
            )


def _check_timer(rule: TimerRule, workflow: Workflow, refuse: Refuse) -> None:
    if rule.ladder and rule.ladder not in workflow.ladders:
        refuse(
            rule.line,
            WORDS,
            f"the timer {rule.name} climbs the unknown ladder {rule.ladder!r}",
            "one of " + ", ".join(workflow.ladders),
        )
    for name in rule.reset_by:
        if name not in workflow.actions:
            refuse(
                rule.line,
                WORDS,
                f"the timer {rule.name} is reset by the unknown action {name!r}",
                "one of " + ", ".join(workflow.actions),
            )
    if rule.reset_by and rule.every is None:
        refuse(rule.line, WORDS, f"the timer {rule.name} is reset but does not repeat", "use every: …")
