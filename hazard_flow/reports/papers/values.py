"""Field values as a paper prints them, in both languages: the newest the record holds, or only what the issuing act said."""

import calendar
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.catalogue import rows as catalogue
from hazard_flow.i18n import Label
from hazard_flow.reports.closure import Text
from hazard_flow.reports.gather import Event, Sources
from hazard_flow.workflow.fields import FieldDef

ERASED = Label(zh="（已依法删除）", en="(erased as the law requires)")


@dataclass(frozen=True)
class Stated:
    """A value as the events hold it, and which event said it."""

    raw: Any
    event_seq: int


@dataclass(frozen=True)
class Value:
    """A field as printed; `text` None leaves a blank to fill by hand."""

    label: Label
    text: Text | None
    #: flags: True, False or None; choices: the key; whole numbers; otherwise None
    key: Any = None
    #: typed text line by line, the clauses of a list
    lines: tuple[Text, ...] = ()
    #: names, phones, flats
    personal: bool = False


def stated(events: Iterable[Event]) -> dict[str, Stated]:
    """The newest value of every field; an empty one says nothing."""
    return {
        name: Stated(raw, event.seq)
        for event in events
        for name, raw in (event.data.get("fields") or {}).items()
        if raw not in (None, "", [])
    }


def value(sources: Sources, name: str, said: Stated | None) -> Value:
    """A field in words. KeyError for a name fields.yaml does not know: a mistake in the paper's report.yaml."""
    known = sources.rules.fields.fields[name]
    if said is None:
        return Value(known.label, None)
    if isinstance(said.raw, Mapping):
        kept = sources.personal.get(said.raw["sha256"])
        text: Text = kept.value if kept is not None and kept.value is not None else ERASED
        return Value(known.label, text, lines=(text,), personal=text is not ERASED)
    if known.type == "clauses":
        lines = tuple(clause_text(one) for one in _listed(said.raw))
        return Value(known.label, joined(lines), lines=lines)
    text = _told(sources, known, said.raw)
    lines = tuple(line for line in text.splitlines() if line.strip()) if isinstance(text, str) else (text,)
    key = said.raw if known.type in ("flag", "choice", "control", "integer") else None
    return Value(known.label, text, key=key, lines=lines)


def _told(sources: Sources, known: FieldDef, raw: Any) -> Text:
    zone = sources.rules.zone
    if known.type in ("choice", "control"):
        return known.choices.get(raw, Label(zh=str(raw), en=str(raw)))
    if known.type == "flag":
        return Label(zh="是", en="yes") if raw else Label(zh="否", en="no")
    if known.type == "instant":
        return moment(datetime.fromisoformat(str(raw)), zone)
    if known.type == "deadline":
        return deadline(datetime.fromisoformat(str(raw)), zone)
    if known.type == "person":
        return sources.name(raw)
    if known.type == "people":
        names = [sources.name(one) for one in _listed(raw)]
        return Label(zh="、".join(names), en=", ".join(names))
    if known.type == "money":
        amount = f"{Decimal(str(raw)):,.2f}"
        return Label(zh=f"{amount}元", en=f"CNY {amount}")
    if known.type in ("percent", "integer", "decimal"):
        number = format(Decimal(str(raw)).normalize(), "f")
        unit = known.unit or Label(zh="", en="")
        # 47人 and 60% stand together, 4 kPa apart
        apart = " " if unit.zh[:1].isascii() and unit.zh != "%" else ""
        return Label(
            zh=f"{number}{apart}{unit.zh}".strip(), en=f"{number} {unit.en}".replace(" %", "%").strip()
        )
    return str(raw)


def clause_text(code: Any) -> Text:
    """A cited clause: a row of the catalogue is told by its title, its basis and how surely that was read."""
    row = catalogue.row(str(code))
    if row is None:
        return str(code)
    zh, en = ("", "") if row.is_settled else ("（待核）", " (to be checked)")
    return Label(
        zh=f"{row.legal_basis.replace(';', '；')}{zh}：{row.title.zh}",
        en=f"{row.legal_basis.replace(';', '; ')}{en}: {row.title.en}",
    )


def joined(texts: Iterable[Text]) -> Text:
    """Several texts as one; in both languages as soon as one of them is."""
    listed = list(texts)
    if all(isinstance(one, str) for one in listed):
        return "；".join(map(str, listed))
    return Label(
        zh="；".join(one.zh if isinstance(one, Label) else one for one in listed),
        en="; ".join(one.en if isinstance(one, Label) else one for one in listed),
    )


def reading(sources: Sources, number: Value, unit: Value) -> Text | None:
    """A gas reading with its unit."""
    if number.text is None:
        return None
    figure = number.text.zh if isinstance(number.text, Label) else number.text
    return f"{figure} {unit.text.zh}" if isinstance(unit.text, Label) else figure


def people(sources: Sources, said: Stated | None) -> tuple[uuid.UUID, ...]:
    """The people a field names."""
    return tuple(uuid.UUID(str(one)) for one in _listed(said.raw)) if said is not None else ()


def moment(at: datetime, zone: ZoneInfo) -> Label:
    """2026年11月2日9时05分."""
    local = at.astimezone(zone)
    return Label(
        zh=f"{_day_zh(local)}{local.hour}时{local.minute:02d}分", en=f"{_day_en(local)}, {local:%H:%M}"
    )


def day(at: datetime, zone: ZoneInfo) -> Label:
    """2026年11月2日, the way official papers write a date (GB/T 9704-2012 [M]: Arabic numerals, no leading zeros)."""
    local = at.astimezone(zone)
    return Label(zh=_day_zh(local), en=_day_en(local))


def deadline(at: datetime, zone: ZoneInfo) -> Label:
    """A deadline with what it includes, because 日前 is read both ways; midnight ends the day before (Civil Code art. 203)."""
    local = at.astimezone(zone)
    if (local.hour, local.minute) != (0, 0):
        return moment(at, zone)
    last = local - timedelta(days=1)
    return Label(zh=f"{_day_zh(last)}（含当日）", en=f"{_day_en(last)} (that day included)")


def _day_zh(local: datetime) -> str:
    return f"{local.year}年{local.month}月{local.day}日"


def _day_en(local: datetime) -> str:
    return f"{local.day} {calendar.month_name[local.month]} {local.year}"


def _listed(raw: Any) -> list[Any]:
    return list(raw) if isinstance(raw, list) else [raw]
