"""What other pages show of rounds: a card of the home page, panels of a hazard and an asset, the number in the rail."""

from datetime import date
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.inspections import operations, planning, queries, shown
from hazard_flow.inspections.queries import Wanted
from hazard_flow.web.context import kernel, now
from hazard_flow.web.locale import say

READ = "rounds.read"
PANEL_MAX, TILE_MAX = 8, 6


def home_tile(session: Session, actor: Actor, _subject: Any, locale: str) -> Markup | None:
    """What a person still owes of today, on their home page; None for whoever goes round nothing."""
    if actor.id is None or not may(actor, operations.DO):
        return None
    wanted = Wanted(standing=queries.ON_PLAN, until=_today(), mine=actor.id)
    found = queries.span(session, wanted, most=TILE_MAX + 1)
    if not found:
        return None
    rows = shown.lines(session, found[:TILE_MAX], locale=locale, now=now())
    drawn = render_template("rounds/tile.html", rows=rows, is_more=len(found) > TILE_MAX)
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def hazard_panel(session: Session, actor: Actor, subject: Any, locale: str) -> Markup | None:
    """The rounds that found a hazard, on its page; None where none did."""
    assert isinstance(subject, Hazard)
    found = queries.of_hazard(session, subject.id, most=PANEL_MAX) if may(actor, READ) else []
    if not found:
        return None
    rows = shown.lines(session, [one for one, _ in found], locale=locale, now=now())
    drawn = render_template("rounds/panel.html", rows=rows, title=say("rounds.panel.hazard"), plan_href="")
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def asset_panel(session: Session, actor: Actor, subject: Any, locale: str) -> Markup | None:
    """The rounds that go to an asset, on its page; where none does, a leader is shown the way to plan one."""
    assert isinstance(subject, Asset)
    if not may(actor, READ):
        return None
    found = queries.of_asset(session, subject.id, most=PANEL_MAX)
    may_plan = may(actor, planning.RIGHT)
    if not found and not may_plan:
        return None
    rows = shown.lines(session, found, locale=locale, now=now())
    drawn = render_template(
        "rounds/panel.html",
        rows=rows,
        title=say("rounds.panel.asset"),
        plan_href=f"/rounds/plans/new?asset={subject.code}" if may_plan and not found else "",
    )
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def owed(session: Session, actor: Actor) -> int:
    """How many rounds of today and before a person still owes: the number in the rail."""
    if actor.id is None or not may(actor, operations.DO):
        return 0
    counts = queries.counts(session, Wanted(standing=queries.ON_PLAN, until=_today(), mine=actor.id))
    return counts.due


def _today() -> date:
    return now().astimezone(kernel().settings.zone).date()
