"""Originality of evidence: on the way back flags are forgotten and evidence is not; forward again everything is examined anew."""

import sqlalchemy as sa

from hazard_flow.hazards.originality.models import OriginalityOrder
from hazard_flow.storage import migrate
from tests.harness.city import City
from tests.harness.inspecting import doubts, examine, take
from tests.harness.scenes import jpeg, scene


def test_what_was_handed_in_before_is_examined_as_well(city: City):
    first = city.report(evidence=[take(city, jpeg(scene("gate")))])
    city.fast_forward(hours=1)
    second = city.report(evidence=[take(city, jpeg(scene("gate"), quality=60))])
    examine(city)
    kept = [e.sha256 for e in city.evidence(second)]
    city.database.dispose()

    migrate.downgrade(city.owner_url, "0006")
    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    assert migrate.differences(city.owner_url) == []
    assert [e.sha256 for e in city.evidence(second)] == kept
    assert doubts(city, second) == {}
    orders = city.all(sa.select(OriginalityOrder))
    assert {(o.hazard_id, o.event_seq) for o in orders} == {(first.id, 1), (second.id, 1)}
    assert examine(city) == 2
    assert set(doubts(city, second)) == {"reused_near"}
    assert doubts(city, first) == {}
