"""Reads for the rules page: what each rule did of late, and the latest tries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.ruling.models import AlarmTrial

COUNTED = timedelta(days=30)


@dataclass(frozen=True)
class Deeds:
    """What one rule did within `COUNTED`."""

    alerts: int = 0
    level_2: int = 0
    hazards: int = 0
    firing: int = 0
    suppressed: int = 0


def deeds(session: Session, *, now: datetime) -> Mapping[str, Deeds]:
    """By rule; `hazards` are those in which one of its alerts took part, `firing` counts older alerts as well."""
    recent = Alert.raised_at >= now - COUNTED

    def count(condition: sa.ColumnElement[bool]) -> sa.Function[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

    rows = session.execute(
        sa.select(
            Alert.rule,
            count(recent),
            count(sa.and_(recent, Alert.peak_level >= 2)),
            sa.func.count(sa.distinct(sa.case((recent, Alert.hazard_id)))),
            count(Alert.condition == "firing"),
            count(sa.and_(recent, Alert.suppressed_by != "")),
        )
        .where(Alert.merged_into_id.is_(None), sa.or_(recent, Alert.condition == "firing"))
        .group_by(Alert.rule)
    )
    return {row[0]: Deeds(*row[1:]) for row in rows}


def open_by_version(session: Session) -> Mapping[int, int]:
    """How many firing alerts live on under each version of the rules."""
    rows = session.execute(
        sa.select(Alert.rules_version, sa.func.count())
        .where(Alert.condition == "firing", Alert.merged_into_id.is_(None))
        .group_by(Alert.rules_version)
    )
    return {row[0]: row[1] for row in rows}


def latest_trials(session: Session, *, limit: int = 5) -> Sequence[AlarmTrial]:
    """The latest tries, the newest first."""
    return session.scalars(
        sa.select(AlarmTrial).order_by(AlarmTrial.made_at.desc(), AlarmTrial.id.desc()).limit(limit)
    ).all()
