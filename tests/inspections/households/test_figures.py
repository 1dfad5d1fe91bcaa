"""What the lines and indicators say of household checks, counted by hand."""

from datetime import timedelta

from hazard_flow.inspections.households.figures import figures, indicators
from hazard_flow.storage.scope import SYSTEM
from tests.harness.calling import LAT, LON, call, household, settle_in, today
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City


def lines(city: City, days: int = 0):
    home = city.founded.units[HENGCHUAN]
    with city.database.reading(SYSTEM) as session:
        found = figures(
            session, [home], today(city) - timedelta(days=120), today(city) + timedelta(days=days)
        )
    return {one.line: one for one in found[home]}


def test_due_done_late_void_and_missed(city: City):
    # 800 days ago with 730 days to go: due 70 days ago
    settle_in(city, "R-1", "R-2", "R-3", "R-4", "R-5")
    settle_in(city, "R-6", entered=city.now - timedelta(days=731 - 3))
    settle_in(city, "B-1", user_type="commercial", building="听潮路 3 号")
    call(city, "R-1", answers={"hose_length": "3"})
    city.fast_forward(minutes=30)
    call(city, "R-2", where=(LON + 0.01, LAT))
    city.fast_forward(minutes=30)
    call(city, "R-3", "vacant")
    city.fast_forward(minutes=30)
    call(city, "R-6")
    found = lines(city, days=5)

    homes = found["households"]
    # R-3 is owed nothing while nobody lives there
    assert (homes.due, homes.done, homes.on_time, homes.invalid, homes.findings) == (5, 2, 1, 1, 1)
    assert homes.missed == 2
    # a non-resident entered 800 days ago was due 70 days before the span began
    assert found["commercial"].due == 0


def test_the_sums_of_the_indicators(city: City):
    settle_in(city, "R-1", "R-2", "R-3")
    call(city, "R-1")
    city.fast_forward(minutes=30)
    call(city, "R-2", "absent")
    home = city.founded.units[HENGCHUAN]

    with city.database.reading(SYSTEM) as session:
        one = indicators(session, [home], today(city) - timedelta(days=120), today(city))[home]

    assert (one.checked, one.due, one.entered, one.tried) == (1, 3, 1, 2)
    assert household(city, "R-1").due_on > today(city)
