"""One value from JSON or a form field into its type, strictly; faults are codes, nothing raises."""

import re
import uuid
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.workflow.deadlines import end_of_day
from hazard_flow.workflow.fields import FieldDef

Fault = tuple[str, dict[str, Any]]
Coerced = tuple[Any, Fault | None]

YEAR_MIN, YEAR_MAX = 2000, 2100
PEOPLE_MAX = 20
CLAUSES_MAX = 30
CLAUSE_LENGTH_MAX = 200
_NUMBER_LENGTH_MAX = 40
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?")
#: a hazard's number: `YH-990102-20261124-0007`
_HAZARD = re.compile(r"YH-[0-9]{6}-[0-9]{8}-[0-9]{4,12}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: line breaks and tabs are text; other control characters and lone surrogates cannot be stored or printed
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FLAGS = {
    True: True,
    False: False,
    "true": True,
    "false": False,
    "on": True,
    "off": False,
    "1": True,
    "0": False,
    "yes": True,
    "no": False,
}


def is_blank(raw: Any) -> bool:
    """Whether a value counts as not given: nothing, spaces, an empty list."""
    return raw is None or (isinstance(raw, str) and not raw.strip()) or raw == []


def typed(known: FieldDef, raw: Any, zone: ZoneInfo) -> Coerced:
    """The value in the field's type. Local times without a zone are read in `zone`."""
    match known.type:
        case "text":
            return _text(known, raw)
        case "choice" | "control":
            return _choice(known, raw)
        case "instant":
            return _instant(raw, zone)
        case "deadline":
            return _deadline(raw, zone)
        case "person":
            return _person(raw)
        case "people":
            return _people(raw)
        case "integer" | "percent":
            return _integer(known, raw)
        case "decimal" | "money":
            return _decimal(known, raw)
        case "flag":
            return _flag(raw)
        case "hazard":
            return _hazard(raw)
    assert known.type == "clauses", known.type
    return _clauses(raw)


def _text(known: FieldDef, raw: Any) -> Coerced:
    if not isinstance(raw, str):
        return None, ("not_text", {})
    text = raw.replace("\r\n", "\n").strip()
    if _UNWRITABLE.search(text):
        return None, ("bad_characters", {})
    if len(text) > known.at_most:
        return None, ("too_long", {"at_most": known.at_most, "length": len(text)})
    if not known.multiline and "\n" in text:
        return None, ("one_line", {})
    return text, None


def _choice(known: FieldDef, raw: Any) -> Coerced:
    if isinstance(raw, str) and raw in known.choices:
        return raw, None
    return None, ("not_a_choice", {"choices": list(known.choices)})


def _instant(raw: Any, zone: ZoneInfo) -> Coerced:
    if isinstance(raw, datetime):
        at = raw
    elif isinstance(raw, str) and _INSTANT.fullmatch(raw.strip()):
        try:
            at = datetime.fromisoformat(raw.strip())
        except ValueError:
            return None, ("not_an_instant", {})
    else:
        return None, ("not_an_instant", {})
    if not YEAR_MIN <= at.year < YEAR_MAX:
        return None, ("year_out_of_range", {"minimum": YEAR_MIN, "maximum": YEAR_MAX})
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC), None


def _deadline(raw: Any, zone: ZoneInfo) -> Coerced:
    """A date is 24:00 of that day, that day included; an instant stands as it is."""
    if isinstance(raw, str) and _DAY.fullmatch(raw.strip()):
        try:
            day = date.fromisoformat(raw.strip())
        except ValueError:
            return None, ("not_a_date", {})
        if not YEAR_MIN <= day.year < YEAR_MAX:
            return None, ("year_out_of_range", {"minimum": YEAR_MIN, "maximum": YEAR_MAX})
        return end_of_day(day, zone), None
    at, fault = _instant(raw, zone)
    if fault is not None and fault[0] == "not_an_instant":
        return None, ("not_a_date", {})
    return at, fault


def _person(raw: Any) -> Coerced:
    if isinstance(raw, uuid.UUID):
        return str(raw), None
    try:
        return (str(uuid.UUID(raw.strip())), None) if isinstance(raw, str) else (None, ("not_a_person", {}))
    except ValueError:
        return None, ("not_a_person", {})


def _people(raw: Any) -> Coerced:
    listed = re.split(r"[\s,]+", raw.strip()) if isinstance(raw, str) else raw
    if not isinstance(listed, (list, tuple)):
        return None, ("not_a_list", {})
    if len(listed) > PEOPLE_MAX:
        return None, ("too_many", {"at_most": PEOPLE_MAX})
    people: list[str] = []
    for item in listed:
        person, fault = _person(item)
        if fault is not None:
            return None, fault
        if person in people:
            return None, ("twice", {"person": person})
        people.append(person)
    return tuple(people), None


def _integer(known: FieldDef, raw: Any) -> Coerced:
    text = str(raw).strip() if isinstance(raw, (str, int)) and not isinstance(raw, bool) else ""
    if len(text) > _NUMBER_LENGTH_MAX or not re.fullmatch(r"[+-]?[0-9]+", text):
        return None, ("not_an_integer", {})
    fault = _range(known, Decimal(text))
    return (None, fault) if fault else (int(text), None)


def _decimal(known: FieldDef, raw: Any) -> Coerced:
    text = (
        str(raw).strip() if isinstance(raw, (str, int, float, Decimal)) and not isinstance(raw, bool) else ""
    )
    if isinstance(raw, float):
        text = format(Decimal(text), "f") if text not in ("nan", "inf", "-inf") and abs(raw) < 1e20 else ""
    if len(text) > _NUMBER_LENGTH_MAX or not _NUMBER.fullmatch(text):
        return None, ("not_a_number", {})
    number = Decimal(text)
    fault = _range(known, number)
    if fault is not None:
        return None, fault
    step = Decimal(1).scaleb(-known.places)
    rounded = number.quantize(step, ROUND_HALF_EVEN)
    if known.type == "money" and rounded != number:
        return None, ("too_many_decimals", {"places": known.places})
    return rounded, None


def _range(known: FieldDef, number: Decimal) -> Fault | None:
    too_low = known.minimum is not None and number < known.minimum
    too_high = known.maximum is not None and number > known.maximum
    if too_low or too_high:
        return "out_of_range", {"minimum": str(known.minimum), "maximum": str(known.maximum)}
    return None


def _flag(raw: Any) -> Coerced:
    word = raw.strip().lower() if isinstance(raw, str) else raw
    if isinstance(word, (bool, str)) and word in _FLAGS:
        return _FLAGS[word], None
    return None, ("not_a_flag", {})


def _hazard(raw: Any) -> Coerced:
    number = raw.strip().upper() if isinstance(raw, str) else ""
    return (number, None) if _HAZARD.fullmatch(number) else (None, ("not_a_hazard", {}))


def _clauses(raw: Any) -> Coerced:
    listed = raw.split("\n") if isinstance(raw, str) else raw
    if not isinstance(listed, (list, tuple)) or not all(isinstance(item, str) for item in listed):
        return None, ("not_a_list", {})
    clauses = tuple(dict.fromkeys(item.strip() for item in listed if item.strip()))
    if len(clauses) > CLAUSES_MAX:
        return None, ("too_many", {"at_most": CLAUSES_MAX})
    if any(_UNWRITABLE.search(item) for item in clauses):
        return None, ("bad_characters", {})
    if any(len(item) > CLAUSE_LENGTH_MAX for item in clauses):
        return None, ("too_long", {"at_most": CLAUSE_LENGTH_MAX, "length": max(map(len, clauses))})
    return (clauses, None) if clauses else (None, ("required", {}))
