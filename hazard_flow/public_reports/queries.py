"""Reads: what waits for a first look, one report, how it stands for whoever holds its code, whom a report without an asset goes to."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import NotFound
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Division, Organisation, Personal
from hazard_flow.public_reports import tracking
from hazard_flow.public_reports.models import PublicReport
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session


@dataclass(frozen=True)
class Standing:
    """How a report stands, for whoever holds its code: nothing of anybody in it."""

    report: PublicReport
    #: stage of the hazard it became or was joined to
    stage: str | None


def page(session: Session, *, state: str, cursor: str | None, limit: int) -> Page[PublicReport]:
    """Reports within scope; those that wait the oldest first, the others the newest first."""
    statement = sa.select(PublicReport).where(_seen(session))
    if state:
        statement = statement.where(PublicReport.state == state)
    return keyset(
        session,
        statement,
        instant=PublicReport.received_at,
        id_=PublicReport.id,
        cursor=cursor,
        limit=limit,
        descending=state != "waiting",
    )


def counts(session: Session) -> Mapping[str, int]:
    """How many reports within scope stand in each state."""
    rows = session.execute(
        sa.select(PublicReport.state, sa.func.count()).where(_seen(session)).group_by(PublicReport.state)
    )
    return {row[0]: row[1] for row in rows}


def waiting(session: Session) -> int:
    """How many wait for a first look."""
    wanted = sa.select(sa.func.count()).select_from(PublicReport)
    return session.scalar(wanted.where(PublicReport.state == "waiting", _seen(session))) or 0


def one(session: Session, id_: uuid.UUID) -> PublicReport:
    """One report; raises NotFound out of scope."""
    found = session.scalar(sa.select(PublicReport).where(PublicReport.id == id_, _seen(session)))
    if found is None:
        raise NotFound(f"report {id_}")
    return found


def phone(session: Session, report: PublicReport) -> str:
    """The number its reporter left; empty without one, or once erased."""
    if report.phone_digest is None:
        return ""
    row = session.get(Personal, report.phone_digest)
    return (row.value or "") if row is not None else ""


def standing(session: Session, code: str) -> Standing | None:
    """How the report with this code stands; asked in the system's scope, because nobody is signed in."""
    report = session.scalar(sa.select(PublicReport).where(PublicReport.tracking == tracking.digest_of(code)))
    if report is None:
        return None
    stage = None
    if report.hazard_id is not None:
        stage = session.scalar(sa.select(Hazard.stage).where(Hazard.id == report.hazard_id))
    return Standing(report, stage)


def labelled(session: Session, label_key: str) -> tuple[Asset, Organisation] | None:
    """The asset whose label somebody has read, and its unit; in the system's scope."""
    found = session.execute(
        sa.select(Asset, Organisation)
        .join(Organisation, Organisation.id == Asset.organisation_id)
        .where(Asset.label_key == label_key, Asset.ended_at.is_(None))
    ).first()
    return (found[0], found[1]) if found is not None else None


def districts(session: Session) -> Sequence[tuple[str, Label]]:
    """(code, name) of divisions with a regulator of their own, to which a report without an asset may go."""
    rows = session.scalars(
        sa.select(Division)
        .where(Division.code.in_(sa.select(Organisation.division).where(Organisation.kind == "regulator")))
        .order_by(Division.code.desc())
    )
    return [(row.code, row.label) for row in rows]


def regulator_of(session: Session, division: str) -> Organisation | None:
    """The regulator of a division."""
    return session.scalars(
        sa.select(Organisation)
        .where(Organisation.kind == "regulator", Organisation.division == division)
        .order_by(Organisation.created_at, Organisation.id)
    ).first()


def hazard_numbers(session: Session, reports: Sequence[PublicReport]) -> Mapping[uuid.UUID, str]:
    """Numbers of the hazards these reports led to, as far as the scope reaches."""
    wanted = [one.hazard_id for one in reports if one.hazard_id is not None]
    scope = scope_of_session(session)
    rows = session.execute(
        sa.select(Hazard.id, Hazard.number).where(
            Hazard.id.in_(wanted), scope.where(Hazard.path, Hazard.division, Hazard.parties)
        )
    )
    return {row[0]: row[1] for row in rows}


def about(session: Session, hazard_id: uuid.UUID) -> Sequence[PublicReport]:
    """The reports behind a hazard, oldest first."""
    return list(
        session.scalars(
            sa.select(PublicReport)
            .where(PublicReport.hazard_id == hazard_id, _seen(session))
            .order_by(PublicReport.received_at)
        )
    )


def _seen(session: Session) -> sa.ColumnElement[bool]:
    return scope_of_session(session).where(PublicReport.path, PublicReport.division)
