"""`/livez`: this process runs · `/readyz`: it can serve · `/watchz`: nothing goes unseen · `/metrics`: figures for Prometheus."""

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from hazard_flow.errors import NotAllowed
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web.auth import public, signed_in
from hazard_flow.web.checks import Check, problems
from hazard_flow.web.context import kernel, now

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
@public
def livez() -> Response:
    """200 as long as the process answers; asks nobody else."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """200 when this process can serve: the database answers and holds the schema this code was written for."""
    return _judge(kernel().checks.ready)


@blueprint.get("/watchz")
@public
def watchz() -> Response:
    """503 when something goes unseen: a timer overdue or parked, an open hazard without a pending timer."""
    return _judge(kernel().checks.watch)


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Figures in Prometheus' text format, for a scraper on this machine or with a token: counts, no personal data."""
    is_local = request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    if not is_local and signed_in() is None:
        raise NotAllowed("scrape from this machine or send a bearer token")
    return Response(_figures(), content_type=CONTENT_TYPE_LATEST)


def _judge(checks: dict[str, Check]) -> Response:
    at = now()
    try:
        with kernel().database.reading(SYSTEM) as session:
            session.execute(sa.select(1))
            found = dict(problems(checks, session, at))
    except SQLAlchemyError as error:
        found = {"database": f"the database does not answer ({type(error).__name__})"}
    response = jsonify({"status": "failing" if found else "ok", "problems": found})
    response.status_code = 503 if found else 200
    return response


def _figures() -> bytes:
    registry = CollectorRegistry()
    overdue = Gauge(
        "hazard_flow_oldest_due_timer_seconds",
        "How long the oldest unparked timer is overdue",
        registry=registry,
    )
    pending = Gauge("hazard_flow_timers_pending", "Timers waiting for their instant", registry=registry)
    parked = Gauge("hazard_flow_timers_parked", "Timers set aside after repeated failures", registry=registry)
    outbox = Gauge("hazard_flow_messages", "Messages by state", ["state"], registry=registry)
    unseen = Gauge("hazard_flow_watch_failing", "1 while a watch check fails", ["check"], registry=registry)
    at = now()
    with kernel().database.reading(SYSTEM) as session:
        due = session.scalar(sa.select(sa.func.min(Timer.due_at)).where(Timer.parked_at.is_(None)))
        overdue.set(max(0.0, (at - due).total_seconds()) if due else 0.0)
        count = sa.select(sa.func.count()).select_from(Timer)
        pending.set(session.scalar(count.where(Timer.parked_at.is_(None))) or 0)
        parked.set(session.scalar(count.where(Timer.parked_at.is_not(None))) or 0)
        for state, number in session.execute(sa.select(Outbox.state, sa.func.count()).group_by(Outbox.state)):
            outbox.labels(state=state).set(number)
        failing = {name for name, _ in problems(kernel().checks.watch, session, at)}
        for name in sorted(kernel().checks.watch):
            unseen.labels(check=name).set(1 if name in failing else 0)
    return generate_latest(registry)
