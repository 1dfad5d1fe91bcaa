"""Rounds to look at: a walked line with its track, wells with a finding and doubts, one missed, one to be signed off."""

from datetime import timedelta

from hazard_flow.clock import SystemClock
from hazard_flow.inspections import making
from tests.harness.city import City
from tests.harness.founding import ZONE
from tests.harness.rounds import TEAM, hand_in, of_today, paper, pipe, plan, walk

WEST = [(119.400, 32.3000), (119.400, 32.3040), (119.4052, 32.3040)]
EAST = [(119.4052, 32.3040), (119.4052, 32.3085), (119.4110, 32.3085)]


def fill(city: City) -> dict[str, str]:
    """The scene, once a city; ids by what they show."""
    first, second = pipe(city, "P-WEST", WEST), pipe(city, "P-EAST", EAST)
    plan(
        city,
        "东风路巡线",
        name_en="Patrol of Dongfeng Road",
        line="pipeline_patrol",
        checklist="pipeline_patrol",
        assets=[first, second],
        unit=TEAM,
    )
    plan(city, "青梧路阀井周检", name_en="Wells of Qingwu Road", assets=["VW-1"], needs_sign_off=True)
    kept = plan(
        city,
        "调压箱季检",
        name_en="Regulators by colour",
        rule="",
        assets=["VW-1"],
        line="valves",
        checklist="valve_exercise",
    )
    plan(city, "班组共管阀井", name_en="Wells of the team", assets=["VW-1"], who=None)
    making.make(city.database, SystemClock(), ZONE)
    patrol, wells = of_today(city, "东风路巡线"), of_today(city, "青梧路阀井周检")
    begun = city.now - timedelta(minutes=55)
    way = walk(begun, [*WEST, *EAST[1:2]], kmh=5)
    way += walk(way[-1].at + timedelta(seconds=5), EAST[1:], kmh=40)
    hand_in(
        city,
        patrol,
        paper(
            city,
            patrol,
            minutes=56,
            track=way,
            failed=["digging"],
            places=[(first, 119.4005, 32.3035), (second, 119.4060, 32.3080)],
        ),
    )
    far = paper(
        city, wells, failed={"water": "no", "gas": "35"}, places=[(city.founded.assets["VW-1"], 119.41, 32.4)]
    )
    hand_in(city, wells, far)
    return {
        "patrol": str(patrol.id),
        "wells": str(wells.id),
        "open": str(of_today(city, "班组共管阀井").id),
        "plan": str(kept.id),
    }
