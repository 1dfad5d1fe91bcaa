"""What a record is called: the values that name it, in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.daily_work.fields import WorkField
from hazard_flow.daily_work.lines import RecordKind
from hazard_flow.i18n import LOCALES, Label, text


def title(kind: RecordKind, values: Mapping[str, Any]) -> Label:
    """Its name in both languages; the kind's own where nothing that names it is filled."""
    return Label(*(_title(kind, values, locale) or kind.label.in_(locale) for locale in LOCALES))


def searched(kind: RecordKind, values: Mapping[str, Any]) -> str:
    """The words people look for it by."""
    both = title(kind, values)
    return both.zh if both.zh == both.en else f"{both.zh} {both.en}"


def shown_value(
    one: WorkField, value: Any, locale: str, zone: ZoneInfo, *, referred: Mapping[str, str] | None = None
) -> str:
    """A kept value in words, with its unit; of a reference its name, where the reader may know it."""
    if value is None:
        return ""
    if one.type == "choice":
        label = (one.choices or {}).get(value)
        return label.in_(locale) if label else str(value)
    if one.type == "yes_no":
        return text(f"daily_work.{value}", locale)
    if one.type == "instant":
        return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M}"
    if one.type in ("person", "asset", "parent"):
        return (referred or {}).get(value, "")
    if one.is_number:
        number = (
            f"{value:,.2f}" if one.type == "money" else f"{value:g}" if abs(value) < 1e6 else f"{value:,.0f}"
        )
        unit = one.unit.in_(locale) if one.unit else ""
        return f"{number}{'' if unit == '%' else ' '}{unit}".strip()
    return str(value)


def _title(kind: RecordKind, values: Mapping[str, Any], locale: str) -> str:
    named = (kind.field(key) for key in kind.title)
    parts = [
        shown_value(one, values.get(one.key), locale, ZoneInfo("UTC"))
        for one in named
        if one is not None and one.type not in ("person", "asset", "parent")
    ]
    return " · ".join(part for part in parts if part)
