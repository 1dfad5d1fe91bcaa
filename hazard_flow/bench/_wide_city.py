"""A city as large as a real one, laid into a database in one go: tens of thousands of assets, a network, thousands of open hazards.

The hazards stand in their table alone, without events or timers: for measuring maps and lists, not for stories.
"""

import json
import math
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset, new_label_key
from hazard_flow.hazards.guarding import door_open
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

#: west, south, east, north of the built-up ground
BOX = (119.30, 32.35, 119.46, 32.46)
TIERS = (("high_b", 2), ("sub_high_a", 5), ("medium_a", 30), ("medium_b", 38), ("low", 25))
KINDS = (
    ("user", 80),
    ("valve_well", 9),
    ("regulator", 5),
    ("detector", 4),
    ("cylinder", 1.6),
    ("station", 0.1),
    ("construction_site", 0.3),
)
URGENCIES = (("M", 1), ("A", 8), ("B", 60), ("C", 31))
_CHUNK = 5_000


def lay_out(
    database: Database,
    unit_id: uuid.UUID,
    *,
    now: datetime,
    assets: int,
    pipes: int,
    hazards: int,
    seed: int = 7,
) -> None:
    """Fill the city of this unit."""
    dice = Random(seed)
    with database.transaction(SYSTEM) as session:
        owner = session.get_one(Organisation, unit_id)
        _insert(session, Asset.__table__, _assets(owner, dice, assets, now))
        _insert(session, Asset.__table__, _pipes(owner, dice, pipes, now))
        with door_open(session):
            _insert(session, Hazard.__table__, _hazards(owner, dice, hazards, now))
    with database.transaction(SYSTEM) as session:
        session.execute(sa.text("ANALYZE"))


def _insert(session: Session, table: Any, rows: Iterator[Mapping[str, Any]]) -> None:
    chunk: list[Mapping[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            session.execute(sa.insert(table), chunk)
            chunk = []
    if chunk:
        session.execute(sa.insert(table), chunk)


def _place(dice: Random) -> tuple[float, float]:
    """Denser towards a few middles, as homes are."""
    west, south, east, north = BOX
    if dice.random() < 0.25:
        return dice.uniform(west, east), dice.uniform(south, north)
    lon, lat = dice.choice(((119.345, 32.43), (119.385, 32.41), (119.41, 32.39), (119.36, 32.38)))
    return min(east, max(west, dice.gauss(lon, 0.018))), min(north, max(south, dice.gauss(lat, 0.014)))


def _common(owner: Organisation, code: str, kind: str, name: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "home_id": owner.root_id, "organisation_id": owner.id, "path": owner.path, "division": owner.division, "code": code,
        "kind": kind, "name_zh": name, "name_en": code, "address": "", "crs": "WGS84", "label_key": new_label_key(), "created_at": now,
    }  # fmt: skip


def _assets(owner: Organisation, dice: Random, count: int, now: datetime) -> Iterator[dict[str, Any]]:
    kinds, weights = [kind for kind, _ in KINDS], [weight for _, weight in KINDS]
    for number, kind in enumerate(dice.choices(kinds, weights, k=count)):
        lon, lat = _place(dice)
        yield {
            **_common(owner, f"W-{number:06}", kind, f"设施 {number}", now),
            "lon": lon, "lat": lat, "west": lon, "east": lon, "south": lat, "north": lat, "geometry": None, "details": {},
        }  # fmt: skip


def _pipes(owner: Organisation, dice: Random, count: int, now: datetime) -> Iterator[dict[str, Any]]:
    tiers, weights = [tier for tier, _ in TIERS], [weight for _, weight in TIERS]
    for number, tier in enumerate(dice.choices(tiers, weights, k=count)):
        lon, lat = _place(dice)
        turn, way = dice.choice((0.0, math.pi / 2)) + dice.gauss(0, 0.08), [(lon, lat)]
        for _ in range(dice.randint(2, 8)):
            length = dice.uniform(0.0004, 0.002) * (3 if tier[0] in "hs" else 1)
            lon, lat = lon + length * math.cos(turn), lat + length * math.sin(turn)
            turn += dice.gauss(0, 0.12)
            way.append((round(lon, 6), round(lat, 6)))
        lons, lats = [p[0] for p in way], [p[1] for p in way]
        yield {
            **_common(owner, f"P-{number:06}", "pipe_segment", f"管段 {number}", now),
            "lon": way[0][0], "lat": way[0][1], "west": min(lons), "east": max(lons), "south": min(lats), "north": max(lats),
            "geometry": json.dumps({"type": "LineString", "coordinates": way}), "details": {"pressure_tier": tier},
        }  # fmt: skip


def _hazards(owner: Organisation, dice: Random, count: int, now: datetime) -> Iterator[dict[str, Any]]:
    urgencies, weights = [one for one, _ in URGENCIES], [weight for _, weight in URGENCIES]
    for number, urgency in enumerate(dice.choices(urgencies, weights, k=count)):
        lon, lat = _place(dice)
        at = now - timedelta(hours=dice.uniform(1, 24 * 45))
        id_: uuid.UUID = new_id()
        yield {
            "id": id_, "home_id": owner.root_id, "organisation_id": owner.id, "path": owner.path, "division": owner.division,
            "number": f"YH-{owner.division}-20260101-{number + 1:05}", "workflow": "major" if urgency == "M" else "general",
            "workflow_version": 1, "stage": "rectifying", "state": "rectifying", "state_entered_at": at, "state_seq": 1,
            "level": "major" if urgency == "M" else "general", "urgency": urgency, "title": f"阀井积水 {number}",
            "description": "阀井内积水", "source": "self_inspection", "place": "青梧路", "lon": lon, "lat": lat, "crs": "WGS84",
            "found_at": at, "reported_at": at, "due_at": at + timedelta(days=dice.uniform(10, 60)), "parties": ",", "marks": {},
            "counters": {}, "details": {}, "proceedings": {}, "verifier_ids": [], "blind": False, "incomplete": False,
            "control_open": False, "seq": 1, "head": b"\0" * 32,
        }  # fmt: skip
