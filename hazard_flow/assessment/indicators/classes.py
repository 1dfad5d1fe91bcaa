"""What each enterprise is compared with: how it supplies and to how many, made of its own register of assets (domain 6.3)."""

import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.indicators.models import EnterpriseClass
from hazard_flow.assets.models import Asset
from hazard_flow.identity.models import Organisation
from hazard_flow.schedule.bulk import insert_rows

SUPPLIES = ("piped", "bottled", "vehicle")
#: class → fewer users than this (domain 6.3)
SIZES = {"lt10k": 10_000, "lt100k": 100_000, "lt1m": 1_000_000, "gt1m": None}
_VEHICLE, _BOTTLED = ("cng",), ("lpg_storage", "lpg_filling", "lpg_delivery")


class Class(NamedTuple):
    """What an enterprise is compared with."""

    supply: str
    users: int


def size_of(users: int) -> str:
    """The size class of an enterprise with so many users."""
    return next(size for size, below in SIZES.items() if below is None or users < below)


def supply_of(kinds: Mapping[str, int], station_types: Sequence[str]) -> str:
    """How an enterprise supplies: by pipes where it has any, else by bottles, else to vehicles; empty where its register does not say."""
    if kinds.get("pipe_segment"):
        return "piped"
    if kinds.get("cylinder") or any(one in _BOTTLED for one in station_types):
        return "bottled"
    return "vehicle" if any(one in _VEHICLE for one in station_types) else ""


def classify(session: Session, homes: Sequence[Organisation]) -> Mapping[uuid.UUID, Class]:
    """Write the class of each enterprise, and give it by enterprise. The session must see everything."""
    ids = [one.id for one in homes]
    kinds: dict[uuid.UUID, dict[str, int]] = {}
    metres: dict[uuid.UUID, float] = {}
    length = sa.func.sum(Asset.details["length_m"].as_float())
    for home, kind, count, metre in session.execute(
        sa.select(Asset.home_id, Asset.kind, sa.func.count(), length)
        .where(Asset.home_id.in_(ids), Asset.ended_at.is_(None))
        .group_by(Asset.home_id, Asset.kind)
    ):
        kinds.setdefault(home, {})[kind] = count
        if kind == "pipe_segment":
            metres[home] = float(metre or 0)
    types: dict[uuid.UUID, list[str]] = {}
    said = Asset.details["station_type"].as_string()
    for home, station_type in session.execute(
        sa.select(Asset.home_id, said)
        .where(Asset.home_id.in_(ids), Asset.kind == "station", Asset.ended_at.is_(None))
        .distinct()
    ):
        types.setdefault(home, []).append(station_type or "")
    rows = [
        {
            "home_id": one.id,
            "division": one.division,
            "supply": supply_of(kinds.get(one.id, {}), types.get(one.id, ())),
            "users": kinds.get(one.id, {}).get("user", 0),
            "size": size_of(kinds.get(one.id, {}).get("user", 0)),
            "network_km": round(metres.get(one.id, 0) / 1000, 1),
        }
        for one in homes
    ]
    insert_rows(
        session, EnterpriseClass.__table__, rows, key=("home_id",),
        update=("division", "supply", "users", "size", "network_km"),
    )  # fmt: skip
    return {
        one.id: Class(str(row["supply"]), kinds.get(one.id, {}).get("user", 0))
        for one, row in zip(homes, rows, strict=True)
    }
