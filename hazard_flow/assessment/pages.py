"""What is concluded, as pieces of other features' pages."""

from typing import Any

from flask import Blueprint, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.assessment.links import linked
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.web.context import now

blueprint = Blueprint("assessment", __name__, template_folder="templates")


def risk_panel(session: Session, actor: Actor, _subject: Any, _locale: str) -> Markup | None:
    """How well hazards name their risk point and the measure that failed; None where none could."""
    if not may(actor, "hazards.read"):
        return None
    found = linked(session, now())
    if not found.hazards:
        return None
    return Markup(render_template("assessment/links.html", found=found))  # noqa: S704 - our own template, which escapes
