"""Assets: one code within an enterprise, seen by its people and its regulators."""

import pytest

from hazard_flow.assets import operations, queries
from hazard_flow.errors import Conflict, Refused
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.refusals import said

NAME = Label(zh="新阀井", en="New well")


def add(city: City, code: str, unit: str = "运行一班", **given):
    filled = {"kind": "valve_well", "label": NAME, "now": city.now, **given}
    with city.database.transaction(SYSTEM) as session:
        owner = session.get_one(Organisation, city.founded.units[unit])
        return operations.add_asset(session, organisation=owner, code=code, **filled)


@pytest.mark.parametrize(
    ("who", "codes"),
    [
        ("李巡检", ["VW-1", "VW-9"]),
        ("何安全", ["VW-1", "VW-9"]),
        ("孙巡检", ["AP-1"]),
        ("唐监管", ["VW-1", "VW-9"]),
        ("方监管", ["AP-1"]),
        ("陈处长", ["AP-1", "VW-1", "VW-9"]),
    ],
)
def test_who_sees_which(city: City, who: str, codes: list[str]):
    with city.database.reading(city.actor(who).scope) as session:
        assert [asset.code for asset in queries.choices(session)] == codes
        assert sorted(a.code for a in queries.page(session, cursor=None, limit=50).items) == codes
        foreign = queries.by_id(session, city.founded.assets["AP-1" if "VW-1" in codes else "VW-1"])
        assert (foreign is None) == (len(codes) < 3)


def test_a_code_is_unique_within_the_enterprise_only(city: City):
    add(city, "AP-1")
    with pytest.raises(Conflict) as refusal:
        add(city, "VW-9")

    assert said(refusal) == {("code", "taken")}


def test_everything_wrong_is_listed(city: City):
    with pytest.raises(Refused) as refusal:
        add(city, "X", kind="castle", lon=181, lat=-91)

    assert said(refusal) == {("kind", "unknown_choice"), ("lon", "out_of_range"), ("lat", "out_of_range")}


@pytest.mark.parametrize(
    ("q", "codes"), [("听潮", ["VW-9"]), ("Qingwu", ["VW-1"]), ("VW", ["VW-1", "VW-9"]), ("%", [])]
)
def test_searching(city: City, q: str, codes: list[str]):
    with city.database.reading(city.actor("何安全").scope) as session:
        assert sorted(a.code for a in queries.page(session, cursor=None, limit=50, q=q).items) == codes


def test_a_hazard_at_an_asset_takes_its_place(city: City):
    hazard = city.report(by="王班长", asset="VW-9", place="")

    assert (hazard.place, hazard.lon, hazard.lat, hazard.crs) == ("听潮路 12 号", 119.4, 32.4, "WGS84")
    assert hazard.path == city.founded.paths["运行二班"]


def test_a_foreign_asset_is_unknown(city: City):
    with pytest.raises(Refused) as refusal:
        city.report(asset="AP-1")

    assert said(refusal) == {("asset_id", "unknown_asset")}
