"""What other features say to the audit desk: doubts about evidence (originality), and whether a closure file proves itself (verifying)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.audits.dossier import Flag, Proven
from hazard_flow.errors import NotFound, OutsideWorld
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality import flags as originality
from hazard_flow.i18n import Label, both, text
from hazard_flow.reports.models import Document


def flags(session: Session, hazard_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Flag]]:
    """The stored doubts of each hazard, without the number of any other one: a reason goes into the record of an audit."""
    hazards = session.scalars(sa.select(Hazard).where(Hazard.id.in_(list(hazard_ids)))).all()
    return {
        hazard.id: [
            Flag(sha256=one.subject, reason=_reason(one), is_grave=one.score >= originality.SERIOUS)
            for one in originality.flags_of(session, hazard).all
        ]
        for hazard in hazards
    }


@lru_cache(maxsize=1024)
def proof(store: Store, sha256: str) -> Proven:
    """Whether the stored bytes of a closure file hold: they are named by their hash, so what was found once holds for good."""
    from hazard_flow.reports.verifying.findings import Unreadable
    from hazard_flow.reports.verifying.whole import verify  # loads the signing library, which few pages need

    try:
        report = verify(store.get(sha256, area="document"))
    except Unreadable:
        return Proven(False, both("audits.proof.unreadable"))
    if report.wrongs:
        first = report.wrongs[0]
        return Proven(False, first.said)
    if report.level is None:
        return Proven(None, both("audits.proof.unsealed"))
    return Proven(True, both("audits.proof.holds"))


def proof_of(_session: Session, store: Store, document: Document) -> Proven:
    """The same for a row; a file that is gone or no longer itself proves nothing, until it is restored."""
    try:
        return proof(store, document.sha256)
    except NotFound:
        return Proven(False, both("audits.proof.missing"))
    except OutsideWorld as failed:
        if not failed.permanent:
            raise
        return Proven(False, both("audits.proof.damaged"))


def _reason(doubt: originality.Flag) -> Label:
    return Label(
        **{
            locale: replace(doubt, number=text("audits.another_hazard", locale)).sentence(locale)
            for locale in ("zh", "en")
        }
    )
