"""A re-check is written down once: the record it is about, what was found, and, where the record did not hold, what follows."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.assets.models import Asset
from hazard_flow.errors import FieldError, KeyReused, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.store import Store
from hazard_flow.hazards import operations as hazards
from hazard_flow.hazards.numbers import take_number
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import Label, text
from hazard_flow.identity.actor import Actor
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.base import new_id
from hazard_flow.storage.journal import digest_of
from hazard_flow.supervision import files
from hazard_flow.supervision.checks import queries as checks
from hazard_flow.supervision.issuing import ORDER, demand_writing, issuer_for, organisation_of
from hazard_flow.supervision.spots import queries
from hazard_flow.supervision.spots.models import OUTCOMES, SpotCheck
from hazard_flow.supervision.spots.records import Record, Records
from hazard_flow.supervision.tasks import operations as tasks
from hazard_flow.supervision.tasks.models import SupervisionTask
from hazard_flow.supervision.tasks.orders import Order

TEXT_MAX, SAYS_MAX = 2000, 300
SOURCE = "regulator_inspection"
AHEAD_MAX = timedelta(minutes=5)


@dataclass(frozen=True)
class Found:
    """What an officer found. The record is one of a registered source (`record_kind`, `record_id`), or told in words (`other`)."""

    found: str
    outcome: str
    checked_at: str
    record_kind: str = "other"
    record_id: str = ""
    #: where the record is told in words
    organisation: str = ""
    line: str = ""
    record_says: str = ""
    recorded_at: str = ""
    asset: str = ""
    check_id: str = ""
    #: what a contradiction brings: a hazard of this description, a task due on this day
    hazard: str = ""
    catalogue_code: str = ""
    task_due_on: str = ""


def check_again(
    session: Session, *, actor: Actor, given: Found, records: Records, request_key: str, now: datetime,
    attached: Sequence[files.Given] = (), evidence: tuple[EvidenceItem, ...] = (), store: Store | None = None,
) -> SpotCheck:  # fmt: skip
    """Write a re-check down; a contradiction opens a hazard and sets a task where the officer asks for them, all in one.

    `evidence`: the photos as evidence of that hazard. Raises Refused with everything wrong; nothing is stored then.
    """
    demand_writing(actor, ORDER)
    digest = digest_of("spot", given, [one.data for one in attached])
    if (before := _earlier(session, actor, request_key, digest)) is not None:
        return before
    zone = rules_of(session).zone
    faults: list[FieldError] = []
    checked_at = _instant(given.checked_at, "checked_at", now, zone, faults) or now
    record = _record(session, given, records, checked_at, now, zone, faults)
    asset = _asset(session, given, record, faults)
    _judge(given, faults)
    looked = files.look_at(attached)
    if faults or record is None:
        raise Refused(fields=faults)
    if record.recorded_at > checked_at:
        raise Refused(fields=[FieldError("checked_at", "before_the_record")])
    issuer = issuer_for(session, actor, record.division)
    spot = SpotCheck(
        id=new_id(),
        home_id=record.home_id,
        organisation_id=record.organisation_id,
        path=record.path,
        division=record.division,
        issuer_id=issuer.id,
        number=take_number(session, "HC", record.division, now, zone),
        line=record.line,
        record_kind=record.kind,
        record_id=record.id if record.kind != "other" else None,
        record_says_zh=record.says.zh,
        record_says_en=record.says.en,
        recorded_at=record.recorded_at,
        record_href=record.href,
        asset_id=asset.id if asset else None,
        found=given.found.strip(),
        outcome=given.outcome,
        checked_at=checked_at,
        checked_by=actor.id,
        check_id=_check_id(session, given.check_id),
        created_at=now,
        actor=actor.key,
        request_key=request_key,
        digest=digest,
    )
    if given.outcome == "contradicts":
        spot.hazard_id = _hazard(session, spot, given, asset, evidence, actor=actor, key=request_key, now=now)
        task = _task(session, spot, given, asset, actor=actor, key=request_key, now=now)
        spot.task_id = task.id if task else None
    session.add(spot)
    session.flush()
    if looked and store is not None:
        files.keep(session, store, looked, kind="spot", owner_id=spot.id, step_seq=1, actor=actor, now=now)
    return spot


def _judge(given: Found, faults: list[FieldError]) -> None:
    if given.outcome not in OUTCOMES:
        faults.append(
            FieldError(
                "outcome", "unknown_choice" if given.outcome else "required", {"value": given.outcome[:40]}
            )
        )
    if not given.found.strip():
        faults.append(FieldError("found", "required"))
    if len(given.found) > TEXT_MAX:
        faults.append(FieldError("found", "too_long", {"at_most": TEXT_MAX}))
    if given.outcome == "agrees" and (given.hazard.strip() or given.task_due_on):
        faults.append(FieldError("outcome", "nothing_follows"))


def _record(
    session: Session,
    given: Found,
    records: Records,
    checked_at: datetime,
    now: datetime,
    zone: ZoneInfo,
    faults: list[FieldError],
) -> Record | None:
    if given.record_kind != "other":
        try:
            found = records.one(session, given.record_kind, uuid.UUID(given.record_id))
        except ValueError:
            found = None
        if found is None:
            faults.append(FieldError("record_id", "record_out_of_reach"))
        return found
    before = len(faults)
    if given.line not in WORK_LINES:
        faults.append(
            FieldError("line", "unknown_choice" if given.line else "required", {"value": given.line[:40]})
        )
    if not given.record_says.strip():
        faults.append(FieldError("record_says", "required"))
    if len(given.record_says) > SAYS_MAX:
        faults.append(FieldError("record_says", "too_long", {"at_most": SAYS_MAX}))
    recorded_at = _instant(given.recorded_at, "recorded_at", now, zone, faults)
    try:
        home = organisation_of(session, given.organisation)
    except Refused as refused:
        faults += refused.fields
        return None
    if recorded_at is None or len(faults) > before:
        return None
    says = given.record_says.strip()
    asset = (
        assets.by_code(session, given.asset.strip()[:80], home_id=home.id) if given.asset.strip() else None
    )
    place: Any = asset or home
    return Record(
        kind="other", id=new_id(), line=given.line, says=Label(zh=says, en=says), recorded_at=recorded_at, href="", home_id=home.id,
        organisation_id=asset.organisation_id if asset else home.id, path=place.path, division=place.division,
        asset_id=asset.id if asset else None,
    )  # fmt: skip


def _asset(session: Session, given: Found, record: Record | None, faults: list[FieldError]) -> Asset | None:
    if not given.asset.strip():
        return session.get(Asset, record.asset_id) if record and record.asset_id else None
    found = assets.by_code_or_id(session, given.asset.strip()[:80])
    if found is None or (record is not None and found.home_id != record.home_id):
        faults.append(FieldError("asset", "unknown_asset", {"value": given.asset[:80]}))
        return None
    return found


def _hazard(
    session: Session, spot: SpotCheck, given: Found, asset: Asset | None, evidence: tuple[EvidenceItem, ...], *, actor: Actor, key: str,
    now: datetime,
) -> uuid.UUID | None:  # fmt: skip
    if not given.hazard.strip():
        return None
    data: dict[str, Any] = {"description": given.hazard.strip(), "found_at": spot.checked_at}
    if given.catalogue_code.strip():
        data["catalogue_code"] = given.catalogue_code.strip()
    if asset is not None:
        data["place"] = asset.address or asset.name_zh
    relapse = spot.record_id if spot.record_kind == "hazard" else None
    outcome = hazards.report(
        session, actor=actor, request_key=f"{key}:hazard", data=data, now=now, evidence=evidence, source=SOURCE,
        asset_id=asset.id if asset else None, organisation_id=spot.organisation_id, reopen_of_id=relapse,
    )  # fmt: skip
    assert outcome.hazard is not None
    return outcome.hazard.id


def _task(
    session: Session,
    spot: SpotCheck,
    given: Found,
    asset: Asset | None,
    *,
    actor: Actor,
    key: str,
    now: datetime,
) -> SupervisionTask | None:
    if not given.task_due_on:
        return None
    order = Order(
        organisation=str(spot.home_id),
        title=text("supervision.spot.task_title", "zh", number=spot.number),
        reach=asset.name_zh if asset else spot.record_says_zh[:200],
        content=text("supervision.spot.task_content", "zh", says=spot.record_says_zh, found=spot.found),
        line=spot.line,
        asset=str(asset.id) if asset else "",
        due_on=given.task_due_on,
        origin_kind="spot_check",
        origin_href=f"/supervision/spots/{spot.id}",
    )
    return tasks.assign(session, actor=actor, order=order, request_key=f"{key}:task", now=now)


def _check_id(session: Session, given: str) -> uuid.UUID | None:
    if not given:
        return None
    try:
        return checks.one(session, uuid.UUID(given)).id
    except ValueError as error:
        raise Refused(fields=[FieldError("check_id", "not_an_id")]) from error


def _instant(
    said: str, field: str, now: datetime, zone: ZoneInfo, faults: list[FieldError]
) -> datetime | None:
    if not said:
        faults.append(FieldError(field, "required"))
        return None
    try:
        read = datetime.fromisoformat(said)
        at = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        faults.append(FieldError(field, "not_an_instant", {"value": said[:40]}))
        return None
    if at > now + AHEAD_MAX:
        faults.append(FieldError(field, "in_the_future", {"latest": now}))
        return None
    return min(at, now)


def _earlier(session: Session, actor: Actor, request_key: str, digest: bytes) -> SpotCheck | None:
    found = session.scalar(
        sa.select(SpotCheck).where(SpotCheck.actor == actor.key, SpotCheck.request_key == request_key)
    )
    if found is None:
        return None
    if found.digest != digest:
        raise KeyReused(f"key {request_key!r} was used for another request", key=request_key)
    return queries.one(session, found.id)
