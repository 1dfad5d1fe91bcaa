# ruff: noqa: N999 - the name is the word people type: `hazard-flow bench import`
"""Import of a city's registers: 100 000 users, 20 000 assets, a network of 5 000 segments. Beside it the bare insert of the same rows.

The bare insert is the physical limit: finished rows through the driver's own `executemany` into a table without rules, in one
transaction. It judges nothing, compares nothing, keeps nothing apart.
"""

import csv
import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hazard_flow.bench import Line, Options

USERS, ASSETS, SEGMENTS = 100_000, 20_000, 5_000
BROKEN_SHARE = 0.01
ENTERPRISE = "云泽恒川燃气有限公司"
_STREETS = ("青梧路", "听潮路", "云栖街", "望江巷", "松影大道")
_MB = 1024


@dataclass(frozen=True)
class Made:
    """One file, and which of its rows are wrong."""

    kind: str
    path: Path
    rows: int
    broken: frozenset[tuple[int, str]] = frozenset()


def run(options: Options) -> Sequence[Line]:
    """Seconds, rows a second, peak memory and the second import of each file; then what 1 % of broken rows does."""
    share = 20 if options.quick else 1
    with tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as folder:
        root = Path(folder)
        files = [
            users(root / "users.csv", USERS // share),
            assets(root / "assets.csv", ASSETS // share),
            network(root / "network.geojson", SEGMENTS // share),
        ]
        found: list[Line] = []
        for made in files:
            found += _measured(made, root)
        found += _refused(users(root / "broken.csv", USERS // share, broken=BROKEN_SHARE), root)
    return found


def users(path: Path, count: int, *, broken: float = 0.0) -> Made:
    """Residents and shops, with what is personal; a share of rows is wrong in one of five ways."""
    dice = random.Random(8)
    columns = (
        "code",
        "address",
        "lon",
        "lat",
        "crs",
        "user_type",
        "meter_no",
        "meter_installed_on",
        "has_alarm",
        "contact_name",
        "contact_phone",
        "room",
    )
    wrong: set[tuple[int, str]] = set()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for n in range(count):
            row = {
                "code": f"U{n:07d}",
                "address": f"{_STREETS[n % 5]} {n % 400 + 1} 号 {n % 30 + 1} 幢",
                "lon": f"{119.3 + n % 1000 / 5000:.6f}",
                "lat": f"{32.3 + n // 1000 / 500:.6f}",
                "crs": "CGCS2000",
                "user_type": "commercial" if n % 20 == 0 else "resident",
                "meter_no": f"ZB{n:08d}",
                "meter_installed_on": f"20{10 + n % 15}-0{n % 9 + 1}-15",
                "has_alarm": "yes" if n % 3 else "no",
                "contact_name": f"用户{n % 977}",
                "contact_phone": f"139{n:08d}",
                "room": f"{n % 6 + 1}{n % 4 + 1:02d}",
            }
            if broken and dice.random() < broken:
                field, value = dice.choice(
                    (
                        ("lon", "219.4"),
                        ("user_type", "castle"),
                        ("code", ""),
                        ("meter_installed_on", "15/06/2019"),
                        ("crs", "BD09"),
                    )
                )
                row[field] = value
                wrong.add((n + 2, field))
            writer.writerow(row)
    return Made("users", path, count, frozenset(wrong))


def assets(path: Path, count: int) -> Made:
    """Regulators, valve wells and cylinders."""
    columns = (
        "code",
        "kind",
        "name_zh",
        "name_en",
        "address",
        "lon",
        "lat",
        "crs",
        "pressure_tier",
        "inlet_kpa",
        "installed_on",
        "capacity_kg",
    )
    kinds = ("regulator", "valve_well", "cylinder")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for n in range(count):
            kind = kinds[n % 3]
            writer.writerow(
                {
                    "code": f"{kind[0].upper()}{n:06d}",
                    "kind": kind,
                    "name_zh": f"{_STREETS[n % 5]}设施 {n}",
                    "name_en": f"Asset {n}",
                    "address": f"{_STREETS[n % 5]} {n % 400 + 1} 号",
                    "lon": f"{119.3 + n % 200 / 1000:.6f}",
                    "lat": f"{32.3 + n // 200 / 1000:.6f}",
                    "crs": "CGCS2000",
                    "pressure_tier": "" if kind == "cylinder" else "medium_a",
                    "inlet_kpa": "300" if kind == "regulator" else "",
                    "installed_on": "" if kind == "cylinder" else "2018-06-01",
                    "capacity_kg": "14.5" if kind == "cylinder" else "",
                }
            )
    return Made("assets", path, count)


def network(path: Path, count: int) -> Made:
    """Segments of twelve vertices, as a survey hands them over."""
    dice = random.Random(8)
    tiers = ("low", "medium_b", "medium_a", "sub_high_b", "high_b")

    def line() -> Iterator[list[float]]:
        lon, lat = 119.3 + dice.random() / 5, 32.3 + dice.random() / 5
        for _ in range(12):
            yield [round(lon, 7), round(lat, 7)]
            lon, lat = lon + dice.uniform(-5e-4, 5e-4), lat + dice.uniform(-5e-4, 5e-4)

    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": list(line())},
            "properties": {
                "code": f"GD{n:05d}",
                "pressure_tier": tiers[n % 5],
                "material": "pe" if n % 2 else "steel",
                "diameter_mm": 110 + n % 4 * 50,
                "built_year": 1995 + n % 28,
            },
        }
        for n in range(count)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}), "utf-8")
    return Made("network", path, count)


def _measured(made: Made, root: Path) -> list[Line]:
    """Each import in a process of its own, so that the peak of its memory is its own."""
    data = root / made.kind
    first, again = _child(made, data), _child(made, data)
    assert first["stored"], first
    assert again["changed"] == 0, again
    bare = _bare(data / "hazard_flow.db", root / f"{made.kind}-bare.db")
    rate = made.rows / first["seconds"]
    return [
        Line(f"{made.kind}: {made.rows} rows", first["seconds"], "s"),
        # of the processor, so that what else the machine does counts on neither side
        Line(f"{made.kind}: processor", first["cpu"], "s", "bare executemany", first["cpu"] / bare),
        Line(f"{made.kind}: rows a second", rate, "1/s"),
        Line(
            f"{made.kind}: peak memory",
            first["peak_mb"],
            "MB",
            "the program idle",
            first["peak_mb"] / first["idle_mb"],
        ),
        Line(
            f"{made.kind}: second import",
            again["cpu"],
            "s",
            "the first, processor",
            again["cpu"] / first["cpu"],
        ),
        Line(f"{made.kind}: changed by it", again["changed"], "rows"),
    ]


def _refused(made: Made, root: Path) -> list[Line]:
    """Every broken row is told with its row and field, no whole one is, and nothing is stored."""
    told = _child(made, root / "broken", faults=root / "faults.json")
    listed = {(row, field) for row, field in json.loads((root / "faults.json").read_text("utf-8"))}
    assert listed == made.broken, (len(listed), len(made.broken), list(listed ^ made.broken)[:5])
    return [
        Line("broken: rows told", len(listed), "rows", "rows broken", len(listed) / len(made.broken)),
        Line("broken: stored", told["assets"], "rows"),
        Line("broken: seconds", told["seconds"], "s"),
        Line(
            "broken: peak memory",
            told["peak_mb"],
            "MB",
            "the program idle",
            told["peak_mb"] / told["idle_mb"],
        ),
    ]


def _child(made: Made, data: Path, *, faults: Path | None = None) -> dict[str, Any]:
    data.mkdir(exist_ok=True)
    order = json.dumps([made.kind, str(made.path), str(data), str(faults or "")])
    command = [sys.executable, "-m", "hazard_flow.bench.import", order]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2_000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def child() -> None:
    """One import over a database of its own; prints what it took. For `_child`, in a process of its own."""
    import sqlalchemy as sa

    from hazard_flow import app
    from hazard_flow.assets.models import Asset
    from hazard_flow.exchange.kinds import ImportOrder
    from hazard_flow.exchange.records import SourceFile
    from hazard_flow.identity.actor import system_actor
    from hazard_flow.settings import load_settings
    from hazard_flow.storage.scope import SYSTEM

    kind, path, data, faults = json.loads(sys.argv[1])
    settings = load_settings({}, DATA_DIR=Path(data), SECRET_KEY="k" * 40)
    app.upgrade(settings)
    application = app.build(settings)
    _found(application)
    chosen = app.file_kinds(application.rules).get(kind)
    assert chosen is not None
    idle = _peak_mb()
    order = ImportOrder(actor=system_actor("bench"), now=datetime.now(UTC), organisation=ENTERPRISE)
    started, worked = time.perf_counter(), time.process_time()
    with application.database.transaction(SYSTEM) as session:
        report = chosen.read_in(session, SourceFile(Path(path).name, path=Path(path)), order)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    if faults:
        told = [(fault.row, fault.field) for fault in report.faults]
        Path(faults).write_text(json.dumps(told), "utf-8")
    with application.database.reading(SYSTEM) as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(Asset))
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": cpu,
                "changed": report.changed if not report.faults else 0,
                "stored": report.is_stored,
                "assets": count,
                "peak_mb": _peak_mb(),
                "idle_mb": idle,
            }
        )
    )


