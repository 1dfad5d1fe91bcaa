"""The curve of a hazard, read and drawn: for its page and its closure file."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.hazards.rules import rules_of
from hazard_flow.telemetry import curve
from hazard_flow.telemetry.queries import Alarm
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Threshold, speaks_of_gas
from hazard_flow.telemetry.windows import samples_of


def curve_of(
    session: Session, hazard_id: uuid.UUID, alarms: Sequence[Alarm], *, known_by: datetime | None = None
) -> tuple[Threshold | None, curve.Curve | None]:
    """The rule behind the first gas alarm of a hazard and the curve around it; None where there is no rule or nothing was measured.

    `known_by`: as it was known then, whatever came later.
    """
    rules = shipped_rules()
    alarms = [alarm for alarm in alarms if known_by is None or alarm.raised_at <= known_by]
    gas = [alarm for alarm in alarms if speaks_of_gas(alarm.alert_class)] or alarms
    rule = rules.watch_of(gas[0].family) if gas else None
    if rule is None:
        return None, None
    first = gas[0]
    names = {alarm.device_id: alarm.device for alarm in gas if alarm.device_id is not None}
    samples = samples_of(
        session,
        hazard_id,
        names,
        rule.quantity,
        since=first.started_at - curve.AROUND,
        until=first.started_at + curve.AROUND,
        known_by=known_by,
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
