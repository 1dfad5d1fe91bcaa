"""The web of an application: its features' pages, what they show of each other, and the rail."""

from flask import Flask

from hazard_flow.app.application import Application
from hazard_flow.app.kinds import file_kinds
from hazard_flow.app.work import Worker
from hazard_flow.assets import api as assets_api
from hazard_flow.audits import api as audits_api
from hazard_flow.audits import pages as audits_pages
from hazard_flow.audits import providers as audit_providers
from hazard_flow.audits.samples import pages as samples_pages
from hazard_flow.audits.seams import Seams
from hazard_flow.catalogue import pages as catalogue_pages
from hazard_flow.drills import pages as drills_pages
from hazard_flow.evidence.store import Store
from hazard_flow.exchange.kinds import Kinds
from hazard_flow.hazards import api as hazards_api
from hazard_flow.hazards import pages as hazards_pages
from hazard_flow.hazards.many import pages as many_pages
from hazard_flow.hazards.originality import api as originality_api
from hazard_flow.notifications import pages as notifications_pages
from hazard_flow.people import api as people_api
from hazard_flow.people import pages as people_pages
from hazard_flow.reports import api as reports_api
from hazard_flow.reports import pages as reports_pages
from hazard_flow.reports.ledger import api as ledger_api
from hazard_flow.reports.ledger import pages as ledger_pages
from hazard_flow.rulebook import pages as rulebook_pages
from hazard_flow.telemetry import api as telemetry_api
from hazard_flow.telemetry import pages as telemetry_pages
from hazard_flow.telemetry.desk import api as desk_api
from hazard_flow.telemetry.desk import pages as desk_pages
from hazard_flow.telemetry.devices import api as devices_api
from hazard_flow.telemetry.devices import jobs as devices_jobs
from hazard_flow.telemetry.devices import pages as devices_pages
from hazard_flow.telemetry.quarantine import api as quarantine_api
from hazard_flow.telemetry.quarantine import pages as quarantine_pages
from hazard_flow.telemetry.ruling import pages as ruling_pages
from hazard_flow.telemetry.senders import pages as senders_pages
from hazard_flow.timers import pages as timers_pages
from hazard_flow.watching import make_checks
from hazard_flow.web.context import Kernel, ManualPage
from hazard_flow.web.live import pages as live_pages
from hazard_flow.web.live.hub import Hub
from hazard_flow.web.live.topics import Topics
from hazard_flow.web.shell import make_web

#: what other features say to the audit desk
AUDIT_SEAMS = Seams(flags=audit_providers.flags, proof=audit_providers.proof_of)


def create_web(application: Application, worker: Worker | None = None) -> Flask:
    """The Flask application; a worker in the same process is watched as well."""
    kernel = Kernel(
        settings=application.settings,
        database=application.database,
        clock=application.clock,
        parts={
            Store: application.store,
            Kinds: file_kinds(application.rules),
            Seams: AUDIT_SEAMS,
            Hub: Hub(application.database, live_topics()),
        },
        checks=make_checks(application.settings, worker.loop if worker else None),
        is_demo=application.is_demo,
        demo_accounts=application.demo_accounts,
    )
    _register_navigation(kernel)
    _register_pieces(kernel)
    return make_web(
        kernel,
        (
            people_pages.blueprint,
            people_api.blueprint,
            many_pages.blueprint,
            hazards_pages.blueprint,
            hazards_api.blueprint,
            originality_api.blueprint,
            assets_api.blueprint,
            catalogue_pages.blueprint,
            telemetry_api.blueprint,
            ruling_pages.blueprint,
            devices_pages.blueprint,
            devices_api.blueprint,
            live_pages.blueprint,
            quarantine_pages.blueprint,
            quarantine_api.blueprint,
            senders_pages.blueprint,
            desk_pages.blueprint,
            desk_api.blueprint,
            notifications_pages.blueprint,
            reports_pages.blueprint,
            timers_pages.blueprint,
            drills_pages.blueprint,
            audits_pages.blueprint,
            samples_pages.blueprint,
            audits_api.blueprint,
            rulebook_pages.blueprint,
            reports_api.blueprint,
            ledger_pages.blueprint,
            ledger_api.blueprint,
        ),
    )


