"""What this person may do with this hazard now, as forms; and what they might expect to do but may not, with the reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError
from hazard_flow.evidence.models import Evidence as EvidenceRow
from hazard_flow.hazards import queries
from hazard_flow.hazards.door_limits import door_limits
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.judging import context_of, hazard_view
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.views import ActionForm, Evidence, EvidenceSlot, Reason
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory
from hazard_flow.identity.roles import REGULATOR_ROLES
from hazard_flow.storage.base import new_id
from hazard_flow.web.views import FormError, FormField
from hazard_flow.workflow import forms
from hazard_flow.workflow.needs import NeedContext
from hazard_flow.workflow.permitted import ActorView, Allowed, evaluate
from hazard_flow.workflow.sentences import reason_sentence

ICONS = {
    "start_control": "shield-half",
    "lift_control": "shield-off",
    "assign": "send",
    "reassign": "users",
    "escalate_to_major": "alert-octagon",
    "dismiss": "ban",
    "accept": "user-check",
    "return": "arrow-back-up",
    "progress": "progress",
    "submit": "clipboard-check",
    "fail": "x",
    "pass": "checks",
    "close": "archive",
    "send_back": "arrow-back-up",
    "attach": "paperclip",
    "acknowledge": "eye-check",
}
_TYPES: Mapping[str, str] = {
    "text": "text",
    "long_text": "textarea",
    "choice": "select",
    "control": "select",
    "instant": "datetime",
    "deadline": "date",
    "person": "select",
    "people": "many",
    "percent": "percent",
    "money": "money",
    "integer": "number",
    "decimal": "number",
    "flag": "checkbox",
    "clauses": "textarea",
}
#: steps back: offered after the step forward
_BACK = ("fail", "return", "dismiss", "send_back", "reassign")
#: acts that stand ready at the end of the list, never proposed as the next step
_ASIDE = ("attach", "acknowledge", "start_control", "lift_control", "escalate_to_major")


@dataclass(frozen=True)
class Returned:
    """A form that came back: what was typed and what was wrong with it."""

    action: str
    values: Mapping[str, object]
    errors: Sequence[FieldError]
    sentences: Sequence[str]
    request_key: str = ""


@dataclass(frozen=True)
class Desk:
    """Everything the forms are built from."""

    rules: Rules
    hazard: Hazard
    stored: Sequence[EvidenceRow]
    context: NeedContext
    people: Sequence[tuple[str, str, tuple[str, ...]]] = field(default=())


def allowed(session: Session, hazard: Hazard, actor: Actor, *, now: datetime) -> list[Allowed]:
    """Every action that starts from the hazard's state, with what keeps this actor from it."""
    rules = rules_of(session)
    facts: dict[str, object] = {}
    for provider in rules.facts:
        facts.update(provider(session, [hazard]).get(hazard.id, {}))
    return evaluate(
        rules.pinned(hazard.workflow, hazard.workflow_version),
        ActorView(
            id=None if actor.is_system else str(actor.id),
            roles=actor.roles_at(path=hazard.path, division=hazard.division),
        ),
        hazard_view(
            rules,
            hazard,
            queries.evidence(session, hazard),
            facts=facts,
            limits=door_limits(rules, division=hazard.division, level=hazard.level, now=now),
        ),
        vocabulary=rules.vocabulary,
        now=now,
    )


def action_forms(
    session: Session,
    hazard: Hazard,
    actor: Actor,
    *,
    locale: str,
    now: datetime,
    pieces: Mapping[str, Evidence],
    returned: Returned | None = None,
) -> tuple[ActionForm, ...]:
    """The forms of a hazard's page: the next step first and open, acts on the side after it, refused ones with their reasons."""
    desk = _desk(session, hazard, now=now)
    found = [
        _form(desk, one, locale=locale, pieces=pieces, returned=returned)
        for one in sorted(allowed(session, hazard, actor, now=now), key=_order)
        if one.allowed or not _hidden(one)
    ]
    if returned is None:
        first = next((f for f in found if f.allowed and f.action not in _ASIDE), None)
        found = [_opened(f) if f is first else f for f in found]
    return tuple(found)


def _order(one: Allowed) -> int:
    return 2 if one.action.key in _ASIDE else 1 if one.action.key in _BACK else 0


def _hidden(one: Allowed) -> bool:
    """Acts that are somebody else's are not offered and not explained, except the steps everybody waits for."""
    other_role = any(r.kind == "role" for r in one.refused_because)
    return other_role and (
        one.action.to is None or one.action.key in ("return", "dismiss", "send_back", "fail")
    )


def _opened(form: ActionForm) -> ActionForm:
    return replace(form, is_open=True)


def _desk(session: Session, hazard: Hazard, *, now: datetime) -> Desk:
    rules = rules_of(session)
    directory = Directory.load(session, paths=[hazard.path], people={p for _, p in parts(hazard)})
    root = hazard.path.split("/", 1)[0] + "/"
    people = [(str(p.id), p.name, roles) for p, roles in identity.people_within(session, root)]
    people += [(str(p.id), p.name, roles) for p, roles in identity.officers_of(session, hazard.division)]
    context = context_of(rules, hazard, now=now, directory=directory)
    return Desk(rules, hazard, queries.evidence(session, hazard), context, people)