def _found(application: Any) -> None:
    import sqlalchemy as sa

    from hazard_flow.i18n import Label
    from hazard_flow.identity import operations
    from hazard_flow.identity.models import Organisation
    from hazard_flow.storage.scope import SYSTEM

    with application.database.transaction(SYSTEM) as session:
        if session.scalar(sa.select(Organisation.id).where(Organisation.name_zh == ENTERPRISE)) is None:
            operations.add_division(session, code="990102", label=Label(zh="城东区", en="East"))
            label = Label(zh=ENTERPRISE, en="Hengchuan Gas")
            operations.add_organisation(
                session, kind="enterprise", label=label, division="990102", now=datetime.now(UTC)
            )


def _bare(database: Path, target: Path) -> float:
    """The processor seconds it takes to insert the finished rows, with the same care for the disk."""
    with sqlite3.connect(database) as source:
        tables = {
            name: source.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - our own two names
            for name in ("asset", "personal")
        }
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    taken = 0.0
    for name, rows in tables.items():
        if rows:
            width = len(rows[0])
            connection.execute(f"CREATE TABLE {name} ({', '.join(f'c{n}' for n in range(width))})")
            started = time.process_time()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * width)})", rows)  # noqa: S608
            connection.execute("COMMIT")
            taken += time.process_time() - started
    connection.close()
    os.remove(target)
    return taken


def _peak_mb() -> float:
    """The most memory this program has had; `getrusage` would count what its parent had before it began."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB
    return float(status.partition("VmHWM:")[2].split()[0]) / _MB


if __name__ == "__main__":
    child()
