"""A visit is recorded: judged, compared with others, kept; what it found goes through the door in the same transaction."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.assets.models import Asset
from hazard_flow.assets.places import Place
from hazard_flow.catalogue.policy import Policy
from hazard_flow.errors import Conflict, KeyReused, NotAllowed, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.operations import keep_personal
from hazard_flow.identity.rights import demand
from hazard_flow.inspections.checklists.items import Checklist
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.fraud import Visit
from hazard_flow.inspections.households import refusals
from hazard_flow.inspections.households.cycle import clock_span, due_after, months_of
from hazard_flow.inspections.households.doubts import doubts, pictures_of
from hazard_flow.inspections.households.given import NOTICE, SIGNATURE, Picture, VisitGiven, judged
from hazard_flow.inspections.households.models import (
    AWAY,
    IN_VAIN,
    Household,
    HouseholdPhoto,
    HouseholdVisit,
)
from hazard_flow.inspections.households.operations import RECORD, USER, policy_for, settle
from hazard_flow.inspections.rules import inspection_rules
from hazard_flow.ladders import operations as limits
from hazard_flow.storage.base import new_id

#: checklist of each class of users
SHEETS = {"resident": "household", "bottled": "household_bottled", "business": "commercial_user"}
#: an inspector's day, for comparing visits with each other
_DAY = timedelta(hours=12)


def sheet_of(user_class: str) -> Checklist:
    """The newest checklist of a class; the one for residents where the release lacks another."""
    known = checklists()
    return known.get(SHEETS[user_class]) or known["household"]


def record_visit(
    session: Session,
    household: Household,
    given: VisitGiven,
    *,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> HouseholdVisit:
    """One visit, whole or not at all. The same request again gives the same visit.

    Raises Refused with everything wrong, NotAllowed for whoever makes no visits, Conflict for a user out of the cycle.
    """
    demand(actor, RECORD)
    if actor.id is None or not actor.may_write:
        raise NotAllowed(RECORD, right=RECORD)
    household = _locked(session, household)
    known = session.scalar(
        sa.select(HouseholdVisit).where(
            HouseholdVisit.home_id == household.home_id, HouseholdVisit.request_key == request_key
        )
    )
    if known is not None:
        if known.asset_id != household.asset_id or known.inspector_id != actor.id:
            raise KeyReused("the key was used for another visit")
        return known
    if household.ended_at is not None:
        raise Conflict("the user is out of use")
    sheet = sheet_of(household.user_class)
    found = judged(given, sheet, now=now)
    if found.faults:
        raise Refused(fields=found.faults)
    asset = session.get_one(Asset, household.asset_id)
    policy = policy_for(session, household.division, now)
    place = Place.of(given)
    home = Place.of(asset)
    visited_at = min(given.visited_at, now)
    visit = HouseholdVisit(
        id=new_id(),
        home_id=household.home_id,
        organisation_id=household.organisation_id,
        path=household.path,
        division=household.division,
        asset_id=household.asset_id,
        user_class=household.user_class,
        batch_id=household.batch_id,
        inspector_id=actor.id,
        visited_at=visited_at,
        received_at=now,
        result=given.result,
        number=_number(session, household),
        cycle_due_on=household.due_on,
        checklist=sheet.id if given.result == "done" else "",
        answers=dict(found.answers),
        failed=list(found.failed),
        instrument=given.instrument.strip(),
        note=given.note.strip(),
        lon=given.lon,
        lat=given.lat,
        accuracy_m=given.accuracy_m,
        distance_m=place.metres_to(home) if place and home else None,
        refused_to_sign=given.refused_to_sign,
        doubts=[],
        hazards=[],
        request_key=request_key,
    )
    announced = _is_announced(household, visit, policy)
    visit.doubts = _doubts(session, visit, given.pictures, asset, policy, is_announced=announced)
    if given.refused_to_sign and given.witnesses:
        visit.witnesses_digest = keep_personal(
            session,
            value=given.witnesses.strip(),
            subject_id=visit.id,
            path=visit.path,
            division=visit.division,
        )
    visit.hazards = _through_the_door(
        session, household, asset, visit, given, sheet, policy, actor=actor, now=now
    )
    session.add(visit)
    session.flush()
    _keep_pictures(session, visit, given.pictures)
    _move_on(session, household, visit, given, policy, actor=actor, now=now)
    return visit


def _locked(session: Session, household: Household) -> Household:
    return session.scalars(
        sa.select(Household)
        .where(Household.asset_id == household.asset_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _number(session: Session, household: Household) -> int:
    """Which visit of this cycle it is."""
    made = session.scalar(
        sa.select(sa.func.count())
        .select_from(HouseholdVisit)
        .where(HouseholdVisit.asset_id == household.asset_id, HouseholdVisit.cycle_due_on == household.due_on)
    )
    return (made or 0) + 1


def _doubts(
    session: Session,
    visit: HouseholdVisit,
    pictures: Sequence[Picture],
    asset: Asset,
    policy: Policy,
    *,
    is_announced: bool,
) -> list[str]:
    """Compared with the inspector's other visits of the day, and with whatever visit had one of its pictures before."""
    rows = session.scalars(
        sa.select(HouseholdVisit).where(
            HouseholdVisit.inspector_id == visit.inspector_id,
            HouseholdVisit.visited_at.between(visit.visited_at - _DAY, visit.visited_at + _DAY),
        )
    ).all()
    hashes = [(one.item.sha256, one.item.kind) for one in pictures]
    known = session.execute(
        sa.select(HouseholdPhoto.visit_id, HouseholdPhoto.sha256, HouseholdPhoto.kind).where(
            HouseholdPhoto.sha256.in_([sha for sha, _ in hashes]), HouseholdPhoto.home_id == visit.home_id
        )
    ).all()
    used: dict[uuid.UUID, list[tuple[str, str]]] = {}
    for id_, sha, kind in known:
        used.setdefault(id_, []).append((sha, kind))
    of_others = sa.select(HouseholdVisit).where(
        HouseholdVisit.id.in_(list(used.keys() - {one.id for one in rows}))
    )
    places = assets.labels(session, {one.asset_id for one in rows})
    others = [_compared(one, used.get(one.id, ()), places.get(one.asset_id)) for one in rows]
    others += [_compared(one, used[one.id], None) for one in (session.scalars(of_others) if used else ())]
    return doubts(
        _compared(visit, hashes, asset),
        others,
        inspection_rules().doubts,
        rules_of(session).zone,
        result=visit.result,
        per_day_max=policy.count("visits_per_person_day_max"),
        is_announced=is_announced,
    )


