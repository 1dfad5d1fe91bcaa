"""The composition root: makes the parts, tells features of each other, and hands web, worker and command line the whole."""

from hazard_flow.app.application import Application, build, demo_accounts, schema_problem, upgrade
from hazard_flow.app.kinds import file_kinds
from hazard_flow.app.web import create_web
from hazard_flow.app.work import Consumer, Worker, make_issuer, make_sealer, make_worker, worker_jobs

__all__ = [
    "Application",
    "Consumer",
    "Worker",
    "build",
    "create_web",
    "demo_accounts",
    "file_kinds",
    "make_issuer",
    "make_sealer",
    "make_worker",
    "schema_problem",
    "upgrade",
    "worker_jobs",
]
