"""A site and a day of guarding as they come in: fields of a form or of a JSON body, and files, as the values the operations take."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.errors import FieldError, Refused
from hazard_flow.inspections.construction.guarding import DayGiven
from hazard_flow.inspections.construction.register import SiteGiven
from hazard_flow.inspections.handing_in import ITEM, Piece, day_of, instant_of, number_of

#: input → stage and kind of what comes in it
FILES: Mapping[str, tuple[str, str]] = {
    "paper": ("report", "THIRD_PARTY_AGREEMENT"),
    "photos": ("report", "PHOTO_BEFORE"),
    "reading": ("report", "LEAK_READING_BEFORE"),
    ITEM: ("report", "PHOTO_BEFORE"),
}
ANSWER = "answers."


def site_of(raw: Mapping[str, Any], *, organisation_id: uuid.UUID) -> SiteGiven:
    """The site these fields are; Refused with everything that cannot be read."""
    faults: list[FieldError] = []
    days = {}
    for name in ("starts_on", "ends_on"):
        try:
            days[name] = day_of(raw.get(name), field=name)
        except Refused as refused:
            faults += refused.fields
    guard = str(raw.get("guard") or "")
    guard_id = None
    try:
        guard_id = uuid.UUID(guard) if guard else None
    except ValueError:
        faults.append(FieldError("guard", "nobody_there"))
    if faults:
        raise Refused(fields=faults)
    works = raw.get("works") or ()
    place = {name: raw[name] for name in ("lon", "lat", "geometry", "crs") if raw.get(name) not in (None, "")}
    if place.keys() & {"lon", "lat", "geometry"}:
        place.setdefault("crs", "WGS84")
    return SiteGiven(
        organisation_id=organisation_id,
        code=str(raw.get("code") or ""),
        project=str(raw.get("project") or ""),
        builder=str(raw.get("builder") or ""),
        constructor=str(raw.get("constructor") or ""),
        contact=str(raw.get("contact") or ""),
        starts_on=days["starts_on"],
        ends_on=days["ends_on"],
        works=tuple([works] if isinstance(works, str) else works),
        place=place,
        address=str(raw.get("address") or ""),
        guard_id=guard_id,
        guard_rule=str(raw.get("guard_rule") or "FREQ=DAILY"),
    )


def guarded_day_of(
    raw: Mapping[str, Any], pieces: Sequence[Piece], *, zone: ZoneInfo, now: datetime
) -> DayGiven:
    """The day of guarding these fields are."""
    answers = raw.get("answers")
    said = dict(answers) if isinstance(answers, Mapping) else {}
    said |= {name.removeprefix(ANSWER): value for name, value in raw.items() if name.startswith(ANSWER)}
    return DayGiven(
        came_at=instant_of(raw.get("came_at"), zone, field="came_at") or now,
        left_at=instant_of(raw.get("left_at"), zone, field="left_at"),
        lon=number_of(raw.get("lon"), field="lon"),
        lat=number_of(raw.get("lat"), field="lat"),
        accuracy_m=number_of(raw.get("accuracy_m"), field="accuracy_m"),
        answers=said,
        pictures=[(one.looked.item, one.shows) for one in pieces],
        instrument=str(raw.get("instrument") or ""),
        note=str(raw.get("note") or ""),
    )


def leak_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The leak reading of a damage, where one was taken."""
    if not raw.get("leak_reading"):
        return {}
    return {
        "leak_reading": str(raw["leak_reading"]),
        "leak_unit": str(raw.get("leak_unit") or "pct_lel"),
        "instrument_number": str(raw.get("instrument_number") or ""),
    }