def _form(
    desk: Desk, one: Allowed, *, locale: str, pieces: Mapping[str, Evidence], returned: Returned | None
) -> ActionForm:
    action = one.action
    back = returned if returned is not None and returned.action == action.key else None
    reasons = tuple(
        Reason(text=reason_sentence(r, locale, desk.rules.vocabulary)) for r in one.refused_because
    )
    pairs = _pairs(desk, pieces) if action.evidence is not None and action.evidence.pair_each else ()
    return ActionForm(
        action=action.key,
        label=action.label.in_(locale),
        icon=ICONS.get(action.key, "arrow-right"),
        fields=tuple(
            _suggested(desk, draw(f, desk.context.zone, back, people=_choices(desk, f)), back)
            for f in forms.form_fields(action, locale, context=desk.context)
        ),
        evidence_kinds=_slots(one, locale, paired=bool(pairs)),
        pair_with=pairs,
        allowed=one.allowed,
        refused_because=reasons,
        request_key=back.request_key if back and back.request_key else str(new_id()),
        is_open=back is not None,
        errors=_errors(back),
    )


def _suggested(desk: Desk, drawn: FormField, back: Returned | None) -> FormField:
    """What the reporter thought is proposed to whoever classifies."""
    known = {"urgency": desk.hazard.urgency, "basis": desk.hazard.catalogue_code}
    proposed = known.get(drawn.name)
    if back is not None or drawn.value or proposed is None:
        return drawn
    offered = not drawn.choices or proposed in dict(drawn.choices)
    return replace(drawn, value=proposed) if offered else drawn


def _errors(back: Returned | None) -> tuple[FormError, ...]:
    if back is None:
        return ()
    return tuple(FormError(field=e.field, text=s) for e, s in zip(back.errors, back.sentences, strict=True))


def _slots(one: Allowed, locale: str, *, paired: bool) -> tuple[EvidenceSlot, ...]:
    rule = one.action.evidence
    if rule is None:
        return (
            (EvidenceSlot(name="photos", label=text("hazards.form.photos", locale)),)
            if one.action.key == "progress"
            else ()
        )
    needed = 0 if paired else max((int(r.params.get("needed", 1)) for r in one.still_needed), default=0)
    return (EvidenceSlot(name="photos", label=text("hazards.form.photos", locale), needed=needed),)


def _pairs(desk: Desk, pieces: Mapping[str, Evidence]) -> tuple[Evidence, ...]:
    """Before-photos that still lack their answer."""
    fresh = {e.pair_of for e in desk.stored if e.pair_of and e.event_seq >= desk.hazard.state_seq}
    return tuple(
        pieces[e.sha256]
        for e in desk.stored
        if e.kind == "PHOTO_BEFORE" and e.sha256 not in fresh and e.sha256 in pieces
    )


def _choices(desk: Desk, f: forms.FormField) -> tuple[tuple[str, str], ...]:
    if f.type not in ("person", "people"):
        return f.choices
    officers = set(REGULATOR_ROLES)
    wanted = set(f.person.roles)
    return tuple(
        (id_, name)
        for id_, name, roles in desk.people
        if (wanted & set(roles) if wanted else not officers & set(roles))
    )


def draw(
    f: forms.FormField, zone: ZoneInfo, back: Returned | None, *, people: tuple[tuple[str, str], ...] = ()
) -> FormField:
    """A field of the language as a field of a page."""
    typed = back.values.get(f.name) if back else None
    wrong = [s for e, s in zip(back.errors, back.sentences, strict=True) if e.field == f.name] if back else []
    return FormField(
        name=f.name,
        type="tiles" if f.name in ("urgency", "suspected_urgency") else _TYPES[f.type],  # type: ignore[arg-type]
        label=f.label,
        required=f.required,
        choices=people or f.choices,
        unit=f.unit,
        minimum=f.minimum,
        maximum=_latest(f, zone) or f.maximum,
        at_least=f.at_least or None,
        hint=f.hint,
        value=_value(typed) if typed is not None else _default(f, zone),
        error=" ".join(wrong),
    )


def _value(typed: object) -> str | tuple[str, ...]:
    return tuple(str(v) for v in typed) if isinstance(typed, list | tuple) else str(typed)


def _default(f: forms.FormField, zone: ZoneInfo) -> str:
    if f.default_at is None:
        return f.default
    return _local(f.default_at, f.type, zone)


def _latest(f: forms.FormField, zone: ZoneInfo) -> str | None:
    return (
        _local(f.latest_at, f.type, zone)
        if f.latest_at is not None and f.type in ("instant", "deadline")
        else None
    )


def _local(at: datetime, kind: str, zone: ZoneInfo) -> str:
    """As browsers want it; a deadline at midnight is written as the day it closes."""
    if kind == "deadline":
        return (at.astimezone(zone) - timedelta(seconds=1)).strftime("%Y-%m-%d")
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
