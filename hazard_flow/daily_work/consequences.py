"""What recording something brings about beside the record: a cylinder past its date that is filled, sold or delivered is a hazard."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work.consequence_names import EXPIRED_CYLINDER
from hazard_flow.daily_work.lines import RecordKind
from hazard_flow.daily_work.models import WorkRecord
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards import operations as hazards
from hazard_flow.hazards.changes import Report
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import LOCALES, text
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.unit import beyond_scope

#: steps in which a cylinder goes out to people; laying one up or sending it to the test is what should happen to it
OUT = ("fill", "sale", "delivery")
#: 使用或充装超期未检气瓶; 使用、充装报废或翻新气瓶 (catalogue)
EXPIRED, SCRAPPED = "LPG-G01", "LPG-G02"
#: 50 kg 气液双相气瓶 are judged where they are used, by whoever stands there
_ACTOR = system_actor("daily_work")


def carry_out(
    session: Session,
    row: WorkRecord,
    kind: RecordKind,
    files: Sequence[EvidenceItem],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Do what this kind of record brings about, once for a record."""
    if kind.consequence == EXPIRED_CYLINDER and row.hazard_id is None and row.parent_id is not None:
        _judge_cylinder(session, row, session.get_one(WorkRecord, row.parent_id), files, actor=actor, now=now)


def fault_of(cylinder: Mapping[str, Any], valid_until: date | None, step: str, on: date) -> str | None:
    """The code of the hazard a movement of a cylinder is; None where nothing is wrong. Pure."""
    if step not in OUT:
        return None
    scrap_on = cylinder.get("scrap_on")
    if cylinder.get("use") == "scrapped" or (scrap_on is not None and date.fromisoformat(scrap_on) < on):
        return SCRAPPED
    return EXPIRED if valid_until is not None and valid_until < on else None


def _judge_cylinder(
    session: Session,
    row: WorkRecord,
    cylinder: WorkRecord,
    files: Sequence[EvidenceItem],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    code = fault_of(cylinder.data, cylinder.valid_until, str(row.data["step"]), row.happened_on)
    if code is None:
        return
    open_one = _open_hazard(session, cylinder.id)
    row.hazard_id = open_one or _report(session, row, cylinder, code, files, actor=actor, now=now)
    session.flush()


def _open_hazard(session: Session, cylinder_id: uuid.UUID) -> uuid.UUID | None:
    """The hazard this cylinder is open in already: one bad cylinder is one hazard, however often it moves."""
    session.flush()
    with beyond_scope(session):
        return session.scalar(
            sa.select(Hazard.id)
            .join(WorkRecord, WorkRecord.hazard_id == Hazard.id)
            .where(WorkRecord.parent_id == cylinder_id, Hazard.closed_at.is_(None))
            .limit(1)
        )


def _report(
    session: Session,
    row: WorkRecord,
    cylinder: WorkRecord,
    code: str,
    files: Sequence[EvidenceItem],
    *,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    data = _data(row, cylinder, code)
    photos = tuple(one for one in files if one.kind == "PHOTO_BEFORE")
    key = f"work:{row.id.hex}"
    if photos and may(actor, "hazards.report"):
        outcome = hazards.report(
            session,
            actor=actor,
            request_key=key,
            data=data,
            now=now,
            evidence=photos,
            asset_id=row.asset_id,
            organisation_id=row.organisation_id,
        )
    else:
        # read out of the register by the system: nobody stood there with a camera
        change = Report(
            workflow="general",
            actor=_ACTOR,
            request_key=key,
            organisation_id=row.organisation_id,
            data=data,
            source="telemetry",
            asset_id=row.asset_id,
        )
        session.flush()
        with beyond_scope(session):
            outcome = apply_one(session, change, now)
            session.flush()
    assert outcome.hazard is not None
    return outcome.hazard.id


def _data(row: WorkRecord, cylinder: WorkRecord, code: str) -> dict[str, Any]:
    number = str(cylinder.data["cylinder_number"])
    words = {"number": number, "day": str(cylinder.valid_until or ""), "on": row.happened_on.isoformat()}
    fault = "expired" if code == EXPIRED else "scrapped"
    step = str(row.data["step"])
    told = [
        text(
            f"daily_work.cylinder.{fault}",
            locale,
            step=text(f"daily_work.cylinder.step.{step}", locale),
            **words,
        )
        for locale in LOCALES
    ]
    place = str(row.data.get("user_number") or "")
    return {
        "title": text(f"daily_work.cylinder.{fault}.title", "zh", number=number)[:60],
        "description": "\n".join(told)[:500],
        "place": (text("daily_work.cylinder.place", "zh", user=place) if place else number)[:100],
        "catalogue_code": code,
        "suspected_level": "general",
        "suspected_urgency": "A",
    }
