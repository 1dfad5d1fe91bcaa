"""The fields of an action as a page or API client needs them to draw a form; the door alone judges what comes back."""

from dataclasses import dataclass
from datetime import datetime

from hazard_flow.i18n import text
from hazard_flow.workflow.definition import Action, Keyed, Need
from hazard_flow.workflow.needs import NeedContext, latest_deadline
from hazard_flow.workflow.needs_rules import ANYBODY, NeedRule, PersonRule


@dataclass(frozen=True)
class FormField:
    """One field; words already in the reader's language."""

    name: str
    #: text long_text choice instant deadline person people percent money integer decimal flag control clauses
    type: str
    label: str
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    minimum: str | None = None
    maximum: str | None = None
    #: fewest characters, or fewest people
    at_least: int = 0
    hint: str = ""
    #: proposed value: a choice, or a plain text; instants and deadlines are in `default_at`
    default: str = ""
    default_at: datetime | None = None
    #: latest instant that will be accepted
    latest_at: datetime | None = None
    #: who may be named here
    person: PersonRule = ANYBODY
    #: relations and fields whose people may not be named here
    other_than: tuple[str, ...] = ()
    personal: bool = False


def form_fields(action: Action, locale: str, *, context: NeedContext | None = None) -> tuple[FormField, ...]:
    """The form of an action, in the file's order. With a context, deadlines carry their proposal and limit."""
    return tuple(_form_field(need, locale, context) for need in action.needs)


def _form_field(need: Need, locale: str, context: NeedContext | None) -> FormField:
    rule: NeedRule = need.rule
    known = rule.known
    words = rule.choices or tuple(known.choices)
    return FormField(
        name=need.field,
        type="long_text" if known.type == "text" and known.multiline else known.type,
        label=known.label.in_(locale),
        required=_is_required(rule, context),
        choices=tuple((word, known.choices[word].in_(locale)) for word in words),
        unit=known.unit.in_(locale) if known.unit else "",
        minimum=None if known.minimum is None else str(known.minimum),
        maximum=None if known.maximum is None else str(known.maximum),
        at_least=rule.at_least,
        hint=_hint(rule, locale),
        default=rule.default
        if isinstance(rule.default, str) and rule.default not in {"now", "catalogue"}
        else "",
        default_at=_default_at(rule, context),
        latest_at=_latest_at(rule, context),
        person=rule.person,
        other_than=rule.other_than,
        personal=known.personal,
    )


def _is_required(rule: NeedRule, context: NeedContext | None) -> bool:
    """Whether the browser should insist; a flag may stay unticked, an address is not needed where an asset says where."""
    if rule.known.type == "flag":
        return rule.confirmed
    if rule.default is not None:
        return False
    return rule.required and not (rule.or_asset and context is not None and context.has_asset)


def _hint(rule: NeedRule, locale: str) -> str:
    hints = [rule.known.hint.in_(locale)] if rule.known.hint else []
    if rule.at_least and rule.known.type == "text":
        hints.append(text("workflow.hint.at_least", locale, at_least=rule.at_least))
    if rule.at_least and rule.known.type == "people":
        hints.append(text("workflow.hint.people", locale, at_least=rule.at_least))
    return ("；" if locale == "zh" else "; ").join(hints)


def _default_at(rule: NeedRule, context: NeedContext | None) -> datetime | None:
    if context is None:
        return None
    if rule.default == "now":
        return context.now
    if isinstance(rule.default, Keyed):
        return context.span_from_now(rule.default, context.urgency)
    return None


def _latest_at(rule: NeedRule, context: NeedContext | None) -> datetime | None:
    if context is None:
        return None
    return context.now if rule.not_after == "now" else latest_deadline(rule, context.urgency, context)
