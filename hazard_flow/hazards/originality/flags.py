"""Flags as rows, as the score of a hazard, and as sentences for whoever may see them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow import i18n
from hazard_flow.hazards.judging import held_relations
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.checks import Doubt, total_score
from hazard_flow.hazards.originality.models import OriginalityFlag
from hazard_flow.hazards.originality.rules import OriginalityRules
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.roles import REGULATOR_ROLES
from hazard_flow.storage.base import new_id
from hazard_flow.storage.unit import scope_of_session

#: who is shown what is doubted, beside the regulator: those who answer for the judgement, not whoever is judged
_RELATIONS, _ROLES = ("verifiers", "closer"), frozenset({*REGULATOR_ROLES, "safety_director"})
#: a score from here on is marked as serious, and as worth a look
SERIOUS, NOTABLE = 70, 30


@dataclass(frozen=True)
class Flag:
    """One doubt as a reader sees it. `number` of the other hazard only where the reader may open that one."""

    doubt: str
    event_seq: int
    subject: str
    score: int
    measured: Mapping[str, Any]
    found_at: datetime
    compared_with: str
    number: str | None

    def sentence(self, locale: str) -> str:
        """Why it is doubted."""
        name = f"{self.doubt}_mirrored" if self.measured.get("mirrored") else self.doubt
        key = f"originality.{name}"
        key = key if i18n.known(key) else f"originality.{self.doubt}"
        other = self.number or i18n.text("originality.elsewhere", locale)
        return i18n.text(key, locale, **{"_": "", "other": other, **self.measured})


@dataclass(frozen=True)
class Flags:
    """All doubts of one hazard, the weightiest first, and what they come to."""

    all: tuple[Flag, ...] = ()

    @property
    def score(self) -> int:
        """0–100; every doubt counts once, however many files it was found on."""
        worst: dict[str, int] = {}
        for flag in self.all:
            worst[flag.doubt] = max(flag.score, worst.get(flag.doubt, 0))
        return total_score(list(worst.values()))

    def of(self, sha256: str) -> tuple[Flag, ...]:
        """Those of one file."""
        return tuple(flag for flag in self.all if flag.subject == sha256)

    @property
    def of_acts(self) -> tuple[Flag, ...]:
        """Those that are about no file."""
        return tuple(flag for flag in self.all if not flag.subject)


#: for readers who are shown none
NO_FLAGS = Flags()


def flag_row(doubt: Doubt, *, rules: OriginalityRules, now: datetime) -> dict[str, Any]:
    """A doubt as it is stored."""
    return {
        "id": new_id(),
        "home_id": doubt.home_id,
        "hazard_id": doubt.hazard_id,
        "event_seq": doubt.event_seq,
        "doubt": doubt.doubt,
        "subject": doubt.subject,
        "other": str(doubt.other.id) if doubt.other is not None else "",
        "other_hazard_id": doubt.other.hazard_id if doubt.other is not None else None,
        "score": rules.weight(doubt.doubt),
        "measured": doubt.measured,
        "rules_version": rules.version,
        "found_at": now,
    }


def may_see_flags(actor: Actor, hazard: Hazard) -> bool:
    """Whoever verifies or cancels it, the enterprise's safety director, the regulator."""
    parts = held_relations(hazard)
    own = any(str(actor.id) in parts.get(relation, ()) for relation in _RELATIONS)
    return own or bool(actor.roles_at(path=hazard.path, division=hazard.division) & _ROLES)


def flags_of(session: Session, hazard: Hazard, *, within: uuid.UUID | None = None) -> Flags:
    """The doubts of a hazard; numbers of other hazards only as far as the session's scope reaches, and `within` one whole organisation."""
    rows = session.scalars(
        sa.select(OriginalityFlag)
        .where(OriginalityFlag.hazard_id == hazard.id)
        .order_by(OriginalityFlag.score.desc(), OriginalityFlag.event_seq, OriginalityFlag.id)
    ).all()
    ids = [r.other_hazard_id for r in rows if r.other_hazard_id]
    numbers = _readable_numbers(session, ids, within)
    return Flags(
        tuple(
            Flag(
                doubt=r.doubt,
                event_seq=r.event_seq,
                subject=r.subject,
                score=r.score,
                measured=r.measured,
                found_at=r.found_at,
                compared_with=r.other,
                number=numbers.get(r.other_hazard_id) if r.other_hazard_id else None,
            )
            for r in _once_a_hazard(rows)
        )
    )


def _once_a_hazard(rows: Sequence[OriginalityFlag]) -> list[OriginalityFlag]:
    """A file that is like several of one other hazard is doubted once, by the one it is most like."""
    best: dict[tuple[Any, ...], OriginalityFlag] = {}
    for row in sorted(rows, key=lambda r: -int(r.measured.get("percent", 0))):
        best.setdefault((row.doubt, row.subject, row.other_hazard_id or row.id), row)
    return [row for row in rows if row in best.values()]


def _readable_numbers(
    session: Session, ids: Sequence[uuid.UUID], within: uuid.UUID | None
) -> dict[uuid.UUID, str]:
    if not ids:
        return {}
    wanted = [
        Hazard.id.in_(ids),
        scope_of_session(session).where(Hazard.path, Hazard.division, Hazard.parties),
    ]
    if within is not None:
        wanted.append(Hazard.home_id == within)
    rows = session.execute(sa.select(Hazard.id, Hazard.number).where(*wanted))
    return {row.id: row.number for row in rows}
