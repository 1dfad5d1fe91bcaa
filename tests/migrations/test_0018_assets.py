"""Assets get a shape, details and a label, and keep everything they had, there and back."""

import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.storage import migrate
from tests.harness.city import City


def as_stored(city: City) -> dict[str, tuple[object, ...]]:
    return {
        asset.code: (asset.id, asset.kind, asset.name_zh, asset.lon, asset.lat, asset.crs, asset.created_at)
        for asset in city.all(sa.select(Asset))
    }


def test_assets_stay_through_the_change_and_back(city: City):
    before = as_stored(city)
    assert before
    city.database.dispose()

    migrate.downgrade(city.owner_url, "0017")
    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    assert migrate.differences(city.owner_url) == []
    assert as_stored(city) == before
    assets = city.all(sa.select(Asset))
    assert all((a.west, a.south, a.east, a.north) == (a.lon, a.lat, a.lon, a.lat) for a in assets)
    assert all((a.details, a.geometry, a.version, a.ended_at) == ({}, None, 1, None) for a in assets)
    labels = [a.label_key for a in assets]
    assert len(set(labels)) == len(labels)
    assert all(len(one) == 16 for one in labels)
