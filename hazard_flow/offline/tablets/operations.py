"""Writes: a tablet was heard of, is given a name, is lost, is found again. What people do is on record with who did it."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.sessions import sign_out_tablet
from hazard_flow.offline.tablets.contact import browser_of
from hazard_flow.offline.tablets.models import Tablet
from hazard_flow.offline.tablets.queries import in_reach
from hazard_flow.schedule.models import Upkeep
from hazard_flow.storage.base import new_id
from hazard_flow.storage.engine import is_sqlite

READ, WRITE = "tablets.read", "tablets.write"
LABEL_LENGTH_MAX = 40
SUBJECT = "tablet"
#: a clock that is off by centuries is off; its column holds no more than this
_SKEW_KEPT_MAX = 2_000_000_000
Act = Literal["tablet.labelled", "tablet.lost", "tablet.found"]


def note_contact(
    session: Session,
    *,
    tablet_id: uuid.UUID,
    person: uuid.UUID | None,
    unsent: int | None,
    skew_seconds: int | None,
    version: str,
    now: datetime,
    user_agent: str = "",
    oldest_unsent_at: datetime | None = None,
) -> None:
    """A tablet with this person signed in reached us; what it does not say stays as it was. In the person's own scope or the system's.

    `unsent` counts every record on the tablet, whoever it belongs to: another inspector's are not forgotten when the next one signs in.
    """
    owner = session.get(Person, person) if person else None
    if owner is None:
        return
    unit = session.get_one(Organisation, owner.organisation_id)
    insert = sqlite_insert if is_sqlite(session.connection()) else postgresql_insert
    since = min(oldest_unsent_at, now) if oldest_unsent_at else now
    said: dict[str, Any] = {
        "person_id": owner.id,
        "organisation_id": unit.id,
        "path": unit.path,
        "division": unit.division,
        "last_seen_at": now,
    }
    if unsent is not None:
        said["unsent"] = unsent
    if skew_seconds is not None:
        said["clock_skew_s"] = max(-_SKEW_KEPT_MAX, min(_SKEW_KEPT_MAX, skew_seconds))
    if version:
        said["version"] = version
    if user_agent:
        said["browser"] = browser_of(user_agent)
    fresh = insert(Tablet).values(
        home_id=unit.root_id,
        id=tablet_id,
        first_seen_at=now,
        unsent_since=since if unsent else None,
        **said,
    )
    changed: dict[str, Any] = dict(said)
    if unsent is not None:
        # what waited before goes on waiting, unless the tablet itself knows better
        waiting = since if oldest_unsent_at else sa.func.coalesce(Tablet.unsent_since, since)
        changed["unsent_since"] = waiting if unsent else None
    session.execute(fresh.on_conflict_do_update(index_elements=["home_id", "id"], set_=changed))


def give_label(session: Session, actor: Actor, tablet_id: uuid.UUID, label: str, *, now: datetime) -> Tablet:
    """What people call it from now on, at most 40 characters; empty takes the name away. Needs the system's scope."""
    tablet = _mine(session, actor, tablet_id)
    wanted = " ".join(label.split())
    if len(wanted) > LABEL_LENGTH_MAX:
        raise Refused(fields=[FieldError("label", "too_long", {"at_most": LABEL_LENGTH_MAX})])
    if wanted != tablet.label:
        _note(session, "tablet.labelled", tablet, actor, {"label": wanted, "before": tablet.label}, now)
        tablet.label = wanted
    return tablet


def mark_lost(session: Session, actor: Actor, tablet_id: uuid.UUID, *, now: datetime) -> Tablet:
    """Sign everybody out on it; it stays listed with what it may still hold. Once is enough. Needs the system's scope."""
    tablet = _mine(session, actor, tablet_id)
    if tablet.state != "lost":
        tablet.state, tablet.lost_at = "lost", now
        held = {"unsent": tablet.unsent, "last_seen_at": tablet.last_seen_at.isoformat()}
        _note(session, "tablet.lost", tablet, actor, held, now)
    sign_out_tablet(session, tablet_id=tablet.id, home_path=tablet.home_id.hex + "/", now=now)
    return tablet


def mark_found(session: Session, actor: Actor, tablet_id: uuid.UUID, *, now: datetime) -> Tablet:
    """It is back in use; whoever uses it signs in again. Needs the system's scope."""
    tablet = _mine(session, actor, tablet_id)
    if tablet.state == "lost":
        tablet.state, tablet.lost_at = "in_use", None
        _note(session, "tablet.found", tablet, actor, {}, now)
    return tablet


def _mine(session: Session, actor: Actor, tablet_id: uuid.UUID) -> Tablet:
    found = session.scalars(
        sa.select(Tablet)
        .where(Tablet.id == tablet_id, in_reach(actor))
        .order_by(Tablet.home_id)
        .with_for_update()
    ).first()
    if found is None:
        raise NotFound(f"tablet {tablet_id}")
    return found


def _note(
    session: Session, act: Act, tablet: Tablet, actor: Actor, data: Mapping[str, Any], now: datetime
) -> None:
    session.add(
        Upkeep(
            id=new_id(),
            home_id=tablet.home_id,
            at=now,
            actor=actor.key,
            act=act,
            thing_id=tablet.id,
            subject_kind=SUBJECT,
            subject_id=tablet.id,
            data=dict(data),
        )
    )
