"""Writes: an organisation hands in the ground of its map, or takes it away again."""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.frames import FRAMES
from hazard_flow.assets.map import ground
from hazard_flow.assets.map.models import MapGround
from hazard_flow.errors import FieldError, NotAllowed, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.base import new_id

FILENAME_LENGTH_MAX = 120


def hand_in(
    session: Session, actor: Actor, *, body: bytes, filename: str, crs: str, now: datetime
) -> MapGround:
    """Lay a file under the map of the actor's whole organisation, in place of the one before. Raises Refused for a file that is wrong."""
    if crs not in FRAMES:
        raise Refused("crs", fields=[FieldError("crs", "not_a_choice", {"choices": ", ".join(FRAMES)})])
    if not body:
        raise Refused("file", fields=[FieldError("file", "required")])
    laid = ground.read(body, crs)
    home = _home(session, actor)
    remove(session, actor)
    stored = ground.as_stored(body)
    row = MapGround(
        home_id=home.id,
        id=new_id(),
        organisation_id=home.id,
        path=home.path,
        division=home.division,
        is_regulator=home.kind == "regulator",
        filename=filename[:FILENAME_LENGTH_MAX],
        crs=crs,
        body=stored,
        sha256=hashlib.sha256(stored).hexdigest(),
        features=len(laid.features),
        uploaded_at=now,
        uploaded_by_id=actor.id,
    )
    session.add(row)
    session.flush()
    return row


def remove(session: Session, actor: Actor) -> None:
    """Take the own organisation's ground away; the regulator's above lies under the map again."""
    session.execute(sa.delete(MapGround).where(MapGround.home_id == _home(session, actor).id))


def _home(session: Session, actor: Actor) -> Organisation:
    first = next(iter(actor.holdings), None)
    if first is None or actor.id is None:
        raise NotAllowed("only a person of an organisation", right="rules.write")
    own = session.get_one(Organisation, first.organisation_id)
    return session.get_one(Organisation, own.root_id)
