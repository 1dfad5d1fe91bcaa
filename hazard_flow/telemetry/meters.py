"""Figures about the intake for `/metrics`: how long ago each source was heard, what waits, what was set aside."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy.orm import Session

from hazard_flow.telemetry.models import Inbox, Source


def intake_figures(session: Session, now: datetime) -> Iterator[Metric]:
    """Ages are of the oldest or last message, read from the rows; a source never heard has none."""
    heard = GaugeMetricFamily(
        "hazard_flow_source_age_seconds",
        "How long ago the last message of a kind of source (its own heartbeat included) was stored, where that was longest ago",
        labels=["kind"],
    )
    oldest = (
        sa.select(Source.kind, sa.func.min(Source.last_message_at))
        .where(Source.active, Source.last_message_at.is_not(None))
        .group_by(Source.kind)
        .order_by(Source.kind)
    )
    for kind, last in session.execute(oldest):
        heard.add_metric([kind], _age_seconds(last, now))
    yield heard
    pending = sa.select(sa.func.count(), sa.func.min(Inbox.received_at)).where(Inbox.state == "pending")
    count, since = session.execute(pending).one()
    yield GaugeMetricFamily(
        "hazard_flow_inbox_pending", "Stored messages waiting for evaluation", value=count or 0
    )
    yield GaugeMetricFamily(
        "hazard_flow_inbox_age_seconds",
        "How long the oldest message waits for evaluation",
        value=_age_seconds(since, now),
    )
    dead = session.scalar(sa.select(sa.func.count()).where(Inbox.state == "dead"))
    yield GaugeMetricFamily(
        "hazard_flow_inbox_dead", "Messages that could not be used, wholly or in part", value=dead or 0
    )


def _age_seconds(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
