"""Which risk points a hazard is about, looked up once for many hazards."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.standing import Standing
from hazard_flow.risk.models import ControlMeasure, RiskPoint
from hazard_flow.schedule.bulk import among


@dataclass(frozen=True)
class PointBook:
    """Points by what hazards say of them."""

    #: (whole organisation, code of the point or of one of its measures) → point
    by_code: Mapping[tuple[uuid.UUID, str], uuid.UUID]
    by_asset: Mapping[uuid.UUID, tuple[uuid.UUID, ...]]

    @classmethod
    def load(cls, session: Session, standings: Sequence[Standing]) -> "PointBook":
        """The points these hazards may be about."""
        codes = {one.risk_point for one in standings if one.risk_point}
        measures = {one.failed_measure for one in standings if one.failed_measure}
        assets = {one.asset_id for one in standings if one.asset_id is not None}
        by_code: dict[tuple[uuid.UUID, str], uuid.UUID] = {}
        if codes:
            named = sa.select(RiskPoint.home_id, RiskPoint.code, RiskPoint.id).where(
                RiskPoint.code.in_(codes), RiskPoint.ended_at.is_(None)
            )
            by_code |= {(home, code): id_ for home, code, id_ in session.execute(named)}
        if measures:
            failed = sa.select(ControlMeasure.home_id, ControlMeasure.code, ControlMeasure.point_id).where(
                ControlMeasure.code.in_(measures)
            )
            by_code |= {(home, code): id_ for home, code, id_ in session.execute(failed)}
        by_asset: dict[uuid.UUID, list[uuid.UUID]] = {}
        if assets:
            at = (
                sa.select(RiskPoint.asset_id, RiskPoint.id)
                .where(among(session, RiskPoint.asset_id, assets), RiskPoint.ended_at.is_(None))
                .order_by(RiskPoint.id)
            )
            for asset_id, id_ in session.execute(at):
                assert asset_id is not None
                by_asset.setdefault(asset_id, []).append(id_)
        return cls(by_code, {asset_id: tuple(ids) for asset_id, ids in by_asset.items()})

    def points_of(self, standing: Standing) -> tuple[uuid.UUID, ...]:
        """The point the hazard names, else the one whose measure it says failed, else all at its asset."""
        for code in (standing.risk_point, standing.failed_measure):
            found = self.by_code.get((standing.home_id, code)) if code else None
            if found is not None:
                return (found,)
        return self.by_asset.get(standing.asset_id, ()) if standing.asset_id is not None else ()
