"""Fields of the workflow language as fields of a page: proposals, limits and choices filled in, and what was typed before kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hazard_flow.errors import FieldError
from hazard_flow.hazards.rules import Rules
from hazard_flow.web.views import FieldType, FormError, FormField
from hazard_flow.workflow import forms
from hazard_flow.workflow.definition import Action

#: (value, label) pairs
Choices = tuple[tuple[str, str], ...]

_TYPES: Mapping[str, FieldType] = {
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
    "hazard": "asset",
}
_TILES = frozenset({"urgency", "suspected_urgency", "requested_urgency"})
#: a choice of so few words is quicker ticked than opened
_RADIO_MAX = 3


@dataclass(frozen=True)
class Returned:
    """A form that came back: what was typed and what was wrong with it."""

    action: str
    values: Mapping[str, object]
    errors: Sequence[FieldError]
    sentences: Sequence[str]
    request_key: str = ""

    def wrong(self, fits: Callable[[FieldError], bool]) -> str:
        """The sentences of the errors that fit, in one."""
        said = [s for e, s in zip(self.errors, self.sentences, strict=True) if fits(e)]
        return " ".join(said)


def draw(f: forms.FormField, zone: ZoneInfo, back: Returned | None, *, choices: Choices = ()) -> FormField:
    """One field; `choices` are the people or hazards that may be named in it."""
    typed = back.values.get(f.name) if back else None
    offered = choices or f.choices
    return FormField(
        name=f.name,
        type=_type(f, offered),
        label=f.label,
        # what comes filled in is not called optional: nobody should empty it
        required=f.required or bool(f.default or f.default_at),
        choices=offered,
        unit=f.unit,
        minimum=f.minimum,
        maximum=_latest(f, zone) or f.maximum,
        at_least=f.at_least or None,
        hint=f.hint,
        value=_value(typed) if typed is not None else _default(f, zone),
        error=back.wrong(lambda e: e.field == f.name) if back else "",
    )


def conditions(action: Action) -> Mapping[str, tuple[str, str]]:
    """Fields that only count while another has a value: name → (that field, the value as a form sends it)."""
    found = {}
    for need in action.needs:
        for other, value in need.rule.when.items():
            sent = {True: "true", False: ""}.get(value, str(value)) if isinstance(value, bool) else str(value)
            found[need.field] = (other, sent)
    return found


def people_fields(rules: Rules) -> tuple[str, ...]:
    """The fields that take several people: a form sends one or many."""
    return tuple(name for name, known in rules.fields.fields.items() if known.type == "people")


def form_errors(back: Returned | None, ids: Mapping[str, str]) -> tuple[FormError, ...]:
    """The lines above the form; `ids` say where an error's field stands on the page, others jump nowhere."""
    if back is None:
        return ()
    pairs = zip(back.errors, back.sentences, strict=True)
    return tuple(FormError(field=ids.get(e.field, ""), text=sentence) for e, sentence in pairs)


def _type(f: forms.FormField, offered: Choices) -> FieldType:
    if f.name in _TILES:
        return "tiles"
    if f.type == "choice" and f.required and len(offered) <= _RADIO_MAX:
        return "radio"
    return _TYPES[f.type]


def _value(typed: object) -> str | tuple[str, ...]:
    return tuple(str(v) for v in typed) if isinstance(typed, list | tuple) else str(typed)


def _default(f: forms.FormField, zone: ZoneInfo) -> str:
    return f.default if f.default_at is None else _local(f.default_at, f.type, zone)


def _latest(f: forms.FormField, zone: ZoneInfo) -> str | None:
    timed = f.latest_at is not None and f.type in ("instant", "deadline")
    return _local(f.latest_at, f.type, zone) if timed and f.latest_at is not None else None


def _local(at: datetime, kind: str, zone: ZoneInfo) -> str:
    """As browsers want it; a deadline at midnight is written as the day it closes."""
    if kind == "deadline":
        return (at.astimezone(zone) - timedelta(seconds=1)).strftime("%Y-%m-%d")
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
