"""The desk's form of a round: every place and item with what was typed, and what that is as a paper."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.assets.queries import labels
from hazard_flow.errors import FieldError, Refused
from hazard_flow.evidence.operations import Looked
from hazard_flow.i18n import text
from hazard_flow.inspections import queries, receiving
from hazard_flow.inspections.checklists.items import BAD, GOOD, NOT_THERE, Item
from hazard_flow.inspections.checklists.loading import released
from hazard_flow.inspections.models import Round
from hazard_flow.inspections.papers import Answer, Paper, PlaceVisit
from hazard_flow.inspections.shown import limits_text
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError

#: inputs of one form: a server reads no longer one
INPUTS_MAX = 480
_INPUTS_AN_ITEM = 3
_COLON = {"zh": "：", "en": ": "}


@dataclass(frozen=True)
class Asked:
    """One item as it is asked: its input's name, the choices, what was typed and what is wrong with it."""

    item: Item
    name: str
    text: str
    limits: str
    #: (value, word, whether it fails)
    choices: Sequence[tuple[str, str]]
    value: str
    note: str
    error: str


@dataclass(frozen=True)
class AskedPlace:
    """One place."""

    number: int
    code: str
    name: str
    parts: Sequence[tuple[str, Sequence[Asked]]]
    skipped: str


@dataclass(frozen=True)
class Sheet:
    """The whole form; `is_too_long` where one form cannot hold it."""

    round: Round
    name: str
    places: Sequence[AskedPlace]
    errors: Sequence[FormError]
    started_at: str
    ended_at: str
    weather: str
    remark: str
    is_too_long: bool


def blank(now: datetime, zone: ZoneInfo) -> dict[str, str]:
    """What stands in the form before anything is typed."""
    local = now.astimezone(zone)
    return {"started_at": _local(local - timedelta(hours=1)), "ended_at": _local(local)}


def page(
    session: Session,
    found: Round,
    values: Mapping[str, Any],
    faults: Sequence[FieldError],
    *,
    locale: str,
    zone: ZoneInfo,
) -> Sheet:
    """The form with what was typed."""
    checklist = released()[found.checklist]
    rows = queries.places(session, [found.id])[found.id]
    assets = labels(session, [row.asset_id for row in rows])
    # the door names a place by its code, the form by its number
    codes = {assets[row.asset_id].code: n for n, row in enumerate(rows) if row.asset_id in assets}
    wrong = {_input_of(fault.field, codes): field_sentence(fault, locale, zone) for fault in faults}
    places = []
    for number, row in enumerate(rows):
        asset = assets.get(row.asset_id)
        if asset is None:
            continue
        parts: dict[str, list[Asked]] = {}
        for item in checklist.items:
            name = f"{number}.{item.key}"
            parts.setdefault(item.part, []).append(
                Asked(
                    item=item,
                    name=name,
                    text=item.text.in_(locale),
                    limits=limits_text(item, locale),
                    choices=_choices(item, locale),
                    value=str(values.get(name, "")),
                    note=str(values.get(f"{name}.note", "")),
                    error=wrong.get(name, ""),
                )
            )
        places.append(
            AskedPlace(
                number=number,
                code=asset.code,
                name=asset.label.in_(locale),
                parts=[
                    (checklist.parts[key].in_(locale) if key else "", items) for key, items in parts.items()
                ],
                skipped=str(values.get(f"{number}.skipped", "")),
            )
        )
    return Sheet(
        round=found,
        name=found.label.in_(locale),
        places=places,
        errors=[_error(fault, codes, checklist.by_key, locale, zone) for fault in faults],
        started_at=str(values.get("started_at", "")),
        ended_at=str(values.get("ended_at", "")),
        weather=str(values.get("weather", "")),
        remark=str(values.get("remark", "")),
        is_too_long=len(rows) * len(checklist.items) * _INPUTS_AN_ITEM > INPUTS_MAX,
    )


def paper_of(
    session: Session,
    round_id: uuid.UUID,
    values: Mapping[str, Any],
    looked: Sequence[tuple[str, Looked]],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Paper:
    """What was typed as a paper; raises Refused for instants that are none."""
    found = queries.one(session, round_id)
    checklist = released()[found.checklist]
    faults: list[FieldError] = []
    started_at, ended_at = (_instant(values, name, zone, faults, now) for name in ("started_at", "ended_at"))
    if faults:
        raise Refused("round", fields=faults)
    rows = queries.places(session, [round_id])[round_id]
    visits = []
    for number, row in enumerate(rows):
        skipped = str(values.get(f"{number}.skipped", "")).strip()
        answers = {
            item.key: Answer(
                str(values.get(f"{number}.{item.key}", "")),
                str(values.get(f"{number}.{item.key}.note", "")),
                is_fixed=values.get(f"{number}.{item.key}.fixed") == "true",
            )
            for item in checklist.items
            if f"{number}.{item.key}" in values or item.answer == "photo"
        }
        visits.append(PlaceVisit(row.asset_id, {} if skipped else answers, skipped=skipped))
    return Paper(
        started_at=started_at,
        ended_at=ended_at,
        visits=receiving.with_photos(
            visits, [str(number) for number in range(len(rows))], [(part, one.item) for part, one in looked]
        ),
        weather=str(values.get("weather", "")),
        remark=str(values.get("remark", "")),
        source="desk",
    )


def _choices(item: Item, locale: str) -> list[tuple[str, str]]:
    if item.answer == "yes_no":
        words = (GOOD, BAD, *((NOT_THERE,) if item.is_optional else ()))
        return [(word, text(f"rounds.answer.{word}", locale)) for word in words]
    return [(one.key, one.label.in_(locale)) for one in item.choices]


def _input_of(field: str, codes: Mapping[str, int]) -> str:
    code, _, key = field.rpartition(".")
    return f"{codes[code]}.{key}" if code in codes else field


def _error(
    fault: FieldError, codes: Mapping[str, int], items: Mapping[str, Item], locale: str, zone: ZoneInfo
) -> FormError:
    code, _, key = fault.field.rpartition(".")
    sentence = field_sentence(fault, locale, zone)
    if code in codes and key in items:
        what = f"{code} {items[key].text.in_(locale)}"
    elif fault.field in codes:
        what = fault.field
    else:
        known = {"started_at", "ended_at", "weather", "remark"}
        what = text(f"rounds.fill.{fault.field}", locale) if fault.field in known else ""
    name = _input_of(fault.field, codes)
    return FormError(name.replace(".", "-"), f"{what}{_COLON[locale]}{sentence}" if what else sentence)


def _instant(
    values: Mapping[str, Any], name: str, zone: ZoneInfo, faults: list[FieldError], now: datetime
) -> datetime:
    raw = str(values.get(name, ""))
    try:
        at = datetime.fromisoformat(raw).replace(tzinfo=zone)
        if not 2000 <= at.year <= 2100:
            raise ValueError(raw)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        faults.append(FieldError(name, "not_a_date" if raw else "required", {"value": raw[:20]}))
        return now


def _local(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M")