def live_topics() -> Topics:
    """What live pages can follow here."""
    topics = Topics()
    topics.register(devices_jobs.LIVE)
    return topics


def _register_pieces(kernel: Kernel) -> None:
    kernel.panels.register("home", 20, devices_pages.home_tile)
    kernel.panels.register("hazard", 20, telemetry_pages.hazard_panel)
    kernel.panels.register("hazard", 22, desk_pages.hazard_panel)
    kernel.panels.register("hazard", 30, reports_pages.papers_panel)
    kernel.panels.register("hazard", 35, audits_pages.hazard_panel)
    kernel.panels.register("hazard.foot", 40, notifications_pages.deliveries_panel)
    kernel.panels.register("home", 60, quarantine_pages.home_tile)
    kernel.panels.register_notices(notifications_pages.waiting)
    kernel.manual.append(ManualPage("workflows", "/help/workflows", "rulebook.help"))


def _register_navigation(kernel: Kernel) -> None:
    rail = kernel.navigation
    rail.register("work", href="/", icon="home", label="web.nav.work", order=10, right="hazards.read")
    rail.register(
        "board",
        href="/hazards/board",
        icon="layout-kanban",
        label="web.nav.board",
        order=20,
        right="hazards.read",
    )
    rail.register("list", href="/hazards", icon="table", label="web.nav.list", order=30, right="hazards.read")
    rail.register(
        "report",
        href="/hazards/new",
        icon="camera-plus",
        label="web.nav.report",
        order=40,
        right="hazards.report",
    )
    rail.register(
        "alarms",
        href="/alarms",
        icon="bell-ringing",
        label="alarm_desk.nav",
        order=35,
        right="alarms.read",
        count=desk_pages.waiting,
    )
    rail.register(
        "inbox",
        href="/inbox",
        icon="inbox",
        label="web.nav.inbox",
        order=50,
        count=notifications_pages.unread,
    )
    rail.register(
        "errands",
        href="/errands",
        icon="phone",
        label="notice.errands.nav",
        order=55,
        right="errands.do",
        count=notifications_pages.errands_open,
    )
    rail.register(
        "audits",
        href="/audits",
        icon="file-certificate",
        label="audits.nav",
        order=57,
        right="audits.read",
        count=audits_pages.in_hand,
    )
    for key, href, label in (
        ("audit_plans", "/audits/plans", "audits.plans.title"),
        ("audit_exports", "/audits/exports", "audits.exports.title"),
    ):
        rail.register(
            key, href=href, icon="point", label=label, order=58, right="audits.read", under="audits"
        )
    rail.register(
        "devices",
        href="/devices",
        icon="access-point",
        label="devices.nav",
        order=45,
        right=devices_pages.READ,
        count=devices_pages.in_trouble,
    )
    rail.register("people", href="/people", icon="users", label="people.nav", order=60, right="people.write")
    rail.register("catalogue", href="/catalogue", icon="scale", label="catalogue.nav", order=70)
    rail.register(
        "rules", href="/workflows", icon="route", label="rulebook.nav", order=70, right="workflows.read"
    )
    rail.register(
        "alarm_rules",
        href="/telemetry/rules",
        icon="point",
        label="telemetry.rules.title",
        order=71,
        right="workflows.read",
        under="rules",
    )
    rail.register(
        "status",
        href="/status",
        icon="shield-check",
        label="web.status.nav",
        order=80,
        right="status.read",
        at_foot=True,
    )
    for key, href, label, right, count in (
        ("parked", "/timers/parked", "timers.parked.title", "deadletters.read", timers_pages.waiting),
        (
            "undelivered",
            "/notices/undelivered",
            "notice.undelivered.title",
            "deadletters.read",
            notifications_pages.dead,
        ),
        ("quarantine", "/quarantine", "quarantine.title", "quarantine.read", quarantine_pages.waiting),
        ("sources", "/sources", "senders.title", "sources.write", None),
        ("drills", "/drills", "drills.title", "drills.read", None),
        ("ledger", "/ledger", "ledger.page.title", "status.read", None),
    ):
        rail.register(
            key, href=href, icon="point", label=label, order=81, right=right, count=count, under="status"
        )
    rail.register("help", href="/help/", icon="help-circle", label="web.nav.help", order=90, at_foot=True)
