"""What household checks bring to the door: a failed item is a hazard of its own, visits in vain end in the one of refused entry (RES-G15).

From there on the household workflow rules: written notice, gas stop after local law, re-check, gas back within its time. Nothing of that is
done here a second time.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.catalogue.queries import rows_at
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.hazards import operations as hazards
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.inspections.checklists.items import Checklist, Item
from hazard_flow.inspections.households.given import LEAK_UNIT
from hazard_flow.inspections.households.models import IN_VAIN, Household, HouseholdPhoto, HouseholdVisit

SOURCE = "household_check"
REFUSAL = "RES-G15"
#: records are kept in the language of the law that asks for them
LANGUAGE = "zh"


def open_finding(
    session: Session,
    *,
    actor: Actor,
    asset: Asset,
    checklist: Checklist,
    item: Item,
    visit: HouseholdVisit,
    evidence: Sequence[EvidenceItem],
    now: datetime,
) -> Hazard:
    """The hazard a failed item is, treated as the user's own. What art. 9 names begins its 24 hours here, from the visit."""
    row = rows_at(session, asset.division, rules_of(session).day_of(now)).get(item.catalogue)
    said = visit.answers.get(item.key, "")
    data: dict[str, Any] = {
        "description": text("households.finding", LANGUAGE, item=item.text.zh, answer=_answer(item, said)),
        "found_at": visit.visited_at.isoformat(),
        "user_number": asset.code,
        "suspected_urgency": row.urgency if row is not None and row.urgency in "ABC" else "B",
    }
    if item.catalogue:
        data["catalogue_code"] = item.catalogue
    if item.unit == LEAK_UNIT:
        data |= {"leak_reading": said, "leak_unit": "pct_lel", "instrument_number": visit.instrument}
    return _report(session, actor, asset, data, evidence, key=f"{visit.request_key}:{item.key}", now=now)


def open_refusal(
    session: Session,
    *,
    actor: Actor,
    asset: Asset,
    visits: Sequence[tuple[HouseholdVisit, EvidenceItem]],
    now: datetime,
) -> Hazard:
    """Refused entry as a hazard, with every visit made in vain and the notice left at the door each time; oldest first."""
    last, notice = visits[-1]
    # the notice shows the door: it is the picture of the report as well
    report = replace(notice, kind="PHOTO_BEFORE", stage="report", pair_of=None)
    data = {
        "description": text("households.refusal", LANGUAGE, n=len(visits)),
        "catalogue_code": REFUSAL,
        "suspected_urgency": "B",
        "user_number": asset.code,
        "found_at": last.visited_at.isoformat(),
    }
    hazard = _report(session, actor, asset, data, [report], key=f"{last.request_key}:refusal", now=now)
    for number, (visit, piece) in enumerate(visits, start=1):
        hazard = _in_vain(session, actor, hazard, visit, piece, number, now)
    return hazard


def open_refusal_of(session: Session, household: Household) -> Hazard | None:
    """The hazard of refused entry that is still open; None where there is none."""
    if household.refusal_id is None:
        return None
    return session.scalar(
        sa.select(Hazard).where(Hazard.id == household.refusal_id, Hazard.closed_at.is_(None))
    )


def follow(
    session: Session,
    *,
    actor: Actor,
    hazard: Hazard,
    visit: HouseholdVisit,
    notice: EvidenceItem | None,
    now: datetime,
) -> Hazard:
    """A further visit while the hazard of refused entry is open is told on it, whatever it came to."""
    if visit.result in IN_VAIN:
        assert notice is not None, "a visit in vain has its notice"
        return _in_vain(session, actor, hazard, visit, notice, visit.number, now)
    data = {
        "visit_at": visit.visited_at.isoformat(),
        "visit_result": visit.result,
        "note": visit.note or text(f"households.result.{visit.result}", LANGUAGE),
    }
    return _act(session, actor, hazard, "record_visit", data, (), f"{visit.request_key}:followed", now)


def stored_item(photo: HouseholdPhoto) -> EvidenceItem:
    """A picture of an earlier visit as the door takes it."""
    return EvidenceItem(
        sha256=photo.sha256,
        size=photo.size,
        mime=photo.mime,
        stage="control",
        kind=photo.kind,
        filename=photo.filename,
        captured_at=photo.captured_at,
        exif_at=photo.exif_at,
        received_at=photo.received_at,
        lon=None,
        lat=None,
        crs=None,
        accuracy_m=None,
        display_sha256=photo.display_sha256,
        width=photo.width,
        height=photo.height,
        phash=photo.phash,
        pair_of=None,
    )


def _report(
    session: Session,
    actor: Actor,
    asset: Asset,
    data: dict[str, Any],
    evidence: Sequence[EvidenceItem],
    *,
    key: str,
    now: datetime,
) -> Hazard:
    outcome = hazards.report(
        session,
        actor=actor,
        request_key=key,
        data=data,
        now=now,
        evidence=tuple(evidence),
        source=SOURCE,
        asset_id=asset.id,
    )
    hazard = outcome.hazard
    assert hazard is not None
    if hazard.workflow != "general":  # a code that is a major's own stays one
        return hazard
    return _act(
        session, actor, hazard, "to_household", {"user_number": asset.code}, (), f"{key}:household", now
    )


def _in_vain(
    session: Session,
    actor: Actor,
    hazard: Hazard,
    visit: HouseholdVisit,
    notice: EvidenceItem,
    number: int,
    now: datetime,
) -> Hazard:
    data = {
        "visit_at": visit.visited_at.isoformat(),
        "visit_result": visit.result,
        "visit_number": number,
        **({"note": visit.note} if visit.note else {}),
    }
    piece = replace(notice, stage="control")
    return _act(session, actor, hazard, "record_absence", data, (piece,), f"{visit.request_key}:in_vain", now)


def _act(
    session: Session,
    actor: Actor,
    hazard: Hazard,
    action: str,
    data: dict[str, Any],
    evidence: Sequence[EvidenceItem],
    key: str,
    now: datetime,
) -> Hazard:
    outcome = hazards.act(
        session,
        actor=actor,
        hazard_id=hazard.id,
        action=action,
        request_key=key[:200],
        now=now,
        data=data,
        evidence=tuple(evidence),
    )
    return outcome.hazard or hazard


def _answer(item: Item, said: str) -> str:
    if item.answer == "choice":
        return next((one.label.zh for one in item.choices if one.key == said), said)
    if item.answer == "reading":
        return f"{said} {item.unit}".strip()
    return text(f"households.answer.{said}", LANGUAGE) if said else ""
