"""A hazard's page as one person reads it, drawn without a browser."""

from dataclasses import replace

from hazard_flow.hazards.actions import action_forms, allowed
from hazard_flow.hazards.case import Reader, case
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.photographs import pieces
from hazard_flow.hazards.queries import by_number
from hazard_flow.hazards.views import HazardPage
from tests.harness.city import City


def page(city: City, name: str, hazard: Hazard, locale: str = "zh") -> HazardPage:
    """Everything but the panels of other features."""
    actor = city.actor(name)
    with city.database.reading(actor.scope) as session:
        found = by_number(session, hazard.number)
        judged = allowed(session, found, actor, now=city.now)
        drawn = case(session, found, Reader(actor, locale, city.now), judged)
        forms = action_forms(
            session,
            drawn.words,
            found,
            judged,
            now=city.now,
            pieces=pieces(drawn.page),
            matters=drawn.page.matters,
        )
        return replace(drawn.page, actions=forms)


def keys(forms) -> list[str]:
    """The acts of forms, in order."""
    return [one.action for one in forms]


def entry(page: HazardPage, title: str):
    """The newest line of the record with this title."""
    return next(one for one in page.timeline if one.title == title)
