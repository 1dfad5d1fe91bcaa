"""What telemetry shows on other people's pages: the alarms of a hazard with the curve around the first of them."""

from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.telemetry.drawing import curve_of
from hazard_flow.telemetry.queries import alarms_of
from hazard_flow.telemetry.rulefile import shipped_rules

#: rows shown; the record names every alarm
ALARMS_SHOWN = 8


def hazard_panel(session: Session, _actor: Actor, subject: Any, _locale: str) -> Markup | None:
    """The telemetry card of a hazard's page; None where no alarm belongs to the hazard."""
    assert isinstance(subject, Hazard)
    alarms = alarms_of(session, subject.id)
    if not alarms:
        return None
    rule, drawn = curve_of(session, subject.id, alarms)
    newest_first = sorted(alarms, key=lambda alarm: alarm.raised_at, reverse=True)
    drawn_html = render_template(
        "telemetry/hazard_panel.html",
        alarms=newest_first[:ALARMS_SHOWN],
        more=max(0, len(alarms) - ALARMS_SHOWN),
        curve=drawn,
        rule=rule,
        rules_version=shipped_rules().version,
        devices=list(dict.fromkeys(alarm.device for alarm in alarms if alarm.device)),
    )
    return Markup(drawn_html)  # noqa: S704 - our own template, which escapes
