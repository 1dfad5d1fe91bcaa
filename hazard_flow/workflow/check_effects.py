"""What requests, marks, limits and silent answers of one workflow must fit: rules 2, 4, 5, 9 and 10 as far as one look shows them."""

from collections.abc import Iterator
from dataclasses import replace

from hazard_flow.workflow.definition import Action, TimerRule, Workflow
from hazard_flow.workflow.permitted import CONTROL
from hazard_flow.workflow.problems import CLOSED_UNREACHABLE, OWN_WORK, UNFILLABLE, WORDS, Refuse
from hazard_flow.workflow.vocabulary import APPLICANT, Vocabulary

#: marks the record sets by itself: the chosen catalogue row is conditional; an interim control stopped something
AUTOMATIC_MARKS = ("conditional", "operation_stopped")
#: what decides a request
DECISION = ("decision", "approved")
#: a guard that says the hazard is a minor one
MINOR = "urgency_b_or_c"


def check_effects(workflow: Workflow, vocabulary: Vocabulary, refuse: Refuse) -> None:
    """Note every effect that serves nothing, cannot come about or leaves something open for ever."""
    _check_requests(workflow, refuse)
    _check_marks(workflow, vocabulary, refuse)
    _check_silence(workflow, refuse)
    _check_names(workflow, refuse)
    for action in workflow.actions.values():
        _check_action(action, workflow, refuse)


def marks_of(action: Action) -> tuple[str, ...]:
    """Every mark an action may set."""
    return (*action.sets, *(action.approved.sets if action.approved else ()))


def ends_of(action: Action) -> tuple[str, ...]:
    """Every timer an action may end."""
    return (*action.ends, *(action.approved.ends if action.approved else ()))


def _check_requests(workflow: Workflow, refuse: Refuse) -> None:
    """Rules 2 and 10: what is opened can be shut by a person from wherever the hazard may have gone; what is shut was opened."""
    opened = {action.opens for action in workflow.actions.values() if action.opens}
    shut: dict[str, set[str]] = {}
    for action in workflow.actions.values():
        if action.shuts and action.who != ("system",):
            shut.setdefault(action.shuts, set()).update(action.from_states or ())
    for action in workflow.actions.values():
        if action.shuts and action.shuts not in opened:
            refuse(
                action.line_of("shuts"),
                WORDS,
                f"{action.key} settles {action.shuts}, which nothing opens",
                f"opens: {action.shuts} in another action",
            )
        missing = set(workflow.open_states) - shut.get(action.opens or "", set())
        if action.opens and missing and _blocks_closing(workflow, action.opens):
            refuse(
                action.line_of("opens"), CLOSED_UNREACHABLE,
                f"{action.key} opens {action.opens}, which nobody can settle from {', '.join(sorted(missing))}: it could never close",
                f"an action with shuts: {action.opens} and from: any",
            )  # fmt: skip


def _blocks_closing(workflow: Workflow, flag: str) -> bool:
    return any(f"no_open_{flag}" in action.guards for action in workflow.actions.values())


def _check_marks(workflow: Workflow, vocabulary: Vocabulary, refuse: Refuse) -> None:
    """Rules 2 and 10: a mark that is asked for can be set, one that is set or cleared serves something."""
    settable = {mark for action in workflow.actions.values() for mark in marks_of(action)}
    for action in workflow.actions.values():
        for name in action.guards:
            if name in vocabulary.book.marks and name not in settable:
                refuse(
                    action.line_of("guards"), CLOSED_UNREACHABLE, f"{action.key} waits for {name}, which no action ever sets",
                    f"sets: {name} in an action before it",
                )  # fmt: skip
        for mark in action.clears:
            if mark not in settable:
                refuse(
                    action.line_of("clears"),
                    WORDS,
                    f"{action.key} clears {mark}, which no action sets",
                    "remove it",
                )
    known = {*settable, *AUTOMATIC_MARKS, *vocabulary.flags}
    for rule in timers_of(workflow):
        for word in rule.only_if:
            if word not in known:
                refuse(
                    rule.line,
                    WORDS,
                    f"the timer {rule.name} runs only if {word!r}, which is neither a mark nor a request",
                    "one of " + ", ".join(sorted(known)),
                )


