"""A person writes assets: what they may, whose they are, and a request that comes twice. Between pages or API and `operations`."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.assets import operations, queries
from hazard_flow.assets.models import Asset
from hazard_flow.assets.owners import divisions, owners_named, units_of
from hazard_flow.assets.particulars import is_empty
from hazard_flow.errors import Conflict, FieldError, NotAllowed, Refused
from hazard_flow.identity.actor import Actor, Holding
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.rights import RIGHTS, may

WRITE = "assets.write"


def may_write(actor: Actor, asset: Asset) -> bool:
    """Whether this person may correct this asset: it belongs to their units."""
    return may(actor, WRITE) and actor.scope.sees(path=asset.path, division="")


def owners(session: Session, actor: Actor) -> list[Organisation]:
    """The units this person may enter assets for, from the top down."""
    homes = {holding.path.split("/", 1)[0] for holding in _holdings(actor)}
    found = [unit for home in sorted(homes) for unit in units_of(session, uuid.UUID(hex=home))]
    return [unit for unit in found if actor.scope.sees(path=unit.path, division="")]


def enter(session: Session, actor: Actor, given: Mapping[str, Any], *, now: datetime) -> Asset:
    """A new asset. The same again is the one that is there; raises Conflict where something else stands under its code."""
    owner, faults = _owner(session, actor, given)
    faults += _division_faults(session, given)
    if owner is None or faults:
        raise Refused(fields=[*faults, *operations.faults_of(given)])
    try:
        asset = operations.enter(session, owner, given, now=now, by=actor.id)
    except Conflict:
        there = queries.by_code(session, str(given.get("code", "")).strip(), home_id=owner.root_id)
        if there is None or not _says_the_same(session, there, given, owner):
            raise
        return there
    if not is_empty(given.get("division")):
        asset.division = str(given["division"])
    return asset


def correct(
    session: Session,
    actor: Actor,
    asset: Asset,
    given: Mapping[str, Any],
    *,
    now: datetime,
    expected_version: int | None,
) -> None:
    """Other particulars; raises NotAllowed for an asset of somebody else's."""
    if not may_write(actor, asset):
        raise NotAllowed(WRITE, right=WRITE)
    owner, faults = (None, []) if is_empty(given.get("organisation")) else _owner(session, actor, given)
    faults += _division_faults(session, given)
    if faults:
        raise Refused(fields=faults)
    operations.correct(
        session,
        asset,
        {name: value for name, value in given.items() if name != "code"},
        now=now,
        by=actor.id,
        organisation=owner,
        expected_version=expected_version,
    )


def _owner(
    session: Session, actor: Actor, given: Mapping[str, Any]
) -> tuple[Organisation | None, list[FieldError]]:
    word = str(given.get("organisation") or "").strip()
    if not word:
        mine = owners(session, actor)
        return (mine[0], []) if mine else (None, [FieldError("organisation", "organisation_needed")])
    found = owners_named(session, word)
    if len(found) > 1:
        return None, [FieldError("organisation", "organisation_ambiguous", {"value": word[:60]})]
    if not found or not actor.scope.sees(path=found[0].path, division=""):
        return None, [FieldError("organisation", "unknown_owner", {"value": word[:60]})]
    return found[0], []


def _division_faults(session: Session, given: Mapping[str, Any]) -> list[FieldError]:
    code = given.get("division")
    if is_empty(code) or str(code) in divisions(session):
        return []
    return [FieldError("division", "unknown_division", {"value": str(code)[:60]})]


def _says_the_same(session: Session, there: Asset, given: Mapping[str, Any], owner: Organisation) -> bool:
    """Whether entering it again would change nothing; tried and taken back."""
    if there.organisation_id != owner.id or there.ended_at is not None:
        return False
    trial = session.begin_nested()
    try:
        return not operations.correct(session, there, given, now=there.created_at, by=None)
    except Refused:
        return False
    finally:
        trial.rollback()
        session.refresh(there)


def _holdings(actor: Actor) -> list[Holding]:
    return [one for one in actor.holdings if one.role in RIGHTS[WRITE] and not one.regulator]
