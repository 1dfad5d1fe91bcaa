"""A day somebody guarded a site: where they stood, what the checklist says, and what it found goes through the door."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.geometry import metres_apart
from hazard_flow.assets.models import Asset
from hazard_flow.errors import Conflict, FieldError, KeyReused, NotAllowed, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand
from hazard_flow.inspections import findings
from hazard_flow.inspections.checklists.answering import Given, judge
from hazard_flow.inspections.checklists.items import Checklist
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.construction.days import invalid_because
from hazard_flow.inspections.construction.models import GUARDED, ConstructionSite, GuardDay
from hazard_flow.inspections.construction.nearness import outline
from hazard_flow.inspections.construction.owing import met_by
from hazard_flow.inspections.construction.register import NOTE_LENGTH_MAX, WRITE, files_of

SHEET = "construction_site"
#: a day can be entered so long after it
LATEST = timedelta(days=7)
LANGUAGE = "zh"


@dataclass(frozen=True, kw_only=True)
class DayGiven:
    """What the guard reports of a day."""

    came_at: datetime
    left_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    #: (picture, item of the checklist it shows, empty for the day as a whole)
    pictures: Sequence[tuple[EvidenceItem, str]] = ()
    instrument: str = ""
    note: str = ""


def sheet() -> Checklist:
    """The checklist of a day."""
    return checklists()[SHEET]


def record_day(
    session: Session,
    site: ConstructionSite,
    given: DayGiven,
    *,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> GuardDay:
    """One day of guarding, whole or not at all; the same request again is the same day. One that does not count says why, and is owed."""
    demand(actor, WRITE)
    if actor.id is None:
        raise NotAllowed(WRITE, right=WRITE)
    known = session.scalar(
        sa.select(GuardDay).where(GuardDay.home_id == site.home_id, GuardDay.request_key == request_key)
    )
    if known is not None:
        if known.site_id != site.asset_id:
            raise KeyReused("the key was used for another site")
        return known
    if site.state not in GUARDED:
        raise Conflict(f"a site that is {site.state}")
    day = rules_of(session).day_of(given.came_at)
    if session.get(GuardDay, (site.asset_id, day)) is not None:
        raise Conflict("the day is entered already", fields=[FieldError("came_at", "day_taken")])
    answers, failed, faults = _judged(given)
    faults += _faults(given, site, day, now)
    if faults:
        raise Refused(fields=faults)
    asset = session.get_one(Asset, site.asset_id)
    ground = outline(asset)
    distance = None
    if ground and given.lon is not None and given.lat is not None:
        distance = metres_apart(ground, [(given.lon, given.lat)])
    made = GuardDay(
        site_id=site.asset_id,
        day=day,
        home_id=site.home_id,
        guard_id=actor.id,
        came_at=given.came_at,
        left_at=given.left_at,
        received_at=now,
        lon=given.lon,
        lat=given.lat,
        accuracy_m=given.accuracy_m,
        distance_m=distance,
        invalid_because=invalid_because(
            distance_m=max(0.0, distance - (given.accuracy_m or 0)) if distance is not None else None,
            came_at=given.came_at,
            left_at=given.left_at,
        ),
        checklist=sheet().id,
        answers=answers,
        note=given.note.strip(),
        files=files_of([one for one, _ in given.pictures]),
        hazards=[],
        request_key=request_key,
    )
    made.hazards = [_finding(session, asset, given, key, made, actor=actor, now=now) for key in failed]
    session.add(made)
    session.flush()
    if not made.invalid_because:
        met_by(session, site, day, actor=actor, now=now, at=given.came_at)
    return made


def _judged(given: DayGiven) -> tuple[dict[str, str], list[str], list[FieldError]]:
    photos = Counter(shows for _, shows in given.pictures if shows)
    said = {
        str(key)[:80]: Given(str(value or ""), photos=photos[str(key)])
        for key, value in given.answers.items()
    }
    found, faults = judge(sheet(), said, prefix="answers.")
    failed = [item.key for item in sheet().items if item.key in found and found[item.key].is_failed]
    if any(sheet().by_key[key].answer == "reading" for key in failed) and not given.instrument.strip():
        faults.append(FieldError("instrument", "required"))
    return {key: one.value for key, one in found.items() if one.value}, failed, faults


def _faults(given: DayGiven, site: ConstructionSite, day: date, now: datetime) -> list[FieldError]:
    faults = []
    if given.came_at > now:
        faults.append(FieldError("came_at", "in_the_future", {"latest": now}))
    if given.came_at < now - LATEST:
        faults.append(FieldError("came_at", "too_long_ago", {"days": LATEST.days}))
    if given.left_at is not None and not given.came_at <= given.left_at <= now:
        faults.append(FieldError("left_at", "left_before_coming"))
    if not site.starts_on <= day <= site.ends_on:
        faults.append(FieldError("came_at", "no_day_of_works"))
    if len(given.note) > NOTE_LENGTH_MAX:
        faults.append(FieldError("note", "too_long", {"at_most": NOTE_LENGTH_MAX}))
    if not given.pictures:
        faults.append(FieldError("files", "picture_needed"))
    return faults


def _finding(
    session: Session, asset: Asset, given: DayGiven, key: str, day: GuardDay, *, actor: Actor, now: datetime
) -> str:
    """The number of the hazard a failed item is; one that is open already is not reported a second time."""
    item = sheet().by_key[key]
    known = findings.known_hazard(session, asset, item.catalogue)
    if known is not None:
        return known.number
    data: dict[str, Any] = {
        "description": text("construction.finding", LANGUAGE, item=item.text.zh, day=day.day.isoformat()),
        "found_at": given.came_at.isoformat(),
    }
    if item.answer == "reading":
        data |= {
            "leak_reading": day.answers[key],
            "leak_unit": "pct_lel",
            "instrument_number": given.instrument.strip(),
        }
    shown = [one for one, shows in given.pictures if shows == key]
    return findings.open_hazard(
        session, actor, asset, item.catalogue, data, shown, f"{day.request_key}:{key}", now
    ).number
