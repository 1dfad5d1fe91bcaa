"""`/livez`: this process runs · `/readyz`: it can serve · `/watchz`: nothing goes unseen · `/metrics`: figures for Prometheus."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from hazard_flow.errors import NotAllowed
from hazard_flow.i18n import Label, both
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
    """503 when something goes unseen: a timer overdue or parked, an open hazard without a pending timer, a message given up."""
    return _judge(kernel().checks.watch)


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Figures in Prometheus' text format, for a scraper on this machine or with a token: counts, no personal data."""
    is_local = request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    if not is_local and signed_in() is None:
        raise NotAllowed("scrape from this machine or send a bearer token")
    registry = CollectorRegistry()
    registry.register(_Figures())
    try:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    except SQLAlchemyError as error:
        # a scraper must see a failed scrape, not a page of zeros
        return Response(f"# {type(error).__name__}\n", status=503, content_type=CONTENT_TYPE_LATEST)


def _judge(checks: dict[str, Check]) -> Response:
    at = now()
    found: dict[str, Label]
    try:
        with kernel().database.reading(SYSTEM) as session:
            session.execute(sa.select(1))
            found = dict(problems(checks, session, at))
    except SQLAlchemyError as error:
        found = {"database": both("watch.database.found", error=type(error).__name__)}
    told = {name: {"zh": label.zh, "en": label.en} for name, label in found.items()}
    response = jsonify({"status": "failing" if found else "ok", "problems": told})
    response.status_code = 503 if found else 200
    return response


class _Figures(Collector):
    """All meters of this application, read in one transaction."""

    def collect(self) -> Iterator[Metric]:
        at, checks = now(), kernel().checks
        failing = GaugeMetricFamily(
            "hazard_flow_watch_failing", "1 while a check of /watchz fails", labels=["check"]
        )
        with kernel().database.reading(SYSTEM) as session:
            for meter in checks.meters:
                yield from meter(session, at)
            found = {name for name, _ in problems(checks.watch, session, at)}
        for name in sorted(checks.watch):
            failing.add_metric([name], float(name in found))
        yield failing