def _compared(visit: HouseholdVisit, hashes: Sequence[tuple[str, str]], asset: Asset | None) -> Visit:
    """A visit as doubts are reckoned with it."""
    home = Place.of(asset) if asset is not None else None
    photos, signature = pictures_of(hashes, SIGNATURE)
    return Visit(
        key=visit.id.hex,
        place=visit.asset_id.hex,
        person=visit.inspector_id.hex,
        at=visit.visited_at,
        lon=visit.lon,
        lat=visit.lat,
        accuracy_m=visit.accuracy_m or 0,
        target=(home.lon, home.lat) if home else None,
        photos=photos,
        signature=signature,
    )


def _is_announced(household: Household, visit: HouseholdVisit, policy: Policy) -> bool:
    """Where a regulation was read that wants notice, it was given in time; our own default is only advice."""
    entry = policy.entry("household_notice_before")
    if entry is None or entry.row.confidence not in ("V", "V2") or household.requested_at is not None:
        return True
    if household.announced_at is None:
        return False
    return visit.visited_at >= household.announced_at + clock_span(policy.span("household_notice_before"))


def _through_the_door(
    session: Session,
    household: Household,
    asset: Asset,
    visit: HouseholdVisit,
    given: VisitGiven,
    sheet: Checklist,
    policy: Policy,
    *,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Numbers of the hazards the visit opened or is told on."""
    opened = []
    for key in visit.failed:
        shown = [one.item for one in given.pictures if one.shows == key and one.item.kind == "PHOTO_BEFORE"]
        opened.append(
            refusals.open_finding(
                session,
                actor=actor,
                asset=asset,
                checklist=sheet,
                item=sheet.by_key[key],
                visit=visit,
                evidence=shown,
                now=now,
            )
        )
    notice = next((one.item for one in given.pictures if one.item.kind == NOTICE), None)
    open_one = refusals.open_refusal_of(session, household)
    if open_one is not None:
        opened.append(
            refusals.follow(session, actor=actor, hazard=open_one, visit=visit, notice=notice, now=now)
        )
    elif visit.result in IN_VAIN and household.in_vain + 1 >= policy.count("household_visits_before_notice"):
        assert notice is not None, "judged before"
        earlier = _earlier_in_vain(session, household)
        hazard = refusals.open_refusal(
            session, actor=actor, asset=asset, visits=[*earlier, (visit, notice)], now=now
        )
        household.refusal_id = hazard.id
        opened.append(hazard)
    return [one.number for one in opened]


def _earlier_in_vain(session: Session, household: Household) -> list[tuple[HouseholdVisit, EvidenceItem]]:
    """The visits in vain since the last check, oldest first, each with the notice that was left."""
    since = sa.select(sa.func.max(HouseholdVisit.visited_at)).where(
        HouseholdVisit.asset_id == household.asset_id, HouseholdVisit.result == "done"
    )
    rows = session.execute(
        sa.select(HouseholdVisit, HouseholdPhoto)
        .join(HouseholdPhoto, HouseholdPhoto.visit_id == HouseholdVisit.id)
        .where(
            HouseholdVisit.asset_id == household.asset_id,
            HouseholdVisit.result.in_(IN_VAIN),
            HouseholdPhoto.kind == NOTICE,
            sa.or_(since.scalar_subquery().is_(None), HouseholdVisit.visited_at > since.scalar_subquery()),
        )
        .order_by(HouseholdVisit.visited_at, HouseholdPhoto.place)
    ).all()
    found: dict[uuid.UUID, tuple[HouseholdVisit, EvidenceItem]] = {}
    for visit, photo in rows:
        found.setdefault(visit.id, (visit, refusals.stored_item(photo)))
    return list(found.values())


def _keep_pictures(session: Session, visit: HouseholdVisit, pictures: Sequence[Picture]) -> None:
    session.add_all(
        HouseholdPhoto(
            visit_id=visit.id,
            place=place,
            home_id=visit.home_id,
            kind=one.item.kind,
            item=one.shows,
            sha256=one.item.sha256,
            display_sha256=one.item.display_sha256,
            filename=one.item.filename,
            mime=one.item.mime,
            size=one.item.size,
            width=one.item.width,
            height=one.item.height,
            phash=one.item.phash,
            captured_at=one.item.captured_at,
            exif_at=one.item.exif_at,
            received_at=one.item.received_at,
        )
        for place, one in enumerate(pictures)
    )
    session.flush()


def _move_on(
    session: Session,
    household: Household,
    visit: HouseholdVisit,
    given: VisitGiven,
    policy: Policy,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """How the user stands after it. A visit entered late does not undo a newer one."""
    if household.visited_at is None or visit.visited_at >= household.visited_at:
        household.last_result, household.visited_at = visit.result, visit.visited_at
        household.appointment_at = given.next_appointment_at
    if visit.result == "done":
        day = rules_of(session).day_of(visit.visited_at)
        household.checked_on = max(household.checked_on or day, day)
        household.due_on = due_after(household.checked_on, months_of(policy, household.user_class))
        household.in_vain, household.requested_at, household.announced_at = 0, None, None
        limits.meet(
            session, USER, household.asset_id, "check_on_request", actor=actor, now=now, at=visit.visited_at
        )
        settle(session, household, "done", actor=actor, now=now, at=visit.visited_at)
    elif visit.result in AWAY:
        settle(session, household, visit.result, actor=actor, now=now, at=visit.visited_at)
    else:
        household.in_vain += 1
        if household.refusal_id is not None and visit.hazards:
            settle(session, household, "refusal", actor=actor, now=now, at=visit.visited_at)
