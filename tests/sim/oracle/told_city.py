"""A scripted history with a little of everything, and its log: for judging the oracle itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from obstore.store import MemoryStore

from hazard_flow.evidence.store import Store
from hazard_flow.hazards import escalation
from hazard_flow.timers.handlers import Handlers, TimerHandler
from tests.harness import founding
from tests.harness.city import City
from tests.sim.diary import Diary
from tests.sim.log import Log, export


@contextmanager
def city_in(folder: Path) -> Iterator[City]:
    """A city in a file of its own in an empty folder."""
    (folder / "templates").mkdir()
    for database, founded, owner_url in founding.on_sqlite(folder, folder / "templates"):
        yield City(database, founded, owner_url=owner_url, store=Store(MemoryStore()))


def told(city: City) -> Log:
    """The log of a fortnight: limits kept and missed, an outage, time given, work failed, a major, a protected report, two parted."""
    diary = _watch(city)
    diary.people(city.now - timedelta(days=1), city.database)
    usual, idle = city.report(), city.report("调压箱锈蚀漏气", by="郑巡检", suspected_urgency="B")
    city.control(usual)
    city.fast_forward(hours=2)
    hidden, major = city.report_protected(), city.report("燃气管道被占压", by="赵经理", major=True)
    late = city.report("地下室内使用液化气灶具", catalogue_code="RES-M01", source="household_check")
    city.request_lowering(late)
    city.control(major)
    city.assign(usual)
    city.accept(usual)
    city.fast_forward(hours=20)
    city.take_up(hidden)
    city.assign(major)
    city.outage(days=2, hours=1)
    city.acknowledge(idle, by="何安全")
    city.accept(major)
    city.approve_plan(major)
    city.split(idle)
    city.progress(usual, percent=60)
    city.request_extension(usual, days=15)
    city.decide_extension(usual)
    city.fast_forward(days=8)
    city.submit(usual)
    city.fail(usual)
    city.outage(days=5)
    city.submit(usual)
    city.verify(usual)
    city.lift_control(usual)
    city.fast_forward(hours=30)
    city.close(usual)
    city.merge(idle, hidden)
    return export(city.database, diary)


def _watch(city: City) -> Diary:
    """The city's workers write down whenever they look."""
    diary = Diary()

    def claim(session, now, limit):  # type: ignore[no-untyped-def]
        diary.tick(now)
        return escalation.claim(session, now, limit)

    city.handlers = Handlers([TimerHandler("hazard", claim, escalation.fire)])
    return diary
