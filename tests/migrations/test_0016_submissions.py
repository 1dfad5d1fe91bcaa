"""Declared evidence: what was received before is received after, and on the way back nothing that is in a hazard is forgotten."""

from hazard_flow.storage import migrate
from tests.harness.city import City
from tests.harness.declaring import arrive, declared


def test_evidence_stays_through_the_change_and_back(city: City):
    whole = city.report()
    piece = declared(city)
    waiting = city.report(evidence=[piece.item])
    arrive(city, waiting, piece, "display")
    kept = [[e.sha256 for e in city.evidence(hazard)] for hazard in (whole, waiting)]
    city.database.dispose()

    migrate.downgrade(city.owner_url, "0015")
    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    assert migrate.differences(city.owner_url) == []
    assert [[e.sha256 for e in city.evidence(hazard)] for hazard in (whole, waiting)] == kept
    assert not any(e.is_declared for hazard in (whole, waiting) for e in city.evidence(hazard))
