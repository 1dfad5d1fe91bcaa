"""What somebody typed or sent, against what the action needs: clean values and every error, never an exception.

Takes JSON values and form strings alike. Clean values are typed (aware UTC instants, Decimal, tuples of ids); `to_event` makes them safe
for hashed events.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.errors import FieldError
from hazard_flow.workflow import coerce, deadlines
from hazard_flow.workflow.calendar import WEEKDAYS_ONLY, Calendar
from hazard_flow.workflow.definition import Duration, Keyed, Need
from hazard_flow.workflow.needs_rules import HAZARD_WORDS, NeedRule, PersonRule

#: a device's clock may be this much ahead of ours before "not later than now" refuses it
CLOCK_TOLERANCE = timedelta(seconds=60)
#: keys a request may carry; more is no form of ours
KEYS_MAX = 100


def _nobody_refused(person_id: str, rule: PersonRule) -> str | None:
    return None


def _any_clause(clause: str, book: str) -> bool:
    return True


def _any_hazard(number: str) -> str | None:
    return None


@dataclass(frozen=True)
class NeedContext:
    """What the fields are judged against. Callables answer from what the door loaded for the whole batch; they ask no database."""

    now: datetime
    zone: ZoneInfo
    calendar: Calendar = WEEKDAYS_ONLY
    #: the hazard as it stands
    urgency: str | None = None
    level: str | None = None
    source: str | None = None
    #: who holds which part now: relation → person ids (text)
    relations: Mapping[str, Collection[str]] = field(default_factory=dict)
    #: due_at, original_due_at, assigned_at, …
    instants: Mapping[str, datetime] = field(default_factory=dict)
    #: values the catalogue proposes, by field, for `default: catalogue`
    suggested: Mapping[str, Any] = field(default_factory=dict)
    #: the hazard is tied to an asset, so that its place is known
    has_asset: bool = False
    #: None if this person may be named, else the code of a field error: person_unknown, person_outside, person_lacks_role
    person_ok: Callable[[str, PersonRule], str | None] = _nobody_refused
    clause_ok: Callable[[str, str], bool] = _any_clause
    #: None if the hazard with this number may be named, else the code of a field error
    hazard_ok: Callable[[str], str | None] = _any_hazard

    def span_from_now(self, spans: Keyed[Duration], urgency: str | None) -> datetime | None:
        """The instant a span that starts now runs out."""
        span = spans.for_(urgency)
        return None if span is None else deadlines.add(span, self.now, zone=self.zone, calendar=self.calendar)


def validate(
    needs: Sequence[Need], data: Mapping[str, Any], context: NeedContext
) -> tuple[dict[str, Any], list[FieldError]]:
    """The clean values of the fields an action needs, and all errors. Clean holds only fields without error."""
    if len(data) > KEYS_MAX:
        return {}, [FieldError("", "too_many_fields", {"at_most": KEYS_MAX})]
    rules: dict[str, NeedRule] = {need.field: need.rule for need in needs}
    errors = [FieldError(str(name)[:80], "unknown_field") for name in data if name not in rules]
    clean: dict[str, Any] = {}
    for name, rule in rules.items():
        value, error = _value(rule, data.get(name), context)
        if error is not None:
            errors.append(FieldError(name, error[0], error[1]))
        elif value is not None:
            clean[name] = value
    wrong = {error.field for error in errors}
    for name, rule in rules.items():
        if name not in wrong:
            errors += _judge(name, rule, clean, data, context)
    for name in {error.field for error in errors}:
        clean.pop(name, None)
    return clean, errors


def to_event(clean: Mapping[str, Any]) -> dict[str, Any]:
    """The values as hashed events hold them: whole numbers, text, decimal text, `…ffffffZ` instants, lists, true and false."""
    return {name: _plain(value) for name, value in clean.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, Decimal):
        return format(value, "f")
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def _value(rule: NeedRule, raw: Any, context: NeedContext) -> tuple[Any, coerce.Fault | None]:
    if coerce.is_blank(raw):
        return None, None
    value, fault = coerce.typed(rule.known, raw, context.zone)
    if fault is not None:
        return None, fault
    if rule.choices and value not in rule.choices:
        return None, ("not_a_choice", {"choices": list(rule.choices)})
    return value, None


def _judge(
    name: str, rule: NeedRule, clean: dict[str, Any], data: Mapping[str, Any], context: NeedContext
) -> list[FieldError]:
    if name not in clean:
        default = _default(rule, clean, context)
        if default is None and rule.known.type == "flag":
            default = False  # an unticked box sends nothing
        if default is None:
            return [FieldError(name, code)] if (code := _missing(rule, clean, context)) else []
        clean[name] = default
    value = clean[name]
    kind = rule.known.type
    if kind == "text":
        return _judge_length(name, rule, len(value))
    if kind in ("instant", "deadline"):
        return _judge_instant(name, rule, value, clean, context)
    if kind in ("person", "people"):
        return _judge_people(name, rule, value if isinstance(value, tuple) else (value,), clean, context)
    if kind == "clauses":
        unknown = [
            clause for clause in value if rule.clauses_of and not context.clause_ok(clause, rule.clauses_of)
        ]
        return [FieldError(name, "clause_unknown", {"clause": clause}) for clause in unknown]
    if kind == "hazard":
        return [FieldError(name, code, {"number": value})] if (code := context.hazard_ok(value)) else []
    return [FieldError(name, "not_confirmed")] if rule.confirmed and not value else []


def _missing(rule: NeedRule, clean: Mapping[str, Any], context: NeedContext) -> str | None:
    if rule.when:
        return (
            "required"
            if all(_now(key, clean, context) == wanted for key, wanted in rule.when.items())
            else None
        )
    if rule.or_asset:
        located = context.has_asset or ("lon" in clean and "lat" in clean)
        return None if located else "place_or_asset"
    return "required" if rule.required else None


def _now(name: str, clean: Mapping[str, Any], context: NeedContext) -> Any:
    """A field's answer, or the hazard's word; an unticked box is False."""
    return clean.get(name, getattr(context, name) if name in HAZARD_WORDS else False)


def _default(rule: NeedRule, clean: Mapping[str, Any], context: NeedContext) -> Any:
    default = rule.default
    if default is None:
        return None
    if isinstance(default, Keyed):
        return context.span_from_now(default, clean.get("urgency", context.urgency))
    if default == "now" and rule.known.type == "instant":
        return context.now
    raw = context.suggested.get(rule.known.name) if default == "catalogue" else default
    if raw is None:
        return None
    value, fault = coerce.typed(rule.known, raw, context.zone)
    return None if fault else value


def _judge_length(name: str, rule: NeedRule, length: int) -> list[FieldError]:
    if length < rule.at_least:
        return [FieldError(name, "too_short", {"at_least": rule.at_least, "length": length})]
    if rule.at_most is not None and length > rule.at_most:
        return [FieldError(name, "too_long", {"at_most": rule.at_most, "length": length})]
    return []


def _judge_instant(
    name: str, rule: NeedRule, value: datetime, clean: Mapping[str, Any], context: NeedContext
) -> list[FieldError]:
    if rule.not_after == "now" and value > context.now + CLOCK_TOLERANCE:
        return [FieldError(name, "in_the_future", {"latest": context.now})]
    if rule.known.type != "deadline":
        return []
    if value <= context.now:
        return [FieldError(name, "in_the_past", {"earliest": context.now})]
    latest = latest_deadline(rule, clean.get("urgency", context.urgency), context)
    return [FieldError(name, "too_late", {"latest": latest})] if latest is not None and value > latest else []


def latest_deadline(rule: NeedRule, urgency: str | None, context: NeedContext) -> datetime | None:
    """The latest instant a deadline may have, or None where nothing limits it."""
    limits = []
    if rule.within is not None:
        limits.append(context.span_from_now(rule.within, urgency))
    limits.append(_term_limit(rule, context))
    return min((limit for limit in limits if limit is not None), default=None)


def _term_limit(rule: NeedRule, context: NeedContext) -> datetime | None:
    """The limit that hangs on the hazard's own term, at 24:00 of its day."""
    original, assigned = context.instants.get("original_due_at"), context.instants.get("assigned_at")
    if original is None or assigned is None:
        return None
    term = max(original - assigned, timedelta(0))
    latest = {
        "half_term": max(original, context.now) + term / 2,
        "full_term": context.instants.get("due_at", original) + term,
        "year_after_assignment": assigned + timedelta(days=365),
    }.get(rule.not_after or "")
    if latest is None:
        return None
    return deadlines.end_of_day(deadlines.last_day_before(latest, context.zone), context.zone)


