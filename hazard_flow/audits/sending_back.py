"""What a failed audit does to its hazard, through the one door: back to work, or open anew."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.audits.models import Audit
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.changes import Act, Report
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.linking import again
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor

#: characters a description holds at most
_DESCRIPTION_MAX = 500
#: pictures carried over to the hazard opened anew
_PICTURES_MAX = 9
SOURCE = "regulator_inspection"


def send_back(
    session: Session, audit: Audit, hazard: Hazard, *, actor: Actor, opinion: str, now: datetime
) -> dict[str, Any]:
    """Send back what the audit is of; what its event says of that. Raises what the door refuses."""
    if hazard.is_open:
        outcome = apply_one(
            session,
            Act(
                hazard_id=hazard.id,
                action="send_back",
                actor=actor,
                request_key=f"audit:{audit.id}",
                data={"reason": opinion},
                signal={"audit": str(audit.id)},
            ),
            now,
        )
        assert outcome.event is not None
        return {"sent_back": {"number": hazard.number, "event_seq": outcome.event.seq}}
    opened = apply_one(
        session, _report(session, audit, hazard, actor=actor, opinion=opinion, now=now), now
    ).hazard
    assert opened is not None
    audit.reopened_id = opened.id
    return {"reopened": {"number": opened.number}}


def _report(
    session: Session, audit: Audit, hazard: Hazard, *, actor: Actor, opinion: str, now: datetime
) -> Report:
    """The hazard opened anew. The closed one's record has ended, so the link is told in the new one and in the audit alone.

    Policy calls it a relapse only for so many days; a file found false later opens a hazard all the same, linked by the audit.
    """
    rules = rules_of(session)
    days = rules.book.policy(hazard.division, rules.day_of(now)).count("relapse_window_days")
    is_linked = (
        hazard.resolution == "rectified"
        and hazard.closed_at is not None
        and now - hazard.closed_at <= timedelta(days=days)
    )
    # what is written into the record is Chinese, the text that counts
    told = text("audits.reopened", "zh", number=hazard.number, opinion=opinion)
    data: dict[str, Any] = {
        "title": hazard.title,
        "description": told[:_DESCRIPTION_MAX],
        "place": hazard.place,
        "suspected_level": hazard.level,
    }
    if hazard.urgency in ("A", "B", "C"):
        data["suspected_urgency"] = hazard.urgency
    if hazard.catalogue_code:
        data["catalogue_code"] = hazard.catalogue_code
    return Report(
        workflow="major" if hazard.level == "major" else "general",
        actor=actor,
        request_key=f"audit:{audit.id}",
        organisation_id=hazard.organisation_id,
        data=data,
        evidence=_pictures(session, hazard),
        source=SOURCE,
        asset_id=hazard.asset_id,
        reopen_of_id=hazard.id if is_linked else None,
        signal={"audit": str(audit.id)},
    )


def _pictures(session: Session, hazard: Hazard) -> tuple[EvidenceItem, ...]:
    """The photographs of how it was found, else those that were to show it mended: they are what is disputed."""
    rows = session.scalars(
        sa.select(Evidence)
        .where(Evidence.hazard_id == hazard.id, Evidence.kind.in_(("PHOTO_BEFORE", "PHOTO_AFTER")))
        .order_by(Evidence.event_seq, Evidence.id)
    ).all()
    before = [row for row in rows if row.kind == "PHOTO_BEFORE"]
    chosen = {row.sha256: row for row in before or rows}
    return tuple(
        replace(again(row), stage="report", kind="PHOTO_BEFORE", pair_of=None)
        for row in list(chosen.values())[:_PICTURES_MAX]
    )
