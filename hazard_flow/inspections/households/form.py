"""Forms with a checklist in them, drawn from what was typed, with what is wrong beside each field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.errors import FieldError
from hazard_flow.i18n import text
from hazard_flow.inspections.checklists.items import BAD, GOOD, NOT_THERE, Checklist, Item
from hazard_flow.inspections.households.models import RESULTS
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError, FormField

_COLON = {"zh": "：", "en": ": "}


@dataclass(frozen=True)
class Slot:
    """A file input."""

    name: str
    label: str
    needed: int = 0
    error: str = ""
    hint: str = ""
    is_photo: bool = True


@dataclass(frozen=True)
class ItemRow:
    """One item of the checklist: its field, its picture, and the clause behind it."""

    field: FormField | None
    slot: Slot
    clause: str
    mark: str
    #: the picture is only asked for with this answer; empty: always, or only folded away
    photo_when: str = ""
    is_folded: bool = False


@dataclass(frozen=True)
class Part:
    """One heading of the checklist."""

    label: str
    items: Sequence[ItemRow]


def parts(
    sheet: Checklist, given: Mapping[str, Any], faults: Mapping[str, str], *, locale: str
) -> list[Part]:
    """The checklist as a form, by its headings."""
    return [
        Part(
            label.in_(locale), [_row(item, given, faults, locale) for item in sheet.items if item.part == key]
        )
        for key, label in sheet.parts.items()
    ]


def result_field(given: Mapping[str, Any], faults: Mapping[str, str], *, locale: str) -> FormField:
    """What the visit came to."""
    return FormField(
        "result",
        "radio",
        text("households.field.result", locale),
        choices=tuple((one, text(f"households.result.{one}", locale)) for one in RESULTS),
        value=str(given.get("result") or "done"),
        error=faults.get("result", ""),
    )


def sentences(faults: Iterable[FieldError], *, locale: str, zone: ZoneInfo) -> dict[str, str]:
    """What is wrong with each field."""
    return {one.field: field_sentence(one, locale, zone) for one in faults}


def errors(
    faults: Iterable[FieldError], labels: Mapping[str, str], *, prefix: str, locale: str, zone: ZoneInfo
) -> list[FormError]:
    """The summary above a form; `prefix` is where its fields have their names."""
    found = []
    for one in faults:
        label = labels.get(one.field) or text(f"{prefix}{one.field}", locale)
        found.append(FormError(one.field, f"{label}{_COLON[locale]}{field_sentence(one, locale, zone)}"))
    return found


def item_labels(sheet: Checklist, *, locale: str) -> dict[str, str]:
    """Names of the items, as the summary of faults calls them."""
    return {f"answers.{item.key}": item.text.in_(locale) for item in sheet.items}


def _row(item: Item, given: Mapping[str, Any], faults: Mapping[str, str], locale: str) -> ItemRow:
    name = f"answers.{item.key}"
    slot = Slot(
        f"item.{item.key}",
        item.text.in_(locale) if item.answer == "photo" else text("households.item_photo", locale),
        error=faults.get(name, "") if item.answer == "photo" else "",
    )
    is_always = item.photo == "always" or item.answer == "photo"
    return ItemRow(
        field=None if item.answer == "photo" else _field(item, name, given, faults, locale),
        slot=slot,
        clause=item.clause,
        mark=item.mark,
        photo_when=BAD if item.answer == "yes_no" and not is_always else "",
        is_folded=item.answer in ("reading", "choice") and not is_always,
    )


def _field(
    item: Item, name: str, given: Mapping[str, Any], faults: Mapping[str, str], locale: str
) -> FormField:
    value, error = str(given.get(name) or ""), faults.get(name, "")
    label = item.text.in_(locale)
    if item.answer == "yes_no":
        words = [GOOD, BAD, *([NOT_THERE] if item.is_optional else [])]
        choices = tuple((one, text(f"households.answer.{one}", locale)) for one in words)
        return FormField(
            name, "radio", label, required=False, choices=choices, value=value, error=error, is_kept=True
        )
    if item.answer == "choice":
        choices = tuple((one.key, one.label.in_(locale)) for one in item.choices)
        return FormField(
            name, "radio", label, required=False, choices=choices, value=value, error=error, is_kept=True
        )
    return FormField(
        name, "number", label, required=False, unit=item.unit, value=value, error=error, is_kept=True
    )


def visit_slots(faults: Mapping[str, str], *, locale: str) -> dict[str, Slot]:
    """The file inputs of a visit beside those of its items."""
    return {
        name: Slot(name, text(f"households.field.{name}", locale), error=faults.get(name, ""), hint=hint)
        for name, hint in (
            ("signature", ""),
            ("notice", text("households.hint.notice", locale)),
            ("photos", ""),
        )
    }


def answer_text(item: Item, said: str, *, locale: str) -> str:
    """An answer as people read it."""
    if said == NOT_THERE or item.answer == "yes_no":
        return text(f"households.answer.{said}", locale)
    if item.answer == "choice":
        return next((one.label.in_(locale) for one in item.choices if one.key == said), said)
    return f"{said} {item.unit}".strip()
