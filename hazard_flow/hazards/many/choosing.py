"""Acts on many hazards at once: which of a list may be chosen, the one form, what became of each. Reads; `operations.act_many` acts."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, HazardFlowError, NotFound
from hazard_flow.hazards import queries
from hazard_flow.hazards.actions import Desk, actor_view, form_fields, people_to_name
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.door_limits import door_limits
from hazard_flow.hazards.drawing import Returned, form_errors
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.icons import icon_of
from hazard_flow.hazards.judging import context_of, hazard_view
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.operations import Item
from hazard_flow.hazards.rows import Selectable, rows
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.shown import Words
from hazard_flow.hazards.views import BulkAct, BulkForm, BulkItem
from hazard_flow.hazards.why import sentence
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory
from hazard_flow.storage.base import new_id
from hazard_flow.web.views import FormField
from hazard_flow.workflow.definition import Action, Keyed
from hazard_flow.workflow.permitted import Allowed, evaluate

#: acts whose form says the same of every hazard
ACTS = ("assign", "reassign", "acknowledge")
#: fields each hazard may answer for itself where the form leaves them empty: what its reporter said
_OWN = {"urgency": "urgency", "basis": "catalogue_code"}

#: an error in the reader's language
Sentences = Callable[[HazardFlowError], Sequence[str]]


@dataclass(frozen=True)
class Chosen:
    """The hazards of an act on many, those it may be done to and those it may not, each with the reason."""

    action: Action
    open: tuple[Hazard, ...]
    barred: tuple[tuple[Hazard, str], ...]


def selectable(
    session: Session, hazards: Sequence[Hazard], actor: Actor, *, locale: str, now: datetime
) -> dict[uuid.UUID, Selectable]:
    """What this reader may do to each hazard of a list together with others."""
    words = Words(rules_of(session), locale)
    found = {}
    for hazard in hazards:
        judged = _judge(words.rules, hazard, actor, ACTS, now=now)
        able = tuple(one.action.key for one in judged if one.allowed)
        found[hazard.id] = Selectable(able, "" if able else _why_not(words, judged))
    return found


def acts(rules: Rules, selectables: Mapping[uuid.UUID, Selectable], locale: str) -> tuple[BulkAct, ...]:
    """The acts at least one hazard of a list takes."""
    able = {key for one in selectables.values() for key in one.actions}
    labels = {key: _known(rules, key).label.in_(locale) for key in ACTS if key in able}
    return tuple(BulkAct(key, label, icon_of(key)) for key, label in labels.items())


def choose(
    session: Session, numbers: Sequence[str], actor: Actor, action: str, *, locale: str, now: datetime
) -> Chosen:
    """The chosen hazards within scope, in the order given. Raises `NotFound` for an act that is not for many, and where none is left."""
    words = Words(rules_of(session), locale)
    if action not in ACTS:
        raise NotFound(f"action {action[:40]}")
    known = queries.by_numbers(session, numbers)
    able: list[Hazard] = []
    barred: list[tuple[Hazard, str]] = []
    same: Action | None = None
    for hazard in (known[number] for number in dict.fromkeys(numbers) if number in known):
        judged = _judge(words.rules, hazard, actor, (action,), now=now)
        if not judged or not judged[0].allowed:
            barred.append((hazard, _why_not(words, judged)))
        elif same is not None and _asked(same) != _asked(judged[0].action):
            barred.append((hazard, words.say("hazards.bulk.other_form")))
        else:
            able.append(hazard)
            same = judged[0].action
    if not able and not barred:
        raise NotFound("no hazard of these")
    return Chosen(same or _known(words.rules, action), tuple(able), tuple(barred))


def again(session: Session, numbers: Sequence[str], action: str) -> Chosen:
    """The hazards of a form that was sent, whether or not they still take it: the door judges, and answers a repeat as before."""
    if action not in ACTS:
        raise NotFound(f"action {action[:40]}")
    known = queries.by_numbers(session, numbers)
    hazards = tuple(known[number] for number in numbers if number in known)
    if not hazards:
        raise NotFound("no hazard of these")
    rules = rules_of(session)
    own = rules.pinned(hazards[0].workflow, hazards[0].workflow_version).actions.get(action)
    return Chosen(own or _known(rules, action), hazards, ())


def _asked(action: Action) -> frozenset[str]:
    return frozenset(need.field for need in action.needs)


def form(
    session: Session,
    chosen: Chosen,
    *,
    locale: str,
    now: datetime,
    back_href: str,
    returned: Returned | None = None,
) -> BulkForm:
    """One form for all of them; fields a hazard can answer for itself may stay empty."""
    fields = _fields(session, chosen, locale, now, returned) if chosen.open else ()
    drawn = rows(session, [*chosen.open, *(h for h, _ in chosen.barred)], locale=locale, now=now)
    items = [
        BulkItem(row, hazard.seq)
        for row, hazard in zip(drawn, [*chosen.open, *(h for h, _ in chosen.barred)], strict=True)
    ]
    count = len(chosen.open)
    return BulkForm(
        action=chosen.action.key,
        label=chosen.action.label.in_(locale),
        icon=icon_of(chosen.action.key),
        items=tuple(items[:count]),
        barred=tuple(
            replace(item, status="refused", reasons=(why,))
            for item, (_, why) in zip(items[count:], chosen.barred, strict=True)
        ),
        fields=fields,
        request_key=returned.request_key if returned and returned.request_key else str(new_id()),
        errors=form_errors(returned, {f.name: f.name for f in fields}),
        back_href=back_href,
    )


def _fields(
    session: Session, chosen: Chosen, locale: str, now: datetime, returned: Returned | None
) -> tuple[FormField, ...]:
    first = chosen.open[0]
    words = Words(rules_of(session), locale)
    directory = Directory.load(session, paths=[first.path], people={p for _, p in parts(first)})
    context = context_of(words.rules, first, now=now, directory=directory)
    workflow = words.rules.pinned(first.workflow, first.workflow_version)
    desk = Desk(
        words,
        workflow,
        first,
        (),
        # whoever holds a part in one of them may be named for the others: the door judges each by itself
        replace(context, relations={}, urgency=None),
        people_to_name(session, first),
    )
    hints = {name: words.say("hazards.bulk.own") for name in _left_to_each(chosen)}
    hints |= {name: words.say("hazards.bulk.default_due") for name in _by_urgency(chosen.action)}
    return tuple(
        replace(f, required=False, value=f.value if returned else "", hint=hints[f.name], is_kept=True)
        if f.name in hints
        else f
        for f in form_fields(desk, chosen.action, returned)
    )


def _left_to_each(chosen: Chosen) -> list[str]:
    """Fields every chosen hazard has an answer of its own for."""
    able = [name for name in _OWN if name in _asked(chosen.action)]
    return [name for name in able if all(getattr(h, _OWN[name]) for h in chosen.open)]


def _by_urgency(action: Action) -> list[str]:
    """Deadlines that come by themselves, by each hazard's own urgency."""
    return [need.field for need in action.needs if isinstance(need.rule.default, Keyed)]


