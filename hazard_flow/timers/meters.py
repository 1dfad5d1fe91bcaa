"""Figures about timers and workers for `/metrics`, from the database: the same in every process."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from sqlalchemy.orm import Session

from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.pulse import pulses, totals
from hazard_flow.schedule.queries import overdue, parked_count
from hazard_flow.timers.lateness import buckets


def timer_figures(session: Session, now: datetime) -> Iterator[Metric]:
    """How far behind, how many pending and parked, how many fired and how late."""
    waiting = overdue(session, now)
    yield GaugeMetricFamily(
        "hazard_flow_oldest_due_timer_seconds",
        "How long the oldest unparked timer is overdue, however old",
        value=waiting.total_seconds() if waiting else 0.0,
    )
    pending = session.scalar(sa.select(sa.func.count()).select_from(Timer).where(Timer.parked_at.is_(None)))
    yield GaugeMetricFamily(
        "hazard_flow_timers_pending", "Timers waiting for their instant", value=pending or 0
    )
    yield GaugeMetricFamily(
        "hazard_flow_timers_parked",
        "Timers set aside because they could not be fired",
        value=parked_count(session),
    )
    counts = totals(session)
    yield CounterMetricFamily("hazard_flow_timers_fired", "Timers fired", value=counts["fired"])
    pairs, late_s = buckets(counts)
    lateness = HistogramMetricFamily(
        "hazard_flow_firing_lateness_seconds", "How long after its instant a timer fired"
    )
    lateness.add_metric([], pairs, late_s)
    yield lateness


def worker_figures(session: Session, now: datetime) -> Iterator[Metric]:
    """How long ago each job last came to its end, in the worker where that was least long ago."""
    age = GaugeMetricFamily(
        "hazard_flow_job_age_seconds",
        "Since a job last came to its end without an error, in any worker; `timers` is the last tick",
        labels=["job"],
    )
    alive: dict[str, float] = {}
    for pulse in pulses(session):
        if pulse.beat_at is not None:
            seconds = max(0.0, (now - pulse.beat_at).total_seconds())
            alive[pulse.job] = min(seconds, alive.get(pulse.job, seconds))
    for job, seconds in sorted(alive.items()):
        age.add_metric([job], seconds)
    yield age