def _check_silence(workflow: Workflow, refuse: Refuse) -> None:
    """Rules 5 and 10: what happens by itself is an act of the system that needs nothing and starts wherever the timer may run out."""
    for rule, states in _silent(workflow):
        action = workflow.actions.get(rule.if_silent or "")
        if action is None:
            refuse(
                rule.line,
                WORDS,
                f"the timer {rule.name} ends in the unknown action {rule.if_silent!r}",
                "an action with who: [system]",
            )
        elif "system" not in action.who:
            refuse(
                rule.line,
                UNFILLABLE,
                f"{action.key} happens by itself when {rule.name} runs out, but the system may not do it",
                f"who: [system] in {action.key}",
            )
        elif missing := sorted(states - set(action.from_states or ())):
            refuse(
                rule.line,
                UNFILLABLE,
                f"{rule.name} may run out in {', '.join(missing)}, where {action.key} does not start",
                f"from: any in {action.key}",
            )


def _check_names(workflow: Workflow, refuse: Refuse) -> None:
    """Rule 10: a hazard has one timer of a name; a name means one thing."""
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


def _check_action(action: Action, workflow: Workflow, refuse: Refuse) -> None:
    fields = {need.field for need in action.needs}
    if action.approved is not None and DECISION[0] not in fields:
        refuse(
            action.line_of("approved"),
            WORDS,
            f"{action.key} has consequences of an approval but asks for no decision",
            "needs: {decision: choice, …}",
        )
    everywhere = {need.field for other in workflow.actions.values() for need in other.needs}
    for goal, source in (action.approved.adopts if action.approved else {}).items():
        if source not in everywhere:
            refuse(
                action.line_of("approved"),
                UNFILLABLE,
                f"{action.key} takes {goal} from {source}, which no action asks for",
                f"needs: {{{source}: …}} in the request",
            )
    for name in ends_of(action):
        if name not in workflow.started():
            refuse(
                action.line_of("ends", "approved"),
                WORDS,
                f"{action.key} ends the timer {name}, which no action starts",
                "one of " + ", ".join(workflow.started()),
            )
    if APPLICANT in (*action.who, *action.other_than) and action.shuts is None:
        refuse(
            action.line,
            WORDS,
            f"{action.key} speaks of the applicant but settles no request",
            "shuts: extension",
        )
    if action.climbs and action.counts is None:
        refuse(
            action.line_of("climbs"),
            WORDS,
            f"{action.key} climbs with a count but counts nothing",
            "counts: …",
        )
    if action.switch is not None and (action.quorum > 1 or action.opens is not None):
        refuse(
            action.line_of("quorum", "opens"),
            WORDS,
            f"{action.key} switches the workflow; it can neither wait for signatures nor open a request",
            "leave it out",
        )
    _check_settling(action, workflow, refuse)
    _check_quorum(action, workflow, refuse)
    if action.opens == CONTROL and "control" not in fields:
        refuse(
            action.line_of("opens"),
            WORDS,
            f"{action.key} starts an interim control but does not ask which",
            "needs: {control: interim_control}",
        )


def _check_settling(action: Action, workflow: Workflow, refuse: Refuse) -> None:
    """Rule 4: only a minor hazard is judged and cancelled by one second person."""
    states = [workflow.states[name] for name in action.from_states or () if name in workflow.states]
    at_once = action.resolution == "rectified" and any(state.stage != "verified" for state in states)
    if at_once and MINOR not in action.guards:
        refuse(
            action.line, OWN_WORK, f"as one second person: report → … → {action.key}: judges and cancels alone, whatever the urgency",
            f"guards: [{MINOR}], or to: a state of stage verified",
        )  # fmt: skip


def _check_quorum(action: Action, workflow: Workflow, refuse: Refuse) -> None:
    """Rule 5: enough people are named for an act that several must sign."""
    if action.quorum < 2:
        return
    if action.who != ("verifiers",):
        refuse(
            action.line_of("who"),
            WORDS,
            f"{action.key} needs {action.quorum} people: only verifiers are many",
            "who: [verifiers]",
        )
    for other in workflow.actions.values():
        for need in other.needs:
            if need.field == "verifiers" and need.rule.at_least < action.quorum:
                refuse(
                    need.line, UNFILLABLE, f"{other.key} may name fewer verifiers than {action.key} needs ({action.quorum})",
                    f"verifiers: {{…, at_least: {action.quorum}}}",
                )  # fmt: skip


def timers_of(workflow: Workflow) -> Iterator[TimerRule]:
    """Every timer rule of a workflow."""
    for state in workflow.states.values():
        yield from state.timers.values()
    yield from workflow.clocks.values()
    yield from workflow.started().values()
