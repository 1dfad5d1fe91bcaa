"""Law L3 through the whole intake: any order, delay, portions and repetitions of a stream open what a replay in memory opens."""

import itertools
import json
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.models import Alert, Device
from hazard_flow.telemetry.replay import Series, Spot, replay
from hazard_flow.telemetry.rulefile import shipped_rules
from tests.schedule.databases import build as build_tables
from tests.telemetry.city import START, City, build

#: silence is told by the clock of receipt, which a shuffle changes; it has its own tests
RULES = replace(shipped_rules(), no_data=())
#: four devices at two sites
PLACES = {"a": 0, "b": 0, "c": 0, "d": 1}
QUANTITIES = {"a": "ch4_lel", "b": "ch4_lel", "c": "pressure", "d": "ch4_lel"}
VALUES = {
    "ch4_lel": st.sampled_from([0.0, 12.0, 16.0, 19.0, 21.0, 26.0, 44.0, 51.0, 75.0, 100.0]),
    "pressure": st.sampled_from([300.0, 290.0, 265.0, 230.0]),
}
EVERY_SECONDS = 60


@dataclass(frozen=True)
class Point:
    """One sample of a device, minutes after the start."""

    device: str
    minute: float
    value: float


@st.composite
def points(draw: st.DrawFn) -> list[Point]:
    """Runs of samples a minute apart, with holes between them."""
    found: dict[tuple[str, float], Point] = {}
    for device in draw(st.lists(st.sampled_from(sorted(PLACES)), min_size=1, max_size=6)):
        begin = draw(st.integers(0, 60))
        for offset, value in enumerate(draw(st.lists(VALUES[QUANTITIES[device]], min_size=1, max_size=8))):
            minute = begin + offset
            found[device, minute] = Point(device, minute, value)
    return list(found.values())


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Point], list[list[Point]]]:
    """A stream, and the batches it arrives in: shuffled, cut anywhere, some of it twice."""
    stream = draw(points())
    twice = draw(st.lists(st.sampled_from(stream), max_size=5))
    order = draw(st.permutations([*stream, *twice]))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=5)))
    return stream, [list(order[a:b]) for a, b in itertools.pairwise([0, *cuts, len(order)])]


class Town:
    """One database for all examples; each example has sites and devices of its own."""

    def __init__(self, path: Path) -> None:
        url = f"sqlite:///{path / 'town.db'}"
        build_tables(url)
        self.city: City = build(Database(make_engine(url)))
        self._numbers = itertools.count()

    def live(self, batches: list[list[Point]]) -> tuple[Any, Any]:
        """Hazards and alerts after the batches came in, one an evaluation."""
        city, number = self.city, next(self._numbers)
        names = [f"W{number}-{place}" for place in (0, 1)]
        for place, name in enumerate(names):
            city.site(name, *(f"{name}-{device}" for device, at in PLACES.items() if at == place))
        city.expect(EVERY_SECONDS, *(f"{names[at]}-{device}" for device, at in PLACES.items()))
        city.now = START + timedelta(hours=2)
        for batch in batches:
            city.deliver_all([self._message(names[PLACES[point.device]], point) for point in batch])
            city.pass_time(seconds=5)
            city.drain(rules=RULES)
        city.now = START + timedelta(hours=4)
        city.sweep(rules=RULES)
        return self._found(names)

    def _message(self, site: str, point: Point) -> tuple[str, bytes]:
        stamp = (START + timedelta(minutes=point.minute)).isoformat()
        body = {"id": f"{point.minute}", "ts": stamp, "m": {QUANTITIES[point.device]: point.value}}
        return f"gas/t/{site}/{site}-{point.device}/telemetry", json.dumps(body).encode()

    def _found(self, names: list[str]) -> tuple[Any, Any]:
        with self.city.database.reading(SYSTEM) as session:
            sites = {self._site_id(session, name): place for place, name in enumerate(names)}
            hazards = session.execute(
                sa.select(Hazard.asset_id, Hazard.family, Hazard.alarm_level).where(
                    Hazard.asset_id.in_(sites)
                )
            )
            alerts = session.execute(
                sa.select(Alert, Device.code)
                .outerjoin(Device, Device.id == Alert.device_id)
                .where(Alert.site_id.in_(sites), Alert.merged_into_id.is_(None))
            )
            return (
                sorted((sites[site], family, level or 0) for site, family, level in hazards),
                sorted(
                    (
                        alert.rule,
                        code.split("-")[-1] if code else str(sites[alert.site_id]),
                        alert.started_at,
                        alert.normal_at if alert.condition == "normal" else None,
                        alert.level,
                        alert.peak_level,
                    )
                    for alert, code in alerts
                ),
            )

    def _site_id(self, session: Any, code: str) -> uuid.UUID:
        from hazard_flow.assets.models import Asset

        found = session.scalars(sa.select(Asset.id).where(Asset.code == code)).one()
        assert isinstance(found, uuid.UUID)
        return found


def replayed(stream: list[Point]) -> tuple[Any, Any]:
    """Hazards and alerts of the same stream in memory."""
    spots = {
        device: Spot(str(place), expect_every=timedelta(seconds=EVERY_SECONDS))
        for device, place in PLACES.items()
    }
    series = []
    for device in PLACES:
        mine = sorted((p for p in stream if p.device == device), key=lambda p: p.minute)
        instants = [(START + timedelta(minutes=p.minute)).timestamp() for p in mine]
        series.append(Series(device, QUANTITIES[device], instants, [p.value for p in mine]))
    found = replay(RULES, spots, series, until=START + timedelta(hours=4))
    hazards = sorted(
        (int(one.site), one.family, one.peak_level if one.alert_class != "sensor_fault" else 0)
        for one in found.openings
    )
    return hazards, sorted(
        (one.rule, one.subject, one.started_at, one.normal_at, one.level, one.peak_level)
        for one in found.episodes
    )


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Built once: every example has places of its own in it."""
    return Town(tmp_path_factory.mktemp("town"))


def check(town: Town, delivered: tuple[list[Point], list[list[Point]]]) -> None:
    stream, batches = delivered
    assert town.live(batches) == replayed(stream)


@given(deliveries())
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_law_3_any_delivery_of_a_stream_opens_what_its_replay_opens(town: Town, delivered: Any) -> None:
    check(town, delivered)


@pytest.mark.soak
@pytest.mark.timeout(7_200)
@given(deliveries())
@settings(max_examples=500, suppress_health_check=list(HealthCheck))
def test_law_3_five_hundred_deliveries(town: Town, delivered: Any) -> None:
    check(town, delivered)
