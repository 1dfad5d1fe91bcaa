"""The typed fields of a record: what a form, a file or a program may say in one, and what is kept of it. Pure."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.errors import FieldError
from hazard_flow.i18n import Label

FIELD_TYPES = (
    "text",
    "note",
    "whole",
    "number",
    "money",
    "day",
    "instant",
    "choice",
    "yes_no",
    "person",
    "asset",
    "parent",
)
#: kept as rows of their own; what stands in a record is their id
REFERENCES = ("person", "asset", "parent")
TEXT_MAX, NOTE_MAX = 120, 2_000
FIRST_YEAR, LAST_YEAR = 1970, 2099
#: money and measurements are kept exactly so far
DECIMALS_MAX = 6
NUMBER_MAX = 10**12
_YES = frozenset({"yes", "true", "1", "是", "有"})
_NO = frozenset({"no", "false", "0", "否", "无"})


@dataclass(frozen=True)
class WorkField:
    """One field of a kind of record."""

    key: str
    type: str
    label: Label
    required: bool = True
    unit: Label | None = None
    #: bounds of a number, both allowed
    low: float | None = None
    high: float | None = None
    choices: Mapping[str, Label] | None = None
    hint: Label | None = None
    #: a day that lies ahead makes sense here: the end of a validity, a planned date
    may_be_ahead: bool = False

    @property
    def is_number(self) -> bool:
        """Whether figures can be made of it."""
        return self.type in ("whole", "number", "money")


def judge(
    fields: Sequence[WorkField], given: Mapping[str, Any], *, now: datetime, zone: ZoneInfo
) -> tuple[dict[str, Any], list[FieldError]]:
    """The values as they are kept, and everything that is wrong. Names that are no field are refused, empty values left out.

    References come as ids here: whether there is such a person, asset or record is asked by whoever has a session.
    """
    known = {one.key: one for one in fields}
    faults = [FieldError(name, "unknown_field", {"field": name}) for name in given if name not in known]
    values: dict[str, Any] = {}
    for one in fields:
        raw = given.get(one.key)
        words = (
            "" if raw is None else str(raw).strip() if not isinstance(raw, bool) else ("yes" if raw else "no")
        )
        if not words:
            if one.required:
                faults.append(FieldError(one.key, "required"))
            continue
        if isinstance(raw, (dict, list)):
            faults.append(FieldError(one.key, "not_text"))
            continue
        value, fault = _value(one, words, now=now, zone=zone)
        if fault is not None:
            faults.append(fault)
        else:
            values[one.key] = value
    return values, faults


def day_of(values: Mapping[str, Any], key: str, zone: ZoneInfo) -> date | None:
    """The day a kept field says; of an instant, its day in the organisation's zone. None where it is empty."""
    kept = values.get(key)
    if kept is None:
        return None
    return (
        date.fromisoformat(kept) if len(kept) == 10 else datetime.fromisoformat(kept).astimezone(zone).date()
    )


def _value(one: WorkField, words: str, *, now: datetime, zone: ZoneInfo) -> tuple[Any, FieldError | None]:
    if one.type in ("text", "note"):
        return _text(one, words)
    if one.type in ("whole", "number", "money"):
        return _number(one, words)
    if one.type == "day":
        return _day(one, words, today=now.astimezone(zone).date())
    if one.type == "instant":
        return _instant(one, words, now=now, zone=zone)
    if one.type == "choice":
        return _choice(one, words)
    if one.type == "yes_no":
        lower = words.lower()
        known = lower in _YES or lower in _NO
        # words, because the two databases write a JSON flag differently
        return ("yes" if lower in _YES else "no"), None if known else FieldError(one.key, "not_a_flag")
    try:
        return str(uuid.UUID(words)), None
    except ValueError:
        return None, FieldError(one.key, "not_an_id", {"field": one.key})


def _text(one: WorkField, words: str) -> tuple[Any, FieldError | None]:
    most = TEXT_MAX if one.type == "text" else NOTE_MAX
    if len(words) > most:
        return None, FieldError(one.key, "too_long", {"at_most": most})
    kept = {"\n", "\t"} if one.type == "note" else set()
    if any(not sign.isprintable() and sign not in kept for sign in words.replace("\r\n", "\n")):
        return None, FieldError(one.key, "bad_characters")
    return words.replace("\r\n", "\n"), None


def _number(one: WorkField, words: str) -> tuple[Any, FieldError | None]:
    try:
        value = Decimal(words.replace(",", "").replace("−", "-"))
    except InvalidOperation:
        return None, FieldError(one.key, "not_a_number")
    if not value.is_finite() or abs(value) > NUMBER_MAX:
        return None, FieldError(one.key, "not_a_number")
    if one.type == "whole" and value != value.to_integral_value():
        return None, FieldError(one.key, "not_an_integer")
    places = 2 if one.type == "money" else DECIMALS_MAX
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        return None, FieldError(one.key, "too_many_decimals", {"places": places})
    low = one.low if one.low is not None else 0.0 if one.type == "money" else -float(NUMBER_MAX)
    high = one.high if one.high is not None else float(NUMBER_MAX)
    if not low <= float(value) <= high:
        return None, FieldError(one.key, "out_of_range", {"minimum": f"{low:g}", "maximum": f"{high:g}"})
    return int(value) if one.type == "whole" else float(value), None


def _day(one: WorkField, words: str, *, today: date) -> tuple[Any, FieldError | None]:
    try:
        day = date.fromisoformat(words.replace("/", "-"))
    except ValueError:
        return None, FieldError(one.key, "not_a_date", {"value": words[:40]})
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None, FieldError(one.key, "year_out_of_range", {"minimum": FIRST_YEAR, "maximum": LAST_YEAR})
    if day > today and not one.may_be_ahead:
        return None, FieldError(one.key, "in_the_future", {"latest": today.isoformat()})
    return day.isoformat(), None


def _instant(one: WorkField, words: str, *, now: datetime, zone: ZoneInfo) -> tuple[Any, FieldError | None]:
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return None, FieldError(one.key, "not_an_instant")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None, FieldError(one.key, "year_out_of_range", {"minimum": FIRST_YEAR, "maximum": LAST_YEAR})
    at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    if at > now and not one.may_be_ahead:
        return None, FieldError(one.key, "in_the_future", {"latest": now})
    return at.isoformat(), None


def _choice(one: WorkField, words: str) -> tuple[Any, FieldError | None]:
    choices = one.choices or {}
    if words in choices:
        return words, None
    # files are written by people: a choice may come under its name
    named = [key for key, label in choices.items() if words in (label.zh, label.en)]
    if named:
        return named[0], None
    return None, FieldError(one.key, "not_a_choice", {"value": words[:40], "choices": ", ".join(choices)})
