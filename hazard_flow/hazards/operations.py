"""What callers say: report this, do that. Each builds a frozen change and walks through the door."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.catalogue import rows as catalogue
from hazard_flow.errors import FieldError, NotAllowed, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards.changes import Act, Offline, Outcome, Report
from hazard_flow.hazards.door import apply, apply_one
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.unit import scope_of_session

#: hazards of one request; more is no work a person looks through
MANY_MAX = 100


@dataclass(frozen=True)
class Item:
    """One hazard of an act on many."""

    hazard_id: uuid.UUID
    number: str
    expected_version: int | None = None
    #: fields that differ from the others'
    own: Mapping[str, Any] = field(default_factory=dict)


def report(
    session: Session,
    *,
    actor: Actor,
    request_key: str,
    data: Mapping[str, Any],
    now: datetime,
    evidence: tuple[EvidenceItem, ...] = (),
    source: str = "self_inspection",
    asset_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None,
    action: str | None = None,
    reopen_of_id: uuid.UUID | None = None,
    reopen_of: str | None = None,
    offline: Offline | None = None,
) -> Outcome:
    """A person reports a hazard. Every report opens `general` unless a major is suspected, or the code chosen is a major's own.

    It belongs to the asset's unit where one is named, else to the unit given, else to the reporter's own. `action`: another creating
    action than the ordinary report, such as `report_protected`. `reopen_of_id`: the closed hazard this is a relapse of, or its number in
    `reopen_of`.
    """
    # an alarm needs no photo: nobody may call a report of their own one
    if source == "telemetry" or source not in rules_of(session).fields.sources:
        raise Refused(fields=[FieldError("source", "unknown_choice", {"value": source})])
    row = catalogue.row(str(data.get("catalogue_code") or ""))
    major = data.get("suspected_level") == "major" or (row is not None and row.level == "major")
    workflow = "major" if major else "general"
    if action is not None and action not in {a.key for a in rules_of(session).newest(workflow).creating}:
        raise Refused(fields=[FieldError("action", "unknown_choice", {"value": action[:40]})])
    owner = _owner(session, actor, asset_id, organisation_id)
    change = Report(
        workflow=workflow,
        actor=actor,
        request_key=request_key,
        organisation_id=owner,
        data=dict(data),
        evidence=evidence,
        source=source,
        asset_id=asset_id,
        action=action,
        reopen_of_id=_relapse_of(session, reopen_of) if reopen_of else reopen_of_id,
        offline=offline,
    )
    return apply_one(session, change, now)


def report_at(session: Session, code: str | None, *, field: str, **given: Any) -> Outcome:
    """`report` at the asset with this code; one nobody knows is listed under `field` with everything else that is wrong."""
    asset = assets.by_code_or_id(session, code) if code else None
    if not code or asset is not None:
        return report(session, asset_id=asset.id if asset else None, **given)
    unknown = FieldError(field, "unknown_asset")
    try:
        report(session, **given)
    except Refused as refused:
        refused.fields.insert(0, unknown)
        raise
    raise Refused(fields=[unknown])


def act(
    session: Session,
    *,
    actor: Actor,
    hazard_id: uuid.UUID,
    action: str,
    request_key: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    evidence: tuple[EvidenceItem, ...] = (),
    expected_version: int | None = None,
    offline: Offline | None = None,
) -> Outcome:
    """A person acts on a hazard."""
    change = Act(
        hazard_id=hazard_id,
        action=action,
        actor=actor,
        request_key=request_key,
        data=dict(data or {}),
        evidence=evidence,
        expected_version=expected_version,
        offline=offline,
    )
    return apply_one(session, change, now)


def act_many(
    session: Session,
    *,
    actor: Actor,
    action: str,
    items: Sequence[Item],
    request_key: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
) -> list[Outcome]:
    """The same act on up to 100 hazards, one outcome each, in the order given; each is done whole or not at all, whatever the others do.

    Every item has a request key of its own, the caller's with the hazard's number, so that the same request again is the same effect.
    """
    assert len(items) <= MANY_MAX, f"{len(items)} items; the limit is {MANY_MAX}"
    changes = [
        Act(
            hazard_id=one.hazard_id,
            action=action,
            actor=actor,
            request_key=f"{request_key}:{one.number}",
            data={**(data or {}), **one.own},
            expected_version=one.expected_version,
        )
        for one in items
    ]
    return apply(session, changes, now)


def _relapse_of(session: Session, number: str) -> uuid.UUID:
    """The hazard a report calls its origin; one nobody here can see is unknown."""
    scope = scope_of_session(session)
    seen = scope.where(Hazard.path, Hazard.division, Hazard.parties)
    found = session.scalar(sa.select(Hazard.id).where(Hazard.number == number.strip().upper(), seen))
    if found is None:
        raise Refused(fields=[FieldError("reopen_of", "hazard_unknown")])
    return found


def _owner(
    session: Session, actor: Actor, asset_id: uuid.UUID | None, organisation_id: uuid.UUID | None
) -> uuid.UUID:
    if not actor.may_write:
        raise NotAllowed("read-only token", right="write")
    if asset_id is not None:
        asset = assets.by_id(session, asset_id)
        if asset is None:
            raise Refused(fields=[FieldError("asset_id", "unknown_asset")])
        return asset.organisation_id
    if organisation_id is not None:
        return organisation_id
    own = [h for h in actor.holdings if not h.regulator and h.role != "administrator"]
    if not own:
        raise Refused(fields=[FieldError("organisation_id", "required")])
    return own[0].organisation_id
