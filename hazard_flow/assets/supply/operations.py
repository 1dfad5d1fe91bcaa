"""Writes of supply: a facility, a day's balance, a resource; and that one is no longer there."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from hazard_flow.assets.particulars import Wrong, is_empty, number_of, text_of
from hazard_flow.assets.supply.models import GAS_FACILITIES, RESOURCES, EmergencyResource, GasDay, GasFacility
from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.rights import RIGHTS

WRITE = "supply.write"
#: nobody enters a whole year by hand, and nothing of tomorrow
DAYS_BACK_MAX = 400
_CUBIC_METRES_MAX = 10**10
_LENGTHS = {"name": 120, "base": 200, "phone": 40, "equipment": 400}
T = TypeVar("T", GasFacility, EmergencyResource)


def home_of(session: Session, actor: Actor) -> Organisation:
    """The enterprise somebody keeps these books for; raises NotFound where there is none."""
    paths = [one.path for one in actor.holdings if one.role in RIGHTS[WRITE] and not one.regulator]
    if not paths:
        raise NotFound("no enterprise")
    return session.get_one(Organisation, uuid.UUID(hex=min(paths).split("/", 1)[0]))


def tell_day(
    session: Session, actor: Actor, given: Mapping[str, Any], *, now: datetime, today: date
) -> GasDay:
    """A day's balance; told again it replaces what was said. The same again is the same. Raises Refused with everything wrong."""
    faults: list[FieldError] = []
    day = _day(given.get("day"), today, faults)
    values = {
        name: _volume(given.get(name), name, faults) for name in ("supplied_m3", "sent_out_m3", "stored_m3")
    }
    if faults or day is None:
        raise Refused(fields=faults)
    home = home_of(session, actor)
    row = GasDay(
        home_id=home.id, path=home.path, division=home.division, day=day, entered_by=actor.id, entered_at=now, **values
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def add_facility(session: Session, actor: Actor, given: Mapping[str, Any], *, now: datetime) -> GasFacility:
    """A source or storage; raises Refused with everything wrong."""
    faults: list[FieldError] = []
    kind = _kind(given, GAS_FACILITIES, faults)
    name = _words(given, "name", faults, needed=True)
    capacity_m3 = _volume(given.get("capacity_m3"), "capacity_m3", faults)
    if faults:
        raise Refused(fields=faults)
    home = home_of(session, actor)
    row = GasFacility(
        home_id=home.id, path=home.path, division=home.division, kind=kind, name=name, capacity_m3=capacity_m3,
        entered_by=actor.id, entered_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def add_resource(
    session: Session, actor: Actor, given: Mapping[str, Any], *, now: datetime
) -> EmergencyResource:
    """A team, vehicle or store; raises Refused with everything wrong."""
    faults: list[FieldError] = []
    kind = _kind(given, RESOURCES, faults)
    words = {name: _words(given, name, faults, needed=name == "name") for name in _LENGTHS}
    people = None
    if not is_empty(given.get("people")):
        try:
            people = int(number_of(given["people"], 0, 10_000))
        except Wrong as wrong:
            faults.append(FieldError("people", wrong.code, wrong.params))
    if faults:
        raise Refused(fields=faults)
    home = home_of(session, actor)
    row = EmergencyResource(
        home_id=home.id, path=home.path, division=home.division, kind=kind, people=people, entered_by=actor.id, entered_at=now,
        **words,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def end(session: Session, actor: Actor, model: type[T], id_: uuid.UUID, *, now: datetime) -> None:
    """It is no longer there; raises NotFound for another enterprise's."""
    row = session.get(model, id_)
    if row is None or row.home_id != home_of(session, actor).id:
        raise NotFound(str(id_))
    row.ended_at = row.ended_at or now


def _day(said: Any, today: date, faults: list[FieldError]) -> date | None:
    try:
        day = date.fromisoformat(str(said or ""))
    except ValueError:
        faults.append(FieldError("day", "required" if is_empty(said) else "not_a_date"))
        return None
    if day > today:
        faults.append(FieldError("day", "in_the_future", {"latest": today.isoformat()}))
    elif today - day > timedelta(days=DAYS_BACK_MAX):
        earliest = (today - timedelta(days=DAYS_BACK_MAX)).isoformat()
        faults.append(FieldError("day", "in_the_past", {"earliest": earliest}))
    return day


def _volume(said: Any, name: str, faults: list[FieldError]) -> float:
    if is_empty(said):
        faults.append(FieldError(name, "required"))
        return 0
    try:
        return float(number_of(said, 0, _CUBIC_METRES_MAX))
    except Wrong as wrong:
        faults.append(FieldError(name, wrong.code, wrong.params))
        return 0


def _kind(given: Mapping[str, Any], allowed: tuple[str, ...], faults: list[FieldError]) -> str:
    kind = str(given.get("kind") or "")
    if kind not in allowed:
        faults.append(FieldError("kind", "unknown_choice", {"value": kind[:60]}))
    return kind


def _words(given: Mapping[str, Any], name: str, faults: list[FieldError], *, needed: bool) -> str:
    try:
        words = text_of(given.get(name), _LENGTHS[name])
    except Wrong as wrong:
        faults.append(FieldError(name, wrong.code, wrong.params))
        return ""
    if needed and not words:
        faults.append(FieldError(name, "required"))
    return words
