"""Why an act is not open to the reader now, in words, with what is there already and the way to what is missing."""

from collections.abc import Callable, Mapping
from typing import Any

from hazard_flow.errors import FieldError
from hazard_flow.hazards.duties import setters
from hazard_flow.hazards.grouping import is_forward
from hazard_flow.hazards.matter_views import Way
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules
from hazard_flow.hazards.shown import Words
from hazard_flow.hazards.views import Reason as Shown
from hazard_flow.web.sentences import field_sentence
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.permitted import NOT_RECEIVED, Allowed, Reason

Ways = Callable[[str], Way | None]

#: nobody expects to settle what is not open, or to take a way that is not for this kind of hazard
_SILENT = frozenset({"nothing_open", "switch_not_for_this", "evidence_outstanding"})
_NO_OPEN = "no_open_"


def is_worth_saying(workflow: Workflow, hazard: Hazard, one: Allowed) -> bool:
    """Whether the reader might expect to do this: their role fits, or it is the step everybody waits for."""
    codes = {r.code for r in one.refused_because}
    if codes & _SILENT or any(_is_no_duty(workflow, r) for r in one.refused_because):
        return False
    if any(r.kind == "role" for r in one.refused_because):
        holder = workflow.states[hazard.state].holder
        return holder in one.action.who and is_forward(workflow, one.action, hazard.state)
    return True


def _is_no_duty(workflow: Workflow, reason: Reason) -> bool:
    """A mark of a measure that was never taken: what is not listed need not be published."""
    if reason.code != "mark_missing":
        return False
    acts = setters(workflow, str(reason.params.get("mark")))
    return bool(acts) and all(a.opens is not None for a in acts)


def reasons(
    words: Words, workflow: Workflow, hazard: Hazard, one: Allowed, *, way: Ways
) -> tuple[Shown, ...]:
    """Everything in the way, then what is there already."""
    roles = [r for r in one.refused_because if r.kind == "role"]
    if roles:
        return (Shown(text=_whose(words, hazard, one.action)),)
    found = [_shown(words, workflow, r, way) for r in (*one.refused_because, *one.still_needed)]
    there = [
        guard for guard in one.action.guards if guard in hazard.marks and guard in words.rules.fields.marks
    ]
    found += [Shown(text=words.rules.fields.marks[mark].in_(words.locale), is_met=True) for mark in there]
    return tuple(found)


def sentence(words: Words, reason: Reason) -> str:
    """One reason as a sentence; a code nobody wrote words for is told in general words."""
    named = FieldError("", reason.code, _named(words.rules, reason.params, words.locale))
    return field_sentence(named, words.locale, words.rules.zone)


def _named(rules: Rules, params: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """The values of a sentence with flags and marks called by their names."""
    found = dict(params)
    for name, table in (("flag", rules.fields.flags), ("mark", rules.fields.marks)):
        known = table.get(str(found.get(name)))
        if known is not None:
            found[name] = known.in_(locale)
    return found


def _shown(words: Words, workflow: Workflow, reason: Reason, way: Ways) -> Shown:
    found = _way_out(workflow, reason, way)
    if found is not None:
        return Shown(text=sentence(words, reason), href=f"#action-{found.action}", link_label=found.label)
    if reason.code == "mark_missing":
        who = words.roles(w for a in setters(workflow, str(reason.params["mark"])) for w in a.who)
        if who:
            return Shown(text=words.say("hazards.why.by", what=sentence(words, reason), who=who))
    return Shown(text=sentence(words, reason))


def _way_out(workflow: Workflow, reason: Reason, way: Ways) -> Way | None:
    """The form on this page that mends it, where the reader may use it."""
    keys: list[str] = []
    if reason.code == "mark_missing":
        keys = [a.key for a in setters(workflow, str(reason.params["mark"]))]
    elif reason.code.startswith(_NO_OPEN):
        flag = reason.code.removeprefix(_NO_OPEN)
        keys = [a.key for a in workflow.actions.values() if a.shuts == flag]
    elif reason.code == "control_open":
        keys = [a.key for a in workflow.actions.values() if a.opens == "control"]
    elif reason.code == NOT_RECEIVED:
        keys = [a.key for a in workflow.actions.values() if a.writes_off]
    elif reason.kind == "evidence":
        keys = ["attach"]
    return next((found for key in keys if (found := way(key)) is not None), None)


def _whose(words: Words, hazard: Hazard, action: Action) -> str:
    """Who does this: by name where the hazard says who, by role otherwise."""
    people = {
        "responsible": [hazard.responsible_id],
        "closer": [hazard.closer_id],
    }
    named = [words.name(p) for w in action.who for p in people.get(w, []) if p is not None]
    if "verifiers" in action.who:
        named += [words.name_of(v) for v in hazard.verifier_ids]
    if named:
        return words.say("hazards.why.waits_for", who=words.joined(named), role=words.roles(action.who))
    return words.say("hazards.why.for", who=words.roles(action.who))
