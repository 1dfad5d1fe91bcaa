"""The enterprises' own records that can be re-checked: features offer theirs, `app` registers them; closed hazards are offered here."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label
from hazard_flow.storage.unit import scope_of_session


@dataclass(frozen=True)
class Record:
    """One record of an enterprise: what it says of which place."""

    kind: str
    id: uuid.UUID
    #: the line of daily work it belongs to
    line: str
    says: Label
    recorded_at: datetime
    href: str
    home_id: uuid.UUID
    organisation_id: uuid.UUID
    path: str
    division: str
    asset_id: uuid.UUID | None


@dataclass(frozen=True)
class Source:
    """What a feature offers: the newest records of an enterprise, or of one place there, and one by its id; both within the scope."""

    kind: str
    label: Label
    newest: Callable[[Session, uuid.UUID, uuid.UUID | None, int], Sequence[Record]]
    one: Callable[[Session, uuid.UUID], Record | None]


@dataclass(frozen=True)
class Records:
    """The registered sources, by kind."""

    sources: dict[str, Source] = field(default_factory=dict)

    def register(self, source: Source) -> None:
        """One more kind of record."""
        self.sources[source.kind] = source

    def newest(
        self, session: Session, home_id: uuid.UUID, *, asset_id: uuid.UUID | None = None, limit: int = 30
    ) -> list[Record]:
        """Records of every kind, the newest first."""
        found = [
            one
            for source in self.sources.values()
            for one in source.newest(session, home_id, asset_id, limit)
        ]
        return sorted(found, key=lambda one: one.recorded_at, reverse=True)[:limit]

    def one(self, session: Session, kind: str, record_id: uuid.UUID) -> Record | None:
        """One record, if the scope reaches it."""
        source = self.sources.get(kind)
        return source.one(session, record_id) if source else None


def closed_hazards(
    session: Session, home_id: uuid.UUID, asset_id: uuid.UUID | None, limit: int
) -> Sequence[Record]:
    """Hazards the enterprise closed as rectified."""
    wanted = _rectified(session).where(Hazard.home_id == home_id)
    if asset_id is not None:
        wanted = wanted.where(Hazard.asset_id == asset_id)
    return [_record(one) for one in session.scalars(wanted.order_by(Hazard.closed_at.desc()).limit(limit))]


def closed_hazard(session: Session, hazard_id: uuid.UUID) -> Record | None:
    """One of them."""
    found = session.scalar(_rectified(session).where(Hazard.id == hazard_id))
    return _record(found) if found else None


HAZARDS = Source("hazard", Label(zh="已销号隐患", en="Closed hazard"), closed_hazards, closed_hazard)


def _rectified(session: Session) -> sa.Select[Hazard]:
    seen = scope_of_session(session).where(Hazard.path, Hazard.division, Hazard.parties)
    return sa.select(Hazard).where(seen, Hazard.closed_at.is_not(None), Hazard.resolution == "rectified")


def _record(hazard: Hazard) -> Record:
    assert hazard.closed_at is not None
    return Record(
        kind="hazard",
        id=hazard.id,
        line="hazards",
        says=Label(
            zh=f"{hazard.number} {hazard.title}：整改完成，复查合格，已销号",
            en=f"{hazard.number} {hazard.title}: rectified, re-checked and closed",
        ),
        recorded_at=hazard.closed_at,
        href=f"/hazards/{hazard.number}",
        home_id=hazard.home_id,
        organisation_id=hazard.organisation_id,
        path=hazard.path,
        division=hazard.division,
        asset_id=hazard.asset_id,
    )