def items(
    hazards: Sequence[Hazard], action: Action, data: Mapping[str, Any], versions: Mapping[str, int]
) -> list[Item]:
    """The hazards as the operation takes them, each with what the form left to it."""
    left = {name: column for name, column in _OWN.items() if name in _asked(action) and not data.get(name)}
    return [
        Item(
            hazard.id,
            hazard.number,
            versions.get(hazard.number),
            own={
                name: [value] if name == "basis" else value
                for name, column in left.items()
                if (value := getattr(hazard, column)) is not None
            },
        )
        for hazard in hazards
    ]


def common_errors(outcomes: Sequence[Outcome]) -> list[FieldError]:
    """What every hazard was refused for in the form itself: then the form comes back instead of a page of the same sentence."""
    if any(o.error is None for o in outcomes):
        return []
    sets = [{(f.field, f.code) for f in o.error.fields} for o in outcomes if o.error is not None]
    shared = set.intersection(*sets) if sets else set()
    first = outcomes[0].error.fields if outcomes and outcomes[0].error is not None else []
    return [
        f
        for f in first
        if (f.field, f.code) in shared and f.field not in ("guard", "role", "separation", "evidence")
    ]


def results(
    session: Session,
    chosen: Chosen,
    outcomes: Sequence[Outcome],
    *,
    locale: str,
    now: datetime,
    back_href: str,
    say: Sentences,
) -> BulkForm:
    """What became of each; `say` puts an error into sentences."""
    fresh = queries.by_numbers(session, [h.number for h in chosen.open])
    hazards = [fresh.get(h.number, h) for h in chosen.open]
    drawn = rows(session, hazards, locale=locale, now=now)
    items_ = tuple(
        BulkItem(row, hazard.seq, "done" if o.error is None else "refused", _sentences(o.error, say))
        for row, hazard, o in zip(drawn, hazards, outcomes, strict=True)
    )
    return BulkForm(
        action=chosen.action.key,
        label=chosen.action.label.in_(locale),
        icon=icon_of(chosen.action.key),
        items=items_,
        back_href=back_href,
        is_result=True,
    )


def _sentences(error: HazardFlowError | None, say: Sentences) -> tuple[str, ...]:
    return () if error is None else tuple(say(error))


def _judge(
    rules: Rules, hazard: Hazard, actor: Actor, keys: Sequence[str], *, now: datetime
) -> list[Allowed]:
    """The answer for a few acts that need no evidence: nothing is read for it."""
    workflow = rules.pinned(hazard.workflow, hazard.workflow_version)
    wanted = {key: workflow.actions[key] for key in keys if key in workflow.actions}
    limits = door_limits(rules, division=hazard.division, level=hazard.level, now=now)
    view = hazard_view(rules, hazard, (), limits=limits)
    few = replace(workflow, actions=wanted)
    return evaluate(few, actor_view(actor, hazard), view, vocabulary=rules.vocabulary, now=now)


def _why_not(words: Words, judged: Sequence[Allowed]) -> str:
    reasons = [r for one in judged for r in one.refused_because]
    return sentence(words, reasons[0]) if reasons else words.say("hazards.bulk.wrong_state")


def _known(rules: Rules, key: str) -> Action:
    """The act as the newest workflow that has it calls it."""
    newest = sorted(rules.workflows.values(), key=lambda w: (w.key != "general", -w.version))
    return next(w.actions[key] for w in newest if key in w.actions)
