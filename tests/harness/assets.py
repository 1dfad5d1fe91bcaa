"""The words of the register: rows of a file, a city's pipes and users, files in and out."""

import csv
import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hazard_flow.assets.importing.kinds import asset_files
from hazard_flow.exchange.kinds import ExportOrder, ImportOrder, ImportReport, Kind
from hazard_flow.exchange.records import SourceFile
from hazard_flow.identity.actor import system_actor
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.site import Site

PIPE = {
    "type": "LineString",
    "coordinates": [[119.4, 32.4], [119.404, 32.4015], [119.41, 32.401], [119.4125, 32.4048]],
}
#: one of each that shows something of its own
SHOWN: Mapping[str, Mapping[str, Any]] = {
    "pipe": {
        "code": "GD-0117", "kind": "pipe_segment", "name_zh": "青梧路中压干管", "name_en": "Qingwu Road medium-pressure main",
        "crs": "CGCS2000", "geometry": PIPE,
        "details": {"pressure_tier": "medium_a", "material": "pe", "diameter_mm": 200, "built_year": 2012, "laying": "buried"},
    },
    "user": {
        "code": "U-20931", "kind": "user", "address": "青梧路 18 号 3 幢", "lon": 119.401, "lat": 32.402, "crs": "GCJ02",
        "organisation": "运行一班", "details": {"user_type": "resident", "meter_no": "ZB-88120", "has_alarm": True},
        "personal": {"contact_name": "林女士", "contact_phone": "13900000000", "room": "2 单元 501"},
    },
    "site": {
        "code": "SG-08", "kind": "construction_site", "name_zh": "听潮路排水改造", "name_en": "Tingchao Road drainage works",
        "crs": "WGS84",
        "geometry": {"type": "Polygon", "coordinates": [[[119.4, 32.4], [119.402, 32.4], [119.402, 32.401], [119.4, 32.4]]]},
        "details": {"works_type": "excavation", "contractor": "云泽市政", "pipe_distance_m": 3.5},
    },
}  # fmt: skip


def registered(site: Site) -> dict[str, uuid.UUID]:
    """What is shown, entered by the safety director through the API; one of it corrected once."""
    director = site.client("何安全")
    found = {}
    for name, body in SHOWN.items():
        answer = director.post("/api/v1/assets", dict(body))
        if answer.status == 409:  # a site serves many tests, and one before has entered and corrected them
            answer = director.get(f"/api/v1/assets/{body['code']}")
        assert answer.status in (200, 201), answer.body
        found[name] = uuid.UUID(answer.json["id"])
    changed = {"details": {"diameter_mm": 250}}
    answer = director.send(
        "PATCH",
        "/api/v1/assets/GD-0117",
        json.dumps(changed).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == 200, answer.body
    return found


def supplied(site: Site) -> None:
    """Ten days of balance and what stands ready, told by the duty desk."""
    today = datetime.now(site.application.settings.zone).date()
    desk = site.client("周调度")
    for ago in range(10, -1, -1):
        body = {
            "day": (today - timedelta(days=ago)).isoformat(),
            "supplied_m3": 410_000 + ago * 1_000,
            "sent_out_m3": 400_000,
            "stored_m3": 1_200_000 - ago * 9_000,
        }
        told = desk.post("/api/v1/supply/days", body)
        assert told.status == 201, told.body


def table(rows: Sequence[Mapping[str, Any]], name: str = "rows.csv") -> SourceFile:
    """A CSV file of rows that have the same columns."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return SourceFile(name, out.getvalue().encode())


def kind_of_file(key: str) -> Kind:
    """A kind of file by its word."""
    return next(one for one in asset_files() if one.key == key)


def bring_in(city: City, key: str, file: SourceFile, *, by: str = "", **order: Any) -> ImportReport:
    """Somebody imports a file; without a name, the command line for the enterprise."""
    actor = city.actor(by) if by else system_actor("cli")
    given = ImportOrder(actor=actor, now=city.now, organisation="" if by else HENGCHUAN)
    with city.database.transaction(actor.scope) as session:
        return kind_of_file(key).read_in(session, file, replace(given, **order))


def take_out(city: City, key: str, ending: str, **order: Any) -> SourceFile:
    """The register as a file."""
    with city.database.reading(SYSTEM) as session:
        written = kind_of_file(key).write_out(session, ExportOrder(ending, **order))
    return SourceFile(f"out{ending}", written.encode() if isinstance(written, str) else written)


def said(report: ImportReport) -> set[tuple[int, str, str]]:
    """(row, field, code) of everything that was wrong."""
    return {(fault.row, fault.field, fault.code) for fault in report.faults}
