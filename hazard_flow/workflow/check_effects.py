"""What one action's effects must fit: rules 4, 5, 8 and 10 as far as one look at the file shows them."""

from hazard_flow.workflow.check_requests import check_requests, ends_of
from hazard_flow.workflow.check_silence import check_silence
from hazard_flow.workflow.definition import COLOURS, Action, Need, Workflow
from hazard_flow.workflow.permitted import CONTROL
from hazard_flow.workflow.problems import LADDER_CLIMB, OWN_WORK, UNFILLABLE, WORDS, Refuse
from hazard_flow.workflow.vocabulary import Vocabulary

#: what decides a request
DECISION = ("decision", "approved")
#: a guard that says the hazard is a minor one
MINOR = "urgency_b_or_c"
#: effects that only an act on an open hazard can have
_ON_OPEN = (
    "opens", "shuts", "sets", "clears", "ends", "counts", "climbs", "at_most", "approved", "takes", "quorum", "spawns",
    "writes_off", "resolution",
)  # fmt: skip
#: an act of this name is counted for the enterprise (安全生产法 第113条); the count needs these answers
_COUNTED = {"record_penalty": ("penalty_number", "penalty_at", "penalty_kind")}


def check_effects(workflow: Workflow, vocabulary: Vocabulary, refuse: Refuse) -> None:
    """Note every effect that serves nothing, cannot come about or leaves something open for ever."""
    check_requests(workflow, vocabulary, refuse)
    check_silence(workflow, refuse)
    for action in workflow.actions.values():
        _check_opening(action, refuse)
        _check_action(action, workflow, refuse)
        _check_asked(action, refuse)
        _check_climbs(action, refuse)
        _check_settling(action, workflow, refuse)
        _check_quorum(action, workflow, refuse)


def _check_opening(action: Action, refuse: Refuse) -> None:
    """Rule 10: an action that opens a hazard reports it, and does nothing else; only a report is protected."""
    if action.from_states is not None:
        if action.protects:
            refuse(
                action.line_of("protects"),
                WORDS,
                f"{action.key} protects whoever reports, but reports nothing",
                "from: null, or leave it out",
            )
        return
    for key in _ON_OPEN:
        if key in action.lines:
            refuse(
                action.line_of(key),
                WORDS,
                f"{action.key} opens a hazard; {key} belongs to an act on an open one",
                "leave it out, or let a second action do it",
            )


def _check_action(action: Action, workflow: Workflow, refuse: Refuse) -> None:
    fields = _asked(action)
    if action.approved is not None and DECISION[0] not in fields:
        refuse(
            action.line_of("approved"),
            WORDS,
            f"{action.key} has consequences of an approval but asks for no decision",
            "needs: {decision: choice, …}",
        )
    for name in ends_of(action):
        if name not in workflow.started():
            refuse(
                action.line_of("ends", "approved"),
                WORDS,
                f"{action.key} ends the timer {name}, which no action starts",
                "one of " + ", ".join(workflow.started()),
            )
    if action.switch is not None and (action.quorum > 1 or action.opens is not None):
        refuse(
            action.line_of("quorum", "opens"),
            WORDS,
            f"{action.key} switches the workflow; it can neither wait for signatures nor open a request",
            "leave it out",
        )
    if action.takes is not None and "system" in action.who:
        refuse(
            action.line_of("who"),
            UNFILLABLE,
            f"{action.key} makes whoever acts {action.takes}, and the system is nobody",
            "take system out of who",
        )
    if action.takes is not None and action.takes in fields:
        refuse(
            fields[action.takes].line,
            WORDS,
            f"{action.key} asks who is {action.takes} and makes whoever acts {action.takes}",
            "one of the two",
        )


def _check_asked(action: Action, refuse: Refuse) -> None:
    """Rule 5: what an effect is made of is asked for, and not optional."""
    wanted: list[tuple[str, str, str]] = []
    if action.opens == CONTROL:
        wanted.append(("opens", "control", "starts an interim control but does not ask which"))
    if action.spawns:
        wanted.append(("spawns", "description", "opens a second hazard but does not ask what is wrong there"))
    if action.writes_off:
        wanted.append(("writes_off", "reason", "gives evidence up for lost but does not ask why"))
    if action.resolution == "merged":
        wanted.append(("resolution", "merge_into", "merges but does not ask into which hazard"))
    wanted += [
        ("needs", name, f"is counted for the enterprise but does not ask for {name}")
        for name in _COUNTED.get(action.key, ())
    ]
    fields = _asked(action)
    for key, name, fault in wanted:
        need = fields.get(name)
        if need is None or not need.required:
            refuse(
                need.line if need else action.line_of(key),
                UNFILLABLE,
                f"{action.key} {fault}",
                f"needs: {{{name}: …}}, not optional",
            )


def _asked(action: Action) -> dict[str, Need]:
    return {need.field: need for need in action.needs}


def _check_climbs(action: Action, refuse: Refuse) -> None:
    """Rules 8 and 10: what climbs is counted, and its colours never fall."""
    if action.climbs and action.counts is None:
        refuse(
            action.line_of("climbs"),
            WORDS,
            f"{action.key} climbs with a count but counts nothing",
            "counts: …",
        )
    highest = -1
    for count in sorted(action.climbs):
        colour = action.climbs[count].colour
        place = COLOURS.index(colour) if colour in COLOURS else highest
        if place < highest:
            refuse(
                action.line_of("climbs"),
                LADDER_CLIMB,
                f"the colour of {action.key} falls to {colour} at {count} after {COLOURS[highest]}",
                f"colour: {COLOURS[highest]} or higher",
            )
        highest = max(highest, place)


def _check_settling(action: Action, workflow: Workflow, refuse: Refuse) -> None:
    """Rule 4: only a minor hazard is judged and cancelled by one second person."""
    stages = {workflow.states[name].stage for name in action.from_states or () if name in workflow.states}
    if action.resolution == "rectified" and stages - {"verified"} and MINOR not in action.guards:
        # where it also closes what was re-checked, the other state is the one too many
        refuse(
            action.line_of("from" if "verified" in stages else "guards"), OWN_WORK,
            f"as one second person: report → … → {action.key}: judges and cancels alone, whatever the urgency",
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
    named = [
        (other, need)
        for other in workflow.actions.values()
        for need in other.needs
        if need.field == "verifiers"
    ]
    few = [(other, need) for other, need in named if need.rule.at_least < action.quorum]
    if named and len(few) == len(named):
        refuse(
            action.line_of("quorum"), UNFILLABLE,
            f"{action.key} needs {action.quorum} people, but no action asks for so many verifiers",
            f"verifiers: {{…, at_least: {action.quorum}}}, or a smaller quorum",
        )  # fmt: skip
        return
    for other, need in few:
        refuse(
            need.line, UNFILLABLE, f"{other.key} may name fewer verifiers than {action.key} needs ({action.quorum})",
            f"verifiers: {{…, at_least: {action.quorum}}}",
        )  # fmt: skip