def _judge_people(
    name: str, rule: NeedRule, people: tuple[str, ...], clean: Mapping[str, Any], context: NeedContext
) -> list[FieldError]:
    errors = []
    if len(people) < max(rule.at_least, 1):
        errors.append(FieldError(name, "too_few", {"at_least": max(rule.at_least, 1)}))
    if rule.at_most is not None and len(people) > rule.at_most:
        errors.append(FieldError(name, "too_many", {"at_most": rule.at_most}))
    errors += [
        FieldError(name, code, {"person": person, "roles": list(rule.person.roles)})
        for person in people
        if (code := context.person_ok(person, rule.person)) is not None
    ]
    for other in rule.other_than:
        if other == "reporter_if_alone":
            if set(people) == set(_holders("reporter", clean, context)):
                errors.append(FieldError(name, "reporter_alone"))
        elif set(people) & set(_holders(other, clean, context)):
            errors.append(FieldError(name, "same_person_as", {"who": other}))
    return errors


def _holders(relation: str, clean: Mapping[str, Any], context: NeedContext) -> Collection[str]:
    """Who holds a part once this act is done: the form's answer before the hazard's present one."""
    if relation in clean:
        value = clean[relation]
        return value if isinstance(value, tuple) else (value,)
    return context.relations.get(relation, ())
