"""A city's whole history as one plain value, read by plain SQL: all an oracle needs, and nothing the application worked out for it.

`export(database, diary)` gives text, numbers, truth values, lists and maps only: ids as 32 hex digits, instants `…T…Z` with six digits,
bytes as hex. Its keys: `zone`; `shipped` (`calendar` and `workflows`, the files' text); one list of rows for each table below; `diary`.
"""

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from hazard_flow.resources import resource_dir
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from tests.sim.diary import Diary, instant

Log = dict[str, Any]
ZONE = "Asia/Shanghai"
#: key of the log → table, order, columns; a letter says how a column is read: i id, t instant, d date, j JSON, b bytes, f flag
_TABLES: dict[str, tuple[str, str, str]] = {
    "hazards": (
        "hazard",
        "number",
        "i:id i:home_id i:organisation_id path division number workflow workflow_version stage state t:state_entered_at state_seq level"
        " urgency title source family i:asset_id catalogue_code i:reporter_id i:protected_reporter_id i:responsible_id i:closer_id"
        " j:verifier_ids t:found_at t:reported_at t:due_at t:original_due_at t:completed_at t:verified_at t:closed_at resolution colour"
        " alarm_level f:blind f:incomplete i:reopen_of_id i:split_from_id i:merged_into_id f:control_open j:proceedings j:marks j:counters"
        " j:details seq b:head",
    ),
    "events": (
        "hazard_event",
        "hazard_id, seq",
        "i:hazard_id seq type action actor t:at b:prev b:hash b:body",
    ),
    "timers": (
        "timer",
        "subject_id, name",
        "i:id subject_kind i:subject_id name level cycle t:due_at t:expires_at t:started_at fence rule f:provisional t:created_at"
        " attempts t:parked_at error",
    ),
    "outbox": (
        "outbox",
        "subject_id, seq, person_id, channel",
        "i:id subject_kind i:subject_id seq i:person_id channel template j:params state t:created_at t:due_at attempts t:sent_at"
        " delivered_by reason i:instead_of_id",
    ),
    "keys": ("request_key", "actor, key", "actor key i:hazard_id seq t:at"),
    "people": ("person", "id", "i:id username name f:active i:organisation_id"),
    "memberships": ("membership", "id", "i:person_id i:organisation_id role t:ended_at"),
    "organisations": ("organisation", "path", "i:id path kind division"),
    "divisions": ("division", "code", "code i:highest_regulator_id"),
    "policies": (
        "local_policy",
        "entered_at, version",
        "key division j:value d:valid_from d:valid_to version f:withdrawn t:entered_at",
    ),
    "calendar_days": (
        "calendar_day",
        "division, edition, day",
        "division d:day f:is_workday status edition t:entered_at",
    ),
    "upkeep": ("upkeep", "at, id", "t:at act i:thing_id subject_kind i:subject_id j:data"),
    "errands": ("errand", "id", "i:id i:outbox_id i:subject_id i:person_id channel t:created_at"),
}


def export(database: Database, diary: Diary) -> Log:
    """Everything that happened and stands in a city; `diary` is what was noted beside it."""
    log: Log = {"zone": ZONE, "shipped": _shipped()}
    with database.reading(SYSTEM) as session:
        for key, (table, order, columns) in _TABLES.items():
            log[key] = _rows(session.connection(), table, order, columns.split())
    log["diary"] = list(diary.entries)
    return log


def _shipped() -> dict[str, Any]:
    folder = resource_dir("workflows")
    files = sorted(folder.glob("*.v*.yaml"))
    return {
        "calendar": (folder / "calendar.cn.yaml").read_text("utf-8"),
        "workflows": {file.name.removesuffix(".yaml"): file.read_text("utf-8") for file in files},
    }


def _rows(connection: sa.Connection, table: str, order: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    read = [_read(column) for column in columns]
    names = ", ".join(name for name, _ in read)
    found = connection.execute(sa.text(f"SELECT {names} FROM {table} ORDER BY {order}"))
    return [
        {name: None if value is None else how(value) for (name, how), value in zip(read, row, strict=True)}
        for row in found
    ]


def _read(column: str) -> tuple[str, Callable[[Any], Any]]:
    letter, _, name = column.rpartition(":")
    return name, _HOW.get(letter, _plain)


def _plain(value: Any) -> Any:
    return value


def _id(value: uuid.UUID | str) -> str:
    return str(value).replace("-", "")


def _instant(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant(at.replace(tzinfo=UTC) if at.tzinfo is None else at)


def _day(value: date | str) -> str:
    return str(value)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _bytes(value: bytes | memoryview) -> str:
    return bytes(value).hex()


_HOW: dict[str, Callable[[Any], Any]] = {
    "i": _id,
    "t": _instant,
    "d": _day,
    "j": _json,
    "b": _bytes,
    "f": bool,
}
