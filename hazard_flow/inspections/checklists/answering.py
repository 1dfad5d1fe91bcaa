"""Answers against their checklist: what is missing, what makes no sense, which failed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from hazard_flow.errors import FieldError
from hazard_flow.inspections.checklists.items import BAD, GOOD, NOT_THERE, Checklist, Item

NOTE_LENGTH_MAX = 500
_NUMBER_LENGTH_MAX = 20
#: a reading beyond this is a slip of the finger
_NUMBER_MAX = Decimal(10) ** 9


@dataclass(frozen=True)
class Given:
    """An answer as it was given: `yes`, `no`, `na`, a number, a choice's key; how many photos came with it."""

    value: str = ""
    note: str = ""
    photos: int = 0


@dataclass(frozen=True)
class Judged:
    """An answer as it is kept."""

    value: str
    is_failed: bool


def judge(
    checklist: Checklist, given: Mapping[str, Given], *, prefix: str = ""
) -> tuple[dict[str, Judged], list[FieldError]]:
    """Every item's answer, and everything wrong with them; errors name `prefix` and the item's key."""
    faults = [
        FieldError(f"{prefix}{key}", "unknown_item", {"checklist": checklist.key})
        for key in given.keys() - checklist.by_key.keys()
    ]
    found: dict[str, Judged] = {}
    numbers: dict[str, Decimal] = {}
    for item in checklist.items:
        one = given.get(item.key, Given())
        value, fault = _value(item, one)
        if fault is None and len(one.note) > NOTE_LENGTH_MAX:
            fault = FieldError(item.key, "too_long", {"at_most": NOTE_LENGTH_MAX})
        if fault is None and item.answer == "reading" and value not in ("", NOT_THERE):
            numbers[item.key] = Decimal(value)
        failed = fault is None and _failed(item, value, numbers)
        if fault is None and needs_photo(item, failed=failed, value=value) and one.photos == 0:
            fault = FieldError(item.key, "photo_needed")
        if fault is not None:
            faults.append(FieldError(f"{prefix}{fault.field}", fault.code, fault.params))
        else:
            found[item.key] = Judged(value, failed)
    return found, faults


def needs_photo(item: Item, *, failed: bool, value: str) -> bool:
    """Whether an answer is nothing without a picture: a hazard cannot be reported without one."""
    if value == NOT_THERE:
        return False
    return item.photo == "always" or (failed and (item.photo == "failed" or bool(item.catalogue)))


def readings_of(checklist: Checklist, found: Mapping[str, Judged]) -> tuple[str, ...]:
    """The numbers in the order of the sheet."""
    return tuple(
        found[one.key].value for one in checklist.items if one.answer == "reading" and one.key in found
    )


def failed_items(checklist: Checklist, found: Mapping[str, Judged]) -> Sequence[Item]:
    """The items that failed, in the order of the sheet."""
    return [one for one in checklist.items if one.key in found and found[one.key].is_failed]


def _value(item: Item, one: Given) -> tuple[str, FieldError | None]:
    value = one.value.strip()
    if item.answer == "photo":
        return "", None
    if value == NOT_THERE and item.is_optional:
        return value, None
    if not value:
        # what may not be there may also be left out
        return (NOT_THERE, None) if item.is_optional else ("", FieldError(item.key, "required"))
    if item.answer == "reading":
        return _number(item, value)
    known = [GOOD, BAD] if item.answer == "yes_no" else [choice.key for choice in item.choices]
    if value not in known:
        return "", FieldError(item.key, "unknown_choice", {"value": value[:40]})
    return value, None


def _number(item: Item, value: str) -> tuple[str, FieldError | None]:
    try:
        number = Decimal(value)
        if (
            len(value) > _NUMBER_LENGTH_MAX
            or not value.isascii()
            or not number.is_finite()
            or abs(number) > _NUMBER_MAX
        ):
            raise InvalidOperation
    except InvalidOperation:
        return "", FieldError(item.key, "not_a_number", {"value": value[:40]})
    return format(number, "f"), None


def _failed(item: Item, value: str, numbers: Mapping[str, Decimal]) -> bool:
    if value == NOT_THERE:
        return False
    if item.answer == "yes_no":
        return value == BAD
    if item.answer == "choice":
        return any(choice.key == value and not choice.is_good for choice in item.choices)
    if item.answer == "reading" and item.limits is not None:
        return not item.limits.keeps(Decimal(value), numbers.get(item.limits.times or ""))
    return False
