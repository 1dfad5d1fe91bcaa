"""Forms as the field app draws them without asking again: each field by name, what it must hold, and the files an act asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hazard_flow.evidence.kinds import KINDS, kind_name
from hazard_flow.hazards import files, slots
from hazard_flow.hazards.actions import Desk, choices_for
from hazard_flow.hazards.listed import row_kept
from hazard_flow.hazards.rules import Rules
from hazard_flow.i18n import LOCALES, Label
from hazard_flow.workflow import forms
from hazard_flow.workflow.definition import Action
from hazard_flow.workflow.fields import FieldDef
from hazard_flow.workflow.needs_rules import NeedRule
from hazard_flow.workflow.permitted import Allowed

Json = dict[str, Any]

#: readings are written with their unit and the instrument they were read from
_BESIDE: Mapping[str, Mapping[str, str]] = {
    "leak_reading": {"unit_field": "leak_unit", "instrument": "instrument_number"},
    "pressure_kpa": {"instrument": "instrument_number"},
}
_PEOPLE = ("person", "people")
_ANY = "any"


def both(label: Label) -> Json:
    """A name in both languages."""
    return {"zh": label.zh, "en": label.en}


def fields(rules: Rules) -> Json:
    """Every field a form may name, by name."""
    return {name: _field(known) for name, known in rules.fields.fields.items()}


def _field(known: FieldDef) -> Json:
    found: Json = {
        "label": both(known.label),
        "type": "long_text" if known.type == "text" and known.multiline else known.type,
        "unit": both(known.unit) if known.unit else None,
        "choices": [{"value": value, "label": both(label)} for value, label in known.choices.items()],
        "minimum": None if known.minimum is None else str(known.minimum),
        "maximum": None if known.maximum is None else str(known.maximum),
        "places": known.places,
        "at_most": known.at_most,
        "personal": known.personal,
    }
    return {**found, **_BESIDE.get(known.name, {})}


@dataclass(frozen=True)
class Asked:
    """What an act asks for whatever the hazard: worked out once for a bundle, its act stands on a hundred tasks."""

    action: Action
    rules: Mapping[str, NeedRule]
    hints: Mapping[str, Json]


def asked(action: Action) -> Asked:
    """What it asks for, in both languages."""
    zh, en = ({f.name: f.hint for f in forms.form_fields(action, locale)} for locale in LOCALES)
    hints = {name: {"zh": hint, "en": en[name]} for name, hint in zh.items() if hint}
    return Asked(action, {need.field: need.rule for need in action.needs}, hints)


def creating(action: Action) -> Json:
    """A way of reporting, before there is any hazard."""
    known = asked(action)
    return {
        "action": action.key,
        "name": both(action.label),
        "needs": [
            _need(known, f, [value for value, _ in f.choices]) for f in forms.form_fields(action, "zh")
        ],
        "evidence": _before_photos(action),
    }


def acting(desk: Desk, one: Allowed, known: Asked) -> Json:
    """An act that is open to this person on this hazard: its fields with proposals and limits, its files with what is there already."""
    needs = []
    for f in forms.form_fields(one.action, "zh", context=desk.context):
        offered = [value for value, _ in choices_for(desk, one.action, f)]
        need = _need(known, f, offered)
        proposed = _proposed(desk, f.name)
        if proposed and "default" not in need and (not offered or proposed in offered):
            need["default"] = proposed
        needs.append(need)
    return {
        "action": one.action.key,
        "name": both(one.action.label),
        "needs": needs,
        "evidence": _evidence(desk, one),
    }


def _need(known: Asked, f: forms.FormField, choices: Sequence[str]) -> Json:
    """One field of a form; what says nothing is left out, for a tablet carries thousands of these."""
    rule = known.rules[f.name]
    found: Json = {"field": f.name, "required": f.required}
    if f.type in _PEOPLE:
        found["people"] = list(choices)
    elif f.choices and len(choices) < len(rule.known.choices):
        found["choices"] = list(choices)
    if rule.default == "now" or f.default:
        found["default"] = f.default or "now"
    elif f.default_at is not None:
        found["default_at"] = f.default_at.isoformat()
    if rule.not_after == "now":
        found["latest"] = "now"
    elif f.latest_at is not None:
        found["latest_at"] = f.latest_at.isoformat()
    for name, value in (("at_least", f.at_least), ("at_most", rule.at_most)):
        if value:
            found[name] = value
    if rule.confirmed:
        found["confirmed"] = True
    if rule.when:
        found["when"] = list(next(iter(rule.when.items())))
    if f.name in known.hints:
        found["hint"] = known.hints[f.name]
    return found


def _proposed(desk: Desk, name: str) -> str:
    """What the catalogue row or the reporter proposes to whoever judges or acts first."""
    hazard, row = desk.hazard, row_kept(desk.hazard)
    found = {
        "urgency": hazard.urgency,
        "basis": hazard.catalogue_code,
        "control": row["interim_control"] if row else None,
    }
    return str(found.get(name) or "")


def _evidence(desk: Desk, one: Allowed) -> list[Json]:
    """The files: photos first; `pair_with` are the before-photos each of which asks for one of the same viewpoint."""
    rule = one.action.evidence
    pairs = _unanswered(desk) if rule is not None and rule.pair_each else []
    zh, en = (slots.asked(desk.rules, one, locale, None, paired=bool(pairs)) for locale in LOCALES)
    stage = files.stage_of(one.action.key, desk.hazard.stage)
    found = []
    for slot, english in zip(zh.slots, en.slots, strict=True):
        is_photos = slot.name == slots.PHOTOS
        piece: Json = {
            "kind": files.photo_kind(stage) if is_photos else slot.name,
            "label": {"zh": slot.label, "en": english.label},
            "needed": slot.needed,
            "is_photo": slot.is_photo,
        }
        found.append(piece | {"pair_with": pairs} if is_photos and pairs else piece)
    if zh.any_kind:
        # files of every kind count for it, the photos above among them
        word, needed = desk.rules.fields.evidence[_ANY], rule.at_least.get(_ANY, 0) if rule else 0
        found.append({"kind": _ANY, "label": both(word.label), "needed": needed, "is_photo": False})
    return found


def _before_photos(action: Action) -> list[Json]:
    needed = sum(action.evidence.at_least.values()) if action.evidence is not None else 0
    return [
        {
            "kind": "PHOTO_BEFORE",
            "label": kind_label("PHOTO_BEFORE"),
            "needed": needed,
            "is_photo": True,
        }
    ]


def _unanswered(desk: Desk) -> list[str]:
    """Before-photos without an after-photo since the present work began."""
    answered = {e.pair_of for e in desk.stored if e.pair_of and e.event_seq >= desk.hazard.state_seq}
    return [e.sha256 for e in desk.stored if e.kind == "PHOTO_BEFORE" and e.sha256 not in answered]


def kind_label(kind: str) -> Json:
    """What a kind of evidence is called."""
    return {locale: kind_name(kind, locale) for locale in LOCALES}


def kinds() -> Json:
    """Every kind of evidence by code."""
    return {kind: kind_label(kind) for kind in KINDS}
