"""Figures in the city's words: facts laid by hand, lines of work that say what they are told, and what an indicator makes of them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.app.lines import lines_of
from hazard_flow.assessment.facts import following
from hazard_flow.assessment.facts.models import HazardFact
from hazard_flow.assessment.indicators import making
from hazard_flow.assessment.indicators.definition import Frame, frame_of
from hazard_flow.assessment.indicators.periods import read_period
from hazard_flow.assessment.indicators.policy import policy
from hazard_flow.inspections.work_lines import LineFigures
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.supervision.lines import Lines
from tests.harness import risks
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.founding import ZONE

PERIOD = "2026-10"
#: long after the period of the examples
LATER = datetime(2027, 6, 1, tzinfo=ZONE)


def instant(said: str) -> datetime:
    """`2026-10-03` or `2026-10-03T08:00` by the clock of the city."""
    return datetime.fromisoformat(said).replace(tzinfo=ZONE)


def frame(period: str = PERIOD, *, now: datetime = LATER, lines: Lines | None = None) -> Frame:
    """A period as seen at an instant."""
    return frame_of(read_period(period), now, ZONE, policy(), lines or Lines())


def fact(city: City, home: uuid.UUID, **said: Any) -> dict[str, Any]:
    """A row of facts: what is said, and the plainest of everything else."""
    reported = said.get("reported_at") or said.get("assigned_at") or said.get("closed_at") or "2026-10-01"
    row: dict[str, Any] = {column.key: None for column in sa.inspect(HazardFact).columns}
    row |= {
        "hazard_id": new_id(), "home_id": home, "organisation_id": home, "path": f"{home.hex}/", "division": "990102",
        "parties": ",", "number": f"YH-{uuid.uuid4().hex[:8]}", "title": "阀井", "level": "general", "urgency": "B",
        "source": "patrol", "catalogue_code": "", "is_users": False, "is_hidden": False, "stage": "rectifying",
        "resolution": "", "found_at": reported, "reported_at": reported, "extensions": 0, "is_complete": False, "seq": 1,
    }  # fmt: skip
    row |= said
    return {
        name: instant(value) if name.endswith("_at") and isinstance(value, str) else value
        for name, value in row.items()
    }


def lay(city: City, session: Session, home: uuid.UUID, facts: Sequence[Mapping[str, Any]]) -> None:
    """Write facts; `name` and `reopen_of` say which is a relapse of which, `asset` which are at one place."""
    ids = {one["name"]: new_id() for one in facts if "name" in one}
    places: dict[str, uuid.UUID] = {}
    for said in facts:
        more = dict(said)
        if "name" in more:
            more["hazard_id"] = ids[more.pop("name")]
        if "reopen_of" in more:
            more["reopen_of_id"] = ids[more.pop("reopen_of")]
        if "asset" in more:
            more["asset_id"] = places.setdefault(more.pop("asset"), new_id())
        session.add(HazardFact(**fact(city, home, **more)))
    session.flush()


def saying(home: uuid.UUID, lines: Mapping[str, tuple[float, float, float]]) -> Lines:
    """Lines of work that say what they are told: (due, done, on time)."""

    def provider(
        _session: Session, ids: Sequence[uuid.UUID], _since: date, _until: date
    ) -> Mapping[uuid.UUID, Sequence[LineFigures]]:
        said = [
            LineFigures(line, "rounds", due=due, done=done, on_time=on_time)
            for line, (due, done, on_time) in lines.items()
        ]
        return {home: said} if home in ids else {}

    return Lines([provider])


def given(kind: type[Any], said: Any) -> Any:
    """Rows of an example as the objects its pure part takes."""
    names = [one.name for one in fields(kind)] if is_dataclass(kind) else list(kind._fields)
    whole = dict.fromkeys(names) | {
        "home_id": uuid.UUID(int=1),
        "hazard_id": uuid.UUID(int=2),
        "name": "VW-1",
    }
    row = {name: instants(value) for name, value in said.items()}
    return kind(**{name: row.get(name, whole[name]) for name in names})


def instants(value: Any) -> Any:
    """Texts that are instants, however deep, as instants."""
    if isinstance(value, str):
        return instant(value)
    return tuple(map(instants, value)) if isinstance(value, tuple) else value


def follow(city: City) -> None:
    """The worker seals the events and keeps the facts up with them."""
    risks.seal(city)
    following.run(city.database, city.now)


def facts(city: City) -> dict[str, HazardFact]:
    """Every row of facts once the feed is read, by the number of its hazard."""
    follow(city)
    with city.database.reading(SYSTEM) as session:
        return {one.number: one for one in session.scalars(sa.select(HazardFact))}


def example_home(city: City) -> uuid.UUID:
    """The enterprise examples speak of."""
    return city.founded.units[HENGCHUAN]


def make(city: City) -> None:
    """The worker's turn, a minute later: what happens at this very instant belongs to the next look."""
    city.fast_forward(minutes=1)
    make_now(city)


def make_now(city: City) -> None:
    """Facts and figures as the worker makes them; a running site's clock moves by itself."""
    follow(city)
    making.FigureMaker(city.database, city.clock, ZONE, lines_of(ZONE))()


def figure_views(city: City) -> list[tuple[str, str, str]]:
    """Pages of figures: (name, address, who looks)."""
    make_now(city)
    home = example_home(city)
    return [
        ("overview-regulator", "/overview", "陈处长"),
        ("overview-wall", "/overview?wall=1", "陈处长"),
        ("overview-principal", "/overview", "何安全"),
        ("overview-team", "/overview", "王班长"),
        ("scorecards", "/scorecards", "陈处长"),
        ("scorecards-own", "/scorecards", "何安全"),
        ("scorecard", f"/scorecards/{home}", "陈处长"),
        ("scorecard-own", f"/scorecards/{home}", "何安全"),
        ("indicators", "/indicators", "何安全"),
        ("indicator-rows", f"/indicators/I01?organisation={home}", "陈处长"),
        ("indicator-line", f"/indicators/I14?organisation={home}", "陈处长"),
    ]
