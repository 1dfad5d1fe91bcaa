"""The radar as somebody of the city sees it, and the ways of working that trip it or do not."""

from typing import Any

from hazard_flow.assessment.radar import queries
from hazard_flow.assessment.radar.asking import Asked, reach
from hazard_flow.assessment.radar.findings import Finding
from hazard_flow.assessment.radar.queries import Seen
from hazard_flow.assessment.radar.rules import radar_rules
from hazard_flow.hazards.models import Hazard
from tests.harness.city import City
from tests.harness.forms import GENERAL_BASIS
from tests.harness.founding import ZONE


def look(city: City, who: str = "唐监管", *, days: int = 90) -> Seen:
    actor = city.actor(who)
    asked = Asked(radar_rules(), reach(actor), city.now, ZONE, days)
    with city.database.reading(actor.scope) as session:
        return queries.look(session, asked)


def found(city: City, signal: str, who: str = "唐监管", *, days: int = 90) -> list[Finding]:
    return look(city, who, days=days).findings[signal]


def numbers(findings: list[Finding]) -> set[str]:
    return {case.number for one in findings for case in one.cases}


def quickly(city: City, *, code: str = GENERAL_BASIS, **given: Any) -> Hazard:
    """From report to closing within a moment."""
    hazard = begun(city, code=code, **given)
    for step in (city.submit, city.verify, city.close):
        step(hazard)
    return city.look(hazard)


def honestly(city: City, *, code: str = GENERAL_BASIS, **given: Any) -> Hazard:
    """Found, mended over a day, looked at again the next, then closed."""
    hazard = begun(city, code=code, **given)
    city.fast_forward(hours=20)
    city.submit(hazard)
    city.fast_forward(hours=5)
    city.verify(hazard)
    city.fast_forward(hours=1)
    city.close(hazard)
    return city.look(hazard)


def begun(city: City, *, code: str, **given: Any) -> Hazard:
    """Reported, classified under a code of the catalogue, accepted."""
    hazard = city.report(**given)
    city.assign(hazard, basis=[code])
    city.accept(hazard)
    return hazard
