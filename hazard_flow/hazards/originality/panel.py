"""What is doubted, as the hazard's page shows it to those who judge the work."""

from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.flags import NOTABLE, SERIOUS, Flag, Flags
from hazard_flow.hazards.originality.models import OriginalityOrder
from hazard_flow.hazards.views import DoubtLine, Originality
from hazard_flow.i18n import text

#: acts that are a judgement of the evidence
JUDGEMENTS = frozenset({"pass", "close"})


def panel(session: Session, hazard: Hazard, flags: Flags, locale: str) -> Originality:
    """The score and every flag, the weightiest first."""
    return Originality(
        score=flags.score,
        weight=_weight(flags.score),
        lines=tuple(_line(flag, locale) for flag in flags.all),
        is_pending=session.scalar(sa.select(_waits(hazard))) or False,
    )


def _waits(hazard: Hazard) -> sa.Exists:
    return sa.exists().where(OriginalityOrder.hazard_id == hazard.id)


def _weight(score: int) -> Literal["none", "some", "much"]:
    if score >= SERIOUS:
        return "much"
    return "some" if score >= NOTABLE else "none"


def _line(flag: Flag, locale: str) -> DoubtLine:
    about = (
        text("originality.file", locale, hash=flag.subject[:8])
        if flag.subject
        else text("originality.act", locale, n=flag.event_seq)
    )
    href = f"/hazards/{flag.number}" if flag.number else None
    return DoubtLine(flag.sentence(locale), flag.score, about, href)
