"""What telemetry shows on other people's pages: the alarms of a hazard with the curve around the first of them."""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.telemetry import curve
from hazard_flow.telemetry.queries import Alarm, alarms_of, samples_between
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Threshold, speaks_of_gas

#: rows shown; the record names every alarm
ALARMS_SHOWN = 8


def hazard_panel(session: Session, _actor: Actor, subject: Any, _locale: str) -> Markup | None:
    """The telemetry card of a hazard's page; None where no alarm belongs to the hazard."""
    assert isinstance(subject, Hazard)
    alarms = alarms_of(session, subject.id)
    if not alarms:
        return None
    rule, drawn = _curve(session, alarms)
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


def _curve(session: Session, alarms: Sequence[Alarm]) -> tuple[Threshold | None, curve.Curve | None]:
    rules = shipped_rules()
    gas = [alarm for alarm in alarms if speaks_of_gas(alarm.alert_class)] or list(alarms)
    first = gas[0]
    rule = rules.watch_of(first.family)
    if rule is None:
        return None, None
    names = {alarm.device_id: alarm.device for alarm in gas if alarm.device_id is not None}
    samples = samples_between(
        session,
        names,
        rule.quantity,
        since=first.started_at - curve.AROUND,
        until=first.started_at + curve.AROUND,
    )
    drawn = curve.draw(
        {names[device_id]: series for device_id, series in samples.items()},
        rule=rule,
        quantity=rules.quantities[rule.quantity],
        centre=first.started_at,
        alarms=[(alarm.started_at, alarm.peak_level) for alarm in gas],
        zone=rules_of(session).zone,
    )
    return rule, drawn
