"""Writes: an accident is registered, reported from level to level, supplemented, judged, closed. Each is one step."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.accidents import clocks
from hazard_flow.accidents.classes import classify
from hazard_flow.accidents.models import CONCEALMENTS, RESPONSIBILITIES, Accident, AccidentLink
from hazard_flow.accidents.particulars import CAUSES, FIGURES, TEXT_MAX, Figures, Reading, registration
from hazard_flow.accidents.steps import JUDGE, REGISTER, REPORT, demand, earlier, find, note, on
from hazard_flow.accidents.targets import add_link, asset_of, hazard_of, target_of, unit_of
from hazard_flow.assets.models import Asset
from hazard_flow.errors import FieldError, Refused
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.numbers import take_number
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.base import new_id
from hazard_flow.storage.journal import digest_of
from hazard_flow.storage.unit import beyond_scope

PREFIXES = {"accident": "SG", "near_miss": "WS"}


def register(
    session: Session, *, actor: Actor, given: Mapping[str, Any], request_key: str, now: datetime,
    hazard: str = "",
) -> Accident:  # fmt: skip
    """An accident or near miss becomes known; the report clocks run from when the enterprise knew.

    `hazard`: number of the hazard that turned into it; that one goes on in its own workflow. Raises Refused with everything wrong.
    """
    demand(actor, REGISTER)
    digest = digest_of("register", sorted(given.items()), hazard)
    if (before := earlier(session, actor, request_key, digest)) is not None:
        return before
    zone = rules_of(session).zone
    reading = Reading(given, zone, now)
    read = registration(reading, has_place=bool(hazard))
    faults = reading.faults
    origin = hazard_of(session, hazard, faults) if hazard else None
    asset = asset_of(session, read.asset if read else str(given.get("asset") or ""), faults)
    if asset is None and origin is not None and origin.asset_id is not None:
        asset = session.get(Asset, origin.asset_id)
    unit = unit_of(session, actor, asset, origin, str(given.get("organisation") or ""), faults)
    if faults or read is None or unit is None:
        raise Refused(fields=faults)
    division = (asset.division if asset else origin.division if origin else unit.division)[:6]
    accident = Accident(
        id=new_id(),
        home_id=unit.root_id,
        organisation_id=unit.id,
        path=unit.path,
        division=division,
        parties=f",{actor.id.hex}," if actor.id else ",",
        number=take_number(session, PREFIXES[read.kind], division, now, zone),
        kind=read.kind,
        category=read.category,
        title=read.title,
        description=read.description,
        measures=read.measures,
        place=read.place or _place(asset, origin),
        asset_id=asset.id if asset else None,
        occurred_at=read.occurred_at,
        known_at=read.known_at,
        accident_class=classify(read.figures.toll) if read.kind == "accident" else None,
        registered_at=now,
        figures=1,
        seq=0,
    )
    _take_figures(accident, read.figures)
    session.add(accident)
    session.flush()
    if asset is not None:
        add_link(session, accident, "asset", asset.id, now)
    if origin is not None:
        add_link(session, accident, "hazard", origin.id, now, is_origin=True)
    data = {
        "figures": read.figures.plain(),
        "class": accident.accident_class,
        "known_at": read.known_at.isoformat(),
    }
    note(session, accident, "registered", data, actor=actor, request_key=request_key, digest=digest, now=now)
    clocks.settle(session, accident, actor=actor, now=now)
    return accident


def supplement(
    session: Session, *, actor: Actor, accident_id: uuid.UUID, given: Mapping[str, Any], request_key: str,
    now: datetime, expected_version: int | None = None,
) -> Accident:  # fmt: skip
    """Figures that changed: a new version that every level is told anew; the class follows. Raises Refused where nothing changed."""
    demand(actor, REGISTER)
    digest = digest_of("supplement", accident_id, sorted(given.items()))

    def work(accident: Accident) -> None:
        reading = Reading(given, rules_of(session).zone, now)
        figures = reading.figures()
        known_at = reading.instant("known_at", needed=False) or now
        why = reading.words("reason", needed=True)
        if known_at < accident.occurred_at:
            reading.faults.append(FieldError("known_at", "before_it_happened"))
        before = {name: getattr(accident, name) for name in FIGURES}
        if all(before[name] == getattr(figures, name) for name in FIGURES):
            reading.faults.append(FieldError("dead", "nothing_changed"))
        if not accident.is_accident and (figures.dead or figures.seriously_injured or figures.missing):
            reading.faults.append(FieldError("dead", "no_near_miss"))
        if reading.faults:
            raise Refused(fields=reading.faults)
        _take_figures(accident, figures)
        accident.figures += 1
        was = accident.accident_class
        if accident.is_accident:
            accident.accident_class = classify(figures.toll)
        data = {
            "figures": accident.figures, "known_at": known_at.isoformat(), "values": figures.plain(), "reason": why,
            "class": accident.accident_class, "was": was,
        }  # fmt: skip
        note(
            session,
            accident,
            "supplemented",
            data,
            actor=actor,
            request_key=request_key,
            digest=digest,
            now=now,
        )
        clocks.settle(session, accident, actor=actor, now=now)

    return on(session, actor, accident_id, request_key, digest, work, expected_version)


def explain(
    session: Session, *, actor: Actor, accident_id: uuid.UUID, given: Mapping[str, Any], request_key: str,
    now: datetime, expected_version: int | None = None,
) -> Accident:  # fmt: skip
    """The chain of causes, direct to management, and what is learnt."""
    demand(actor, REPORT)
    digest = digest_of("explain", accident_id, sorted(given.items()))

    def work(accident: Accident) -> None:
        reading = Reading(given, rules_of(session).zone, now)
        said = {name: reading.words(name, needed=name == "cause_direct") for name in CAUSES}
        if reading.faults:
            raise Refused(fields=reading.faults)
        for name, value in said.items():
            setattr(accident, name, value)
        note(
            session, accident, "explained", said, actor=actor, request_key=request_key, digest=digest, now=now
        )

    return on(session, actor, accident_id, request_key, digest, work, expected_version)


def judge(
    session: Session, *, actor: Actor, accident_id: uuid.UUID, responsibility: str, concealment: str, reason: str,
    request_key: str, now: datetime, expected_version: int | None = None,
) -> Accident:  # fmt: skip
    """The regulator says whether it was a responsible accident, and whether the duty to report was broken. Both feed the veto."""
    demand(actor, JUDGE)
    digest = digest_of("judge", accident_id, responsibility, concealment, reason)

    def work(accident: Accident) -> None:
        faults = []
        if responsibility not in RESPONSIBILITIES:
            faults.append(FieldError("responsibility", "unknown_choice", {"value": responsibility[:40]}))
        if concealment and concealment not in CONCEALMENTS:
            faults.append(FieldError("concealment", "unknown_choice", {"value": concealment[:40]}))
        if not reason.strip():
            faults.append(FieldError("reason", "required"))
        if len(reason) > TEXT_MAX:
            faults.append(FieldError("reason", "too_long", {"at_most": TEXT_MAX}))
        if faults:
            raise Refused(fields=faults)
        accident.responsibility, accident.concealment = responsibility, concealment or None
        data = {
            "responsibility": responsibility,
            "concealment": concealment or None,
            "reason": reason.strip(),
        }
        note(session, accident, "judged", data, actor=actor, request_key=request_key, digest=digest, now=now)

    return on(session, actor, accident_id, request_key, digest, work, expected_version)


def link(
    session: Session,
    *,
    actor: Actor,
    accident_id: uuid.UUID,
    kind: str,
    target: str,
    request_key: str,
    now: datetime,
) -> Accident:
    """A hazard (by number), an alert (by id) or an asset (by code) that belongs to it."""
    demand(actor, REGISTER)
    digest = digest_of("link", accident_id, kind, target)

    def work(accident: Accident) -> None:
        faults: list[FieldError] = []
        found = target_of(session, kind, target, faults)
        if faults or found is None:
            raise Refused(fields=faults)
        if session.get(AccidentLink, (accident.id, kind, found)) is not None:
            raise Refused(fields=[FieldError("target", "linked_already")])
        add_link(session, accident, kind, found, now)
        data = {"kind": kind, "target": str(found), "name": target[:80]}
        note(session, accident, "linked", data, actor=actor, request_key=request_key, digest=digest, now=now)

    return on(session, actor, accident_id, request_key, digest, work)


def close(
    session: Session, *, actor: Actor, accident_id: uuid.UUID, request_key: str, now: datetime,
    expected_version: int | None = None,
) -> Accident:  # fmt: skip
    """Done with: an accident needs its cause, its responsibility settled, and every level told; a near miss its cause."""
    accident = find(session, accident_id)
    demand(actor, JUDGE if accident.is_accident else REPORT)
    digest = digest_of("close", accident_id)

    def work(accident: Accident) -> None:
        faults = []
        if not accident.cause_direct:
            faults.append(FieldError("cause_direct", "accident_needs_cause"))
        if accident.is_accident and accident.responsibility == "unsettled":
            faults.append(FieldError("responsibility", "accident_needs_responsibility"))
        with beyond_scope(session):
            if clocks.standing(session, accident).owed:
                faults.append(FieldError("to", "accident_owes_reports"))
        if faults:
            raise Refused(fields=faults)
        accident.closed_at = now
        note(session, accident, "closed", {}, actor=actor, request_key=request_key, digest=digest, now=now)
        clocks.let_go(session, accident, actor=actor, now=now, why="closed")

    return on(session, actor, accident_id, request_key, digest, work, expected_version)


def _place(asset: Asset | None, origin: Hazard | None) -> str:
    if asset is not None:
        return asset.address or asset.name_zh
    return origin.place if origin is not None else ""


def _take_figures(accident: Accident, figures: Figures) -> None:
    for name in FIGURES:
        setattr(accident, name, getattr(figures, name))
