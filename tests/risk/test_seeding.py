"""A first register out of the library: graded as the library says, once for each asset."""

import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.risk.library import ACCIDENTS, CATEGORIES, library
from hazard_flow.risk.seeding import seed
from hazard_flow.storage.scope import SYSTEM
from tests.harness import risks
from tests.harness.city import City
from tests.harness.founding import ZONE


def grow(city: City) -> int:
    with city.database.transaction(SYSTEM) as session:
        assets = session.scalars(sa.select(Asset).order_by(Asset.code)).all()
        return len(seed(session, assets, now=city.now, zone=ZONE, who={"phone": "0000-8888110"}))


def test_each_asset_gets_a_point_with_its_chain_once(city: City):
    assert grow(city) == 3
    assert grow(city) == 0
    point = risks.look(city, "FX-VW-1")
    assert (point.inherent, point.residual, point.dynamic) == ("yellow", "blue", "blue")
    assert len(risks.measures(city, "FX-VW-1")) == 3


def test_the_library_holds_the_seed_list_with_its_grades_and_marks():
    #: domain 4.4, by hand
    by_hand = {
        "steel_pipe_defects": "orange", "steel_pipe_surroundings": "yellow", "pe_third_party": "red", "valve_passing": "yellow",
        "well_flooded": "yellow", "tank_accessories": "red", "tank_body": "red", "non_ex_electrical": "red", "fire_equipment": "orange",
        "regulator_over_pressure": "red", "filter_blocked": "yellow", "loading_earthing": "red", "home_hose": "orange",
        "appliance_expired": "yellow", "commercial_alarm": "red", "cylinder_room": "orange", "industrial_flame": "red",
        "third_party_construction": "red", "repair_ignition": "red",
    }  # fmt: skip
    found = library().risks
    assert {key: risk.colour for key, risk in found.items()} == by_hand
    assert {risk.mark for risk in found.values()} == {"V2"}
    assert all(
        risk.measures and risk.category in CATEGORIES and set(risk.accidents) <= set(ACCIDENTS)
        for risk in found.values()
    )
