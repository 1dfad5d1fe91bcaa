"""What a closure file tells of the way to the closing: only what there was."""

from hazard_flow.hazards.models import Hazard
from hazard_flow.reports import process
from hazard_flow.reports.gather import read
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City, city, place

__all__ = ["city", "place"]


def limits(city: City, hazard: Hazard) -> set[str]:
    with city.database.reading(SYSTEM) as session:
        return {limit.label.zh for limit in process.limits(read(session, hazard.id))}


def test_a_time_limit_that_never_ran_is_not_in_the_file(city: City) -> None:
    hazard = city.bring_to(city.report(), "closed")

    assert "书面告知用户时限" not in limits(city, hazard)
    assert "整改时限" in limits(city, hazard)


def test_one_that_ran_is(city: City) -> None:
    hazard = city.report("地下室使用液化气", catalogue_code="RES-M01", source="household_check")
    assert "written_notice" in city.timers(hazard)

    assert "书面告知用户时限" in limits(city, hazard)
