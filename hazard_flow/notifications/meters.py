"""Figures about messages for `/metrics`: what waits, what was given up, what went out by which channel, what people carry by hand."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy.orm import Session

from hazard_flow.notifications.models import Errand
from hazard_flow.schedule.models import Outbox
from hazard_flow.schedule.pulse import totals
from hazard_flow.schedule.queries import is_dead, outbox_age

_OUTCOMES = ("sent", "handed", "dropped", "failed", "retried")


def message_figures(session: Session, now: datetime) -> Iterator[Metric]:
    """Gauges are read from the rows and exact; counters are as of the workers' last pulses."""
    age = outbox_age(session, now)
    yield GaugeMetricFamily(
        "hazard_flow_outbox_age_seconds",
        "How long ago the oldest message still to be sent was written",
        value=age.total_seconds() if age else 0.0,
    )
    yield _by_channel(
        session,
        "hazard_flow_messages_pending",
        "Messages still to be sent, by the ladder's word",
        Outbox.state == "pending",
    )
    yield _by_channel(
        session,
        "hazard_flow_messages_failed",
        "Messages given up and not yet settled by anybody",
        is_dead(),
    )
    deliveries = CounterMetricFamily(
        "hazard_flow_deliveries", "Messages by channel and outcome", labels=["channel", "outcome"]
    )
    for name, number in sorted(totals(session).items()):
        outcome, _, channel = name.partition(".")
        if outcome in _OUTCOMES and channel:
            deliveries.add_metric([channel, outcome], number)
    yield deliveries


def errand_figures(session: Session, now: datetime) -> Iterator[Metric]:
    """What the duty desk has still to carry, and what of it is late."""
    families = [
        GaugeMetricFamily("hazard_flow_errands_open", "Calls and letters to be carried", labels=["channel"]),
        GaugeMetricFamily("hazard_flow_errands_late", "Of these, past their time", labels=["channel"]),
    ]
    late = sa.func.sum(sa.case((Errand.due_at < now, 1), else_=0))
    rows = session.execute(
        sa.select(Errand.channel, sa.func.count(), late)
        .where(Errand.state == "open")
        .group_by(Errand.channel)
        .order_by(Errand.channel)
    )
    for channel, *numbers in rows:
        for family, number in zip(families, numbers, strict=True):
            family.add_metric([channel], float(number))
    yield from families


def _by_channel(session: Session, name: str, help_: str, wanted: sa.ColumnElement[bool]) -> Metric:
    family = GaugeMetricFamily(name, help_, labels=["channel"])
    counts = session.execute(
        sa.select(Outbox.channel, sa.func.count())
        .where(wanted)
        .group_by(Outbox.channel)
        .order_by(Outbox.channel)
    )
    for channel, number in counts:
        family.add_metric([channel], number)
    return family
