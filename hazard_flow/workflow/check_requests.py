"""Requests and marks: what stands open can be settled, what is asked for can be set, and nobody decides what they asked for themselves.

Rules 2, 4, 5 and 10 as far as one look at the file shows them; `proof_walk` follows the rest.
"""

from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.guards import reads
from hazard_flow.workflow.problems import CLOSED_UNREACHABLE, OWN_WORK, UNFILLABLE, WORDS, Refuse
from hazard_flow.workflow.vocabulary import APPLICANT, Vocabulary

#: marks the record sets by itself: the chosen catalogue row is conditional; an interim control stopped something
AUTOMATIC_MARKS = ("conditional", "operation_stopped")


def check_requests(workflow: Workflow, vocabulary: Vocabulary, refuse: Refuse) -> None:
    """Note every request that stays open for ever or decides itself, and every mark nobody can set."""
    _check_settled(workflow, refuse)
    for action in workflow.actions.values():
        _check_applicant(action, workflow, refuse)
        _check_adopted(action, workflow, refuse)
        _check_left_running(action, workflow, refuse)
    _check_marks(workflow, vocabulary, refuse)
    _check_counts(workflow, refuse)


def marks_of(action: Action) -> tuple[str, ...]:
    """Every mark an action may set."""
    return (*action.sets, *(action.approved.sets if action.approved else ()))


def ends_of(action: Action) -> tuple[str, ...]:
    """Every timer an action may end."""
    return (*action.ends, *(action.approved.ends if action.approved else ()))


def openers(workflow: Workflow, flag: str | None) -> list[Action]:
    """The actions that open a request."""
    return [action for action in workflow.actions.values() if flag is not None and action.opens == flag]


def _check_settled(workflow: Workflow, refuse: Refuse) -> None:
    """Rules 2 and 10: what is opened can be shut by a person from wherever the hazard may have gone; what is shut was opened."""
    shut: dict[str, set[str]] = {}
    for action in workflow.actions.values():
        if action.shuts and action.who != ("system",):
            shut.setdefault(action.shuts, set()).update(action.from_states or ())
    for action in workflow.actions.values():
        if action.shuts and not openers(workflow, action.shuts):
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


def _check_applicant(action: Action, workflow: Workflow, refuse: Refuse) -> None:
    """Rule 4: what somebody asked for is granted by somebody else; rule 10: an applicant is whoever made the request being settled."""
    for key, words in (("who", action.who), ("other_than", action.other_than), ("tell", action.tell)):
        if APPLICANT in words and action.shuts is None:
            refuse(
                action.line_of(key),
                WORDS,
                f"{action.key} speaks of the applicant but settles no request",
                "shuts: extension",
            )
    grants = action.approved is not None or action.switch is not None
    people = [opener for opener in openers(workflow, action.shuts) if opener.who != ("system",)]
    if grants and people and APPLICANT not in action.other_than:
        refuse(
            action.line_of("other_than", "who"), OWN_WORK,
            f"as one person: report → … → {people[0].key} → {action.key}: decides what the same person asked for",
            f"other_than: [{APPLICANT}] on {action.key}",
        )  # fmt: skip


def _check_adopted(action: Action, workflow: Workflow, refuse: Refuse) -> None:
    """Rule 5: what an approval takes over was certainly asked for, in the decision itself or in every request it may settle."""
    for goal, source in (action.approved.adopts if action.approved else {}).items():
        here = [need for need in action.needs if need.field == source and need.required]
        asked = [
            next((need for need in opener.needs if need.field == source), None)
            for opener in openers(workflow, action.shuts)
        ]
        if here or (all(need is not None and need.required for need in asked) and (asked or action.shuts)):
            continue
        loose = next((need for need in asked if need is not None), None)
        refuse(
            loose.line if loose else action.line_of("approved"),
            UNFILLABLE,
            f"{action.key} takes {goal} from {source}, which the request does not certainly bring",
            f"needs: {{{source}: …}} in the request, not optional",
        )


def _check_left_running(action: Action, workflow: Workflow, refuse: Refuse) -> None:
    """Rule 10: a limit that began with a request ends when the request is settled, or it would climb for what is done."""
    if action.shuts is None:
        return
    for opener in openers(workflow, action.shuts):
        for name, rule in opener.starts.items():
            by_itself = rule.if_silent == action.key and action.who == ("system",)
            if name not in ends_of(action) and action.shuts not in rule.only_if and not by_itself:
                refuse(
                    action.line_of("ends", "shuts"), WORDS,
                    f"{action.key} settles {action.shuts} and leaves the timer {name} running that {opener.key} began",
                    f"ends: [{name}]",
                )  # fmt: skip


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
    for rule in workflow.rules:
        for word in rule.only_if:
            if word not in known:
                refuse(
                    rule.line,
                    WORDS,
                    f"the timer {rule.name} runs only if {word!r}, which is neither a mark nor a request",
                    "one of " + ", ".join(sorted(known)),
                )


def _check_counts(workflow: Workflow, refuse: Refuse) -> None:
    """Rule 10: what is counted is looked at, by a guard or by what climbs with it."""
    read = {
        count
        for action in workflow.actions.values()
        for name in action.guards
        for count in reads(name).counts
    }
    read |= {action.counts for action in workflow.actions.values() if action.counts and action.climbs}
    for action in workflow.actions.values():
        approved = action.approved.counts if action.approved else None
        for key, count in (("counts", action.counts), ("approved", approved)):
            if count and count not in read:
                refuse(
                    action.line_of(key),
                    WORDS,
                    f"{action.key} counts {count}, which nothing looks at",
                    "climbs: {2: …} beside it, or a guard that asks for it",
                )
