"""Laws of the desk, whatever people, detectors and time do: nothing is hidden for ever, level 2 never, no alert is forgotten."""

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazard_flow.errors import Conflict, Refused
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.desk.rules import desk_rules
from hazard_flow.timers.engine import tick
from tests.schedule.databases import build as build_tables
from tests.telemetry.city import build
from tests.telemetry.desk_city import DeskCity, open_desk

DEVICES = ("G-101", "G-900")
ACTS = {
    "acknowledge": {},
    "respond": {"note": "北片班到场"},
    "feed_back": {"cause": "biogas", "reading": "1.2", "unit": "%LEL"},
    "archive": {},
    "hide": {"kind": "shelved", "reason": "井内沼气", "hours": 2},
    "show": {},
}
moves = st.one_of(
    st.tuples(st.just("speak"), st.sampled_from(DEVICES), st.sampled_from((2.0, 30.0, 60.0))),
    st.tuples(st.just("act"), st.sampled_from(DEVICES), st.sampled_from(sorted(ACTS))),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from((3, 14, 130))),
)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], DeskCity]:
    """The same desk before anything happened, each time; made once, because passwords are dear."""
    template = tmp_path_factory.mktemp("desk") / "template.db"
    build_tables(f"sqlite:///{template}")
    first = open_desk(build(Database(make_engine(f"sqlite:///{template}"))))
    first.city.database.dispose()

    def make() -> DeskCity:
        place = Path(tmp_path_factory.mktemp("example")) / "city.db"
        shutil.copy(template, place)
        database = Database(make_engine(f"sqlite:///{place}"))
        database.info = first.city.database.info
        return replace(first, city=replace(first.city, database=database))

    return make


@pytest.mark.soak
@settings(max_examples=8)
@given(walk=st.lists(moves, min_size=3, max_size=9))
def test_the_laws_hold_on_any_walk(
    fresh: Callable[[], DeskCity], walk: list[tuple[str, str, object]]
) -> None:
    desk = fresh()
    try:
        for move in walk:
            step(desk, *move)
            assert broken(desk) == []
        desk.tick(hours=3)  # longer than anything here is shelved for
        assert [one for one in desk.hidings() if one.ended_at is None] == []
    finally:
        desk.city.database.dispose()


def step(desk: DeskCity, kind: str, device: str, what: object) -> None:
    """A detector speaks, somebody tries something, or time goes by."""
    if kind == "speak":
        desk.city.measure(device, *[what] * 3, site="VW-9" if device == "G-900" else "VW-1")  # type: ignore[list-item]
        desk.city.drain()
    elif kind == "wait":
        desk.tick(minutes=what)  # type: ignore[arg-type]
    else:
        act(desk, device, str(what))


def act(desk: DeskCity, device: str, what: str) -> None:
    """Somebody tries; the desk may say no."""
    mine = [one for one in desk.city.alerts() if one.device_id == desk.city.devices()[device].id]
    if mine:
        try:
            desk.do(what, mine[-1], **ACTS[what])
        except (Conflict, Refused):
            return


def broken(desk: DeskCity) -> list[str]:
    """The laws that do not hold now."""
    found = []
    listed, hidden = set(desk.listed()), set(desk.listed("hidden"))
    rows = [desk.row(one) for one in desk.city.alerts()]
    for row in rows:
        name = f"{row.alert.id} level {row.alert.level}"
        firing, loud = row.standing.is_firing, row.standing.is_loud
        if firing and loud and row.alert.id not in listed:
            found.append(f"L10 {name} fires and is not listed")
        if firing and row.alert.id not in listed | hidden:
            found.append(f"{name} fires and stands nowhere")
        if row.alert.id in listed and not row.duty.is_asked and not row.standing.is_acknowledged:
            found.append(f"{name} is listed, and nobody is asked")
        if (
            row.hiding is not None
            and row.hiding.until_at - row.hiding.since_at > desk_rules().hide_max["shelved"]
        ):
            found.append(f"L7 {name} is hidden for too long")
        if row.alert.id in hidden and (row.hiding is None or not row.hiding.reason):
            found.append(f"L7 {name} is hidden by nobody")
        if row.standing.is_archived and (firing or row.duty.judged_by is None):
            found.append(f"{name} is archived too soon")
        if row.alert.hazard_id is None and firing:
            found.append(f"{name} has no hazard")
    if len([one for one in desk.missed() if one.closed_at is None]) > 1:
        found.append("two hazards of the operator for what nobody heard")
    if [one for one in desk.city.hazards() if one.closed_at is not None]:
        found.append("L5 something was closed")
    return found


def test_two_workers_at_once_open_one_hazard(desk: DeskCity) -> None:
    for device in ("G-101", "G-900", "G-102"):
        desk.alarm(device)
    desk.city.pass_time(minutes=20)
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        done = tick(desk.city.database, desk.now, handlers=desk.handlers, batch=1)
        assert (done.parked, done.failed) == (0, ())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(desk.missed()) == 1
    assert [desk.row(desk.alert(device)).duty.misses for device in ("G-101", "G-900", "G-102")] == [1, 1, 1]
