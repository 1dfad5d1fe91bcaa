"""Steps beside visits: an appointment agreed on, a check the user asked for, the help of the community at a closed door."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import FieldError, KeyReused, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand
from hazard_flow.inspections.households.cycle import clock_span
from hazard_flow.inspections.households.models import (
    Household,
    HouseholdStep,
)
from hazard_flow.inspections.households.operations import (
    RECORD,
    TEXT_LENGTH_MAX,
    USER,
    WAYS,
    policy_for,
    unit_in_reach,
)
from hazard_flow.ladders import operations as limits


def agree(
    session: Session,
    household: Household,
    *,
    visit_at: datetime,
    way: str,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> HouseholdStep:
    """An appointment agreed on with the user: no notice is owed for what the user asked for."""
    demand(actor, RECORD)
    faults = [] if visit_at > now else [FieldError("visit_at", "not_in_the_past")]
    faults += [] if way in WAYS else [FieldError("way", "unknown_choice", {"value": way[:40]})]
    if faults:
        raise Refused(fields=faults)
    household.appointment_at, household.announced_at = visit_at, household.announced_at or now
    said = {"visit_at": visit_at.isoformat(), "way": way}
    return _step(session, household, "agreed", said, actor=actor, request_key=request_key, now=now)


def request_check(
    session: Session,
    household: Household,
    *,
    wanted_at: datetime | None,
    note: str,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> HouseholdStep:
    """The user asks to be checked, after all: from now on a visit is owed within the time local policy allows."""
    demand(actor, RECORD)
    if len(note) > TEXT_LENGTH_MAX:
        raise Refused(fields=[FieldError("note", "too_long", {"at_most": TEXT_LENGTH_MAX})])
    if known := _known(session, household, "requested", request_key):
        return known
    household.requested_at = now
    if wanted_at is not None:
        household.appointment_at = wanted_at
    span = clock_span(policy_for(session, household.division, now).span("check_after_request_within"))
    asset = session.get_one(Asset, household.asset_id)
    limits.open_limit(
        session,
        limits.LimitOf(
            kind=USER,
            subject_id=household.asset_id,
            name="check_on_request",
            ladder="gas_resume",
            due_at=now + span,
            title=asset.label,
            href=f"/households/{household.asset_id}",
            organisation=unit_in_reach(session, household.organisation_id),
        ),
        actor=actor,
        now=now,
    )
    said = {"wanted_at": wanted_at.isoformat() if wanted_at else None, "note": note}
    return _step(session, household, "requested", said, actor=actor, request_key=request_key, now=now)


def note_help(
    session: Session,
    household: Household,
    *,
    helper: str,
    note: str,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> HouseholdStep:
    """The residents' committee or the property manager tried to bring about a visit (居委会、物业协助)."""
    demand(actor, RECORD)
    faults = [
        FieldError(name, "required" if not said.strip() else "too_long", {"at_most": TEXT_LENGTH_MAX})
        for name, said in (("helper", helper), ("note", note))
        if not said.strip() or len(said) > TEXT_LENGTH_MAX
    ]
    if faults:
        raise Refused(fields=faults)
    said = {"helper": helper.strip(), "note": note.strip()}
    return _step(session, household, "community_help", said, actor=actor, request_key=request_key, now=now)


def _known(session: Session, household: Household, step: str, request_key: str) -> HouseholdStep | None:
    found = session.scalar(
        sa.select(HouseholdStep).where(
            HouseholdStep.home_id == household.home_id, HouseholdStep.request_key == request_key
        )
    )
    if found is not None and (found.asset_id, found.step) != (household.asset_id, step):
        raise KeyReused("the key was used for something else")
    return found


def _step(
    session: Session,
    household: Household,
    step: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    request_key: str,
    now: datetime,
) -> HouseholdStep:
    if known := _known(session, household, step, request_key):
        return known
    made = HouseholdStep(
        home_id=household.home_id,
        organisation_id=household.organisation_id,
        path=household.path,
        division=household.division,
        asset_id=household.asset_id,
        step=step,
        at=now,
        person_id=actor.id,
        data=dict(data),
        request_key=request_key,
    )
    session.add(made)
    session.flush()
    return made
