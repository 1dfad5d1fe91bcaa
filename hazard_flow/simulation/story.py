"""What happened in the demo city, read from `city/hazards.yaml` with its times resolved against the present."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from hazard_flow.simulation.cast import CITY

#: the furthest back a script may begin
DAYS_MAX = 60
_WALL = re.compile(r"-(\d+)d (\d\d):(\d\d)")
_BEFORE = re.compile(r"-(\d+)(h|min)")
_DAY = re.compile(r"([+-]\d+)d")
#: days of a step, by the field they fill
_DAYS = {"due": "due_at", "requested": "requested_due_at", "review": "review_at"}
#: what a step says of itself; everything else is a field of its form
_OF_STEP = frozenset({"do", "at", "by", "scenes", "papers", "other", "borrowed", *_DAYS})


@dataclass(frozen=True)
class Step:
    """One act of a script."""

    action: str
    at: datetime
    #: username; None where the relation says who: responsible, verifier, closer
    by: str | None
    data: Mapping[str, Any]
    scenes: tuple[str, ...] = ()
    #: evidence codes of papers brought along, beside those the act and the catalogue ask for
    papers: tuple[str, ...] = ()
    #: key of the script a split goes on as, or of the one a merge goes into
    other: str | None = None
    #: key of the script whose photographs are handed in as this step's own: somebody cheats
    borrowed: str | None = None


@dataclass(frozen=True)
class Alarm:
    """The detector that opened a hazard, and its reading in %LEL."""

    site: str
    device: str
    reading: str


@dataclass(frozen=True)
class Script:
    """One hazard's life: how it was reported, what followed, and the stage it must end at."""

    key: str
    at: datetime
    stage: str
    workflow: str
    asset: str
    reporter: str | None
    source: str
    alarm: Alarm | None
    reopen_of: str | None
    #: it was split from this one, and is reported by nobody
    split_of: str | None
    #: the creating action where it is not the ordinary report
    way: str | None
    data: Mapping[str, Any]
    before: tuple[str, ...]
    steps: tuple[Step, ...]


def load_story(now: datetime, zone: ZoneInfo) -> tuple[Script, ...]:
    """All scripts as seen from `now`; steps are in order and none lies in the future."""
    rows = yaml.load((CITY / "hazards.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)["hazards"]
    return tuple(_script(row, now.astimezone(zone)) for row in rows)


def instant(text: str, now: datetime) -> datetime:
    """The instant of "-20d 10:14" (that many days ago, at that wall time), "-5h" or "-90min", seen from a local `now`."""
    if wall := _WALL.fullmatch(text):
        days, hour, minute = (int(part) for part in wall.groups())
        assert 1 <= days <= DAYS_MAX, f"{text}: wall times run from one to {DAYS_MAX} days ago"
        return datetime.combine(now.date() - timedelta(days=days), time(hour, minute), now.tzinfo)
    before = _BEFORE.fullmatch(text)
    assert before is not None, f'{text!r} is neither "-20d 10:14" nor "-5h" nor "-90min"'
    return now - (timedelta(hours=int(before[1])) if before[2] == "h" else timedelta(minutes=int(before[1])))


def day(text: str, now: datetime) -> str:
    """The day "+3d" or "-1d" is, as an ISO date; the deadline is 24:00 of it."""
    found = _DAY.fullmatch(text)
    assert found is not None, f'{text!r} is not a day such as "+3d"'
    return (now.date() + timedelta(days=int(found[1]))).isoformat()


def _script(row: Mapping[str, Any], now: datetime) -> Script:
    alarm = Alarm(**row["alarm"]) if "alarm" in row else None
    return Script(
        key=row["key"],
        at=instant(row["at"], now),
        stage=row["stage"],
        workflow=row.get("workflow", "general"),
        asset=alarm.site if alarm else row["asset"],
        reporter=row.get("reporter"),
        source="telemetry" if alarm else row["source"],
        alarm=alarm,
        reopen_of=row.get("reopen_of"),
        split_of=row.get("split_of"),
        way=row.get("way"),
        data=_report_data(row),
        before=tuple(row.get("before", ())),
        steps=tuple(_step(step, row, now) for step in row.get("steps", ())),
    )


def _report_data(row: Mapping[str, Any]) -> dict[str, Any]:
    data = {
        name: row[name] for name in ("title", "description", "onsite_action", "leak_reading") if name in row
    }
    if "leak_reading" in data:
        data |= {"leak_unit": "pct_lel", "instrument_number": "XJ-204"}
    if "code" in row:
        data["catalogue_code"] = row["code"]
    if "urgency" in row:
        data["suspected_urgency"] = row["urgency"]
    return data


def _step(step: Mapping[str, Any], row: Mapping[str, Any], now: datetime) -> Step:
    data = {name: value for name, value in step.items() if name not in _OF_STEP}
    data |= {goal: day(step[name], now) for name, goal in _DAYS.items() if name in step}
    if step["do"] == "assign":
        basis = row.get("code", "VLV-G01")  # an alarm in a valve well names no other
        is_major = row.get("workflow") == "major" or step.get("as") == "major"
        data.pop("as", None)
        data |= {"clause": [basis]} if is_major else {"basis": [basis], "urgency": row.get("urgency", "A")}
    return Step(
        action=step["do"],
        at=instant(step["at"], now),
        by=step.get("by"),
        data=data,
        scenes=tuple(step.get("scenes", ())),
        papers=tuple(step.get("papers", ())),
        other=step.get("other"),
        borrowed=step.get("borrowed"),
    )
