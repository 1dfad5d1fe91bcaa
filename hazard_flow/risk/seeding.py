"""A first register for an enterprise that has none: for each asset the risks the library knows of its kind, to be corrected on site."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.risk import chain, operations, versions
from hazard_flow.risk.colours import worst
from hazard_flow.risk.library import library
from hazard_flow.risk.models import RiskPoint

#: kind of asset → risks of the library
_RISKS: Mapping[str, tuple[str, ...]] = {
    "station": ("tank_accessories", "non_ex_electrical", "fire_equipment"),
    "pipe_segment": ("steel_pipe_defects", "steel_pipe_surroundings"),
    "regulator": ("regulator_over_pressure", "filter_blocked"),
    "valve_well": ("well_flooded", "valve_passing"),
    "user": ("home_hose", "appliance_expired"),
    "construction_site": ("third_party_construction",),
}
#: inherent grade → likelihood, exposure, consequence without measures, and the likelihood with them [D]
_SCORES: Mapping[str, tuple[str, str, str, str]] = {
    "red": ("3", "6", "40", "1"),  # 720, with measures 240
    "orange": ("1", "6", "40", "0.5"),  # 240, 120
    "yellow": ("1", "6", "15", "0.5"),  # 90, 45
    "blue": ("0.5", "6", "15", "0.2"),  # 45, 18
}


def seed(
    session: Session,
    assets: Sequence[Asset],
    *,
    now: datetime,
    zone: ZoneInfo,
    who: Mapping[str, str] | None = None,
) -> list[RiskPoint]:
    """One point for each asset of a kind the library knows; an asset that has points already is left alone.

    `who`: further particulars, such as the people who answer and the phone of the boards.
    """
    has_some = set(
        session.scalars(
            sa.select(RiskPoint.asset_id).where(RiskPoint.asset_id.in_([one.id for one in assets]))
        )
    )
    return [
        _point(session, asset, _RISKS[asset.kind], now=now, zone=zone, who=who or {})
        for asset in assets
        if asset.kind in _RISKS and asset.id not in has_some
    ]


def _point(
    session: Session,
    asset: Asset,
    keys: Iterable[str],
    *,
    now: datetime,
    zone: ZoneInfo,
    who: Mapping[str, str],
) -> RiskPoint:
    risks = [library().risks[key] for key in keys]
    likelihood, exposure, consequence, held = _SCORES[worst(risk.colour for risk in risks)]
    given = {
        **who,
        "code": f"FX-{asset.code}",
        "name_zh": asset.name_zh,
        "name_en": asset.name_en,
        "kind": "facility",
        "category": risks[0].category,
        "asset": asset.code,
        "place": asset.address,
        "method": "lec",
        "likelihood": likelihood,
        "exposure": exposure,
        "consequence": consequence,
        "residual_method": "lec",
        "residual_likelihood": held,
        "residual_exposure": exposure,
        "residual_consequence": consequence,
    }
    point = operations.enter(session, given, now=now, by=None, zone=zone)
    for risk in risks:
        chain.add_from_library(session, point, risk, now=now)
    versions.note(session, point, "chain", now=now, by=None)
    return point
