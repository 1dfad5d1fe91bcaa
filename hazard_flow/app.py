"""The composition root: makes the parts, tells features of each other, and hands web, worker and command line the whole."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.engine import make_url

from hazard_flow.assets import api as assets_api
from hazard_flow.audits import api as audits_api
from hazard_flow.audits import pages as audits_pages
from hazard_flow.audits import providers as audit_providers
from hazard_flow.audits.samples import pages as samples_pages
from hazard_flow.audits.seams import Seams
from hazard_flow.catalogue import kinds as catalogue_kinds
from hazard_flow.catalogue import pages as catalogue_pages
from hazard_flow.clock import Clock, SystemClock
from hazard_flow.drills import pages as drills_pages
from hazard_flow.evidence.store import Store
from hazard_flow.exchange.kinds import Kinds
from hazard_flow.hazards import api as hazards_api
from hazard_flow.hazards import escalation, settling
from hazard_flow.hazards import pages as hazards_pages
from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.hazards.limits import limits_of
from hazard_flow.hazards.many import pages as many_pages
from hazard_flow.hazards.originality import api as originality_api
from hazard_flow.hazards.originality.examining import EXAMINE_EVERY_SECONDS, Examiner
from hazard_flow.hazards.pinning import strangers
from hazard_flow.hazards.rules import Rules, install_rules, installed_rules
from hazard_flow.hazards.timing import SUBJECT as HAZARD
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.ledger import publishing
from hazard_flow.ledger import sealer as ledger_sealer
from hazard_flow.ledger.sealer import Sealer
from hazard_flow.notifications import alarms, dispatch, heartbeat, postman
from hazard_flow.notifications import pages as notifications_pages
from hazard_flow.notifications.outside import outlets_of
from hazard_flow.people import api as people_api
from hazard_flow.people import pages as people_pages
from hazard_flow.reports import api as reports_api
from hazard_flow.reports import pages as reports_pages
from hazard_flow.reports.issue import Issuer
from hazard_flow.reports.ledger import api as ledger_api
from hazard_flow.reports.ledger import pages as ledger_pages
from hazard_flow.reports.seal.keeper import SealKeeper, key_holder
from hazard_flow.reports.worker import Press
from hazard_flow.rulebook import pages as rulebook_pages
from hazard_flow.settings import Settings
from hazard_flow.storage import migrate
from hazard_flow.storage.engine import is_sqlite, make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import api as telemetry_api
from hazard_flow.telemetry import jobs as telemetry_jobs
from hazard_flow.telemetry import pages as telemetry_pages
from hazard_flow.telemetry import retention
from hazard_flow.telemetry import sweeps as telemetry_sweeps
from hazard_flow.telemetry.desk import api as desk_api
from hazard_flow.telemetry.desk import firing as desk_firing
from hazard_flow.telemetry.desk import pages as desk_pages
from hazard_flow.telemetry.desk.limits import SUBJECT as ALERT
from hazard_flow.telemetry.devices import api as devices_api
from hazard_flow.telemetry.devices import jobs as devices_jobs
from hazard_flow.telemetry.devices import pages as devices_pages
from hazard_flow.telemetry.devices.importing import device_kind
from hazard_flow.telemetry.facts import sensor_facts
from hazard_flow.telemetry.quarantine import api as quarantine_api
from hazard_flow.telemetry.quarantine import pages as quarantine_pages
from hazard_flow.telemetry.ruling import pages as ruling_pages
from hazard_flow.telemetry.senders import pages as senders_pages
from hazard_flow.telemetry.sources.mqtt import Broker
from hazard_flow.timers import pages as timers_pages
from hazard_flow.timers.beat import Beat
from hazard_flow.timers.database_clock import DatabaseClock
from hazard_flow.timers.handlers import Handlers, TimerHandler
from hazard_flow.timers.pulse import PulseKeeper
from hazard_flow.timers.scheduler import Job, WorkerLoop
from hazard_flow.watching import JOBS, SchemaGuard, failing, make_checks, schema_is_current
from hazard_flow.web.context import DemoAccount, Kernel, ManualPage
from hazard_flow.web.live import pages as live_pages
from hazard_flow.web.live.hub import Hub
from hazard_flow.web.live.topics import Topics
from hazard_flow.web.shell import make_web

#: works in a thread of its own until the event is set
Consumer = Callable[[threading.Event], None]

log = structlog.get_logger("app")

#: how soon after an act issued a paper, or closed a hazard, its file is begun
ISSUE_EVERY_SECONDS = 2.0
#: how often closure files issued unsealed are looked for, and at night those that lack their archive copy
RESEAL_EVERY_SECONDS = 60.0
ARCHIVE_HOURS = range(1, 5)
#: how often what lies in the dead-letter list is looked through for keepers to be reminded
REMIND_EVERY_SECONDS = 60.0
#: pause before a consumer that broke is started again
CONSUMER_PAUSE_SECONDS = 5.0

#: the demo's roles in the order they act on a hazard
DEMO_ORDER = ("inspector", "manager", "rectifier", "verifier", "regulator", "administrator")


#: what other features say to the audit desk
AUDIT_SEAMS = Seams(flags=audit_providers.flags, proof=audit_providers.proof_of)


@dataclass(frozen=True)
class Application:
    """Everything one process needs, made once and passed on."""

    settings: Settings
    database: Database
    clock: Clock
    store: Store
    rules: Rules
    handlers: Handlers
    demo_accounts: tuple[DemoAccount, ...] = ()

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the embedded one, which this process migrates by itself."""
        return is_sqlite(self.database.engine)

    @property
    def is_demo(self) -> bool:
        """Whether this is the made-up city."""
        return bool(self.demo_accounts)


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    demo_accounts: tuple[DemoAccount, ...] = (),
) -> Application:
    """The application of these settings; touches neither the database's rows nor the network."""
    _make_room(settings)
    database = Database(make_engine(settings.database_url))
    rules = installed_rules(settings.zone, facts=(sensor_facts,))
    install_rules(database.info, rules)
    return Application(
        settings=settings,
        database=database,
        clock=clock or SystemClock(),
        store=Store.open(settings.storage_url),
        rules=rules,
        handlers=Handlers(
            [
                TimerHandler(HAZARD, escalation.claim, escalation.fire),
                TimerHandler(ALERT, desk_firing.claim, desk_firing.fire),
            ]
        ),
        demo_accounts=demo_accounts,
    )


def upgrade(settings: Settings) -> None:
    """Bring the database to the shape this code expects; the owner's role does it."""
    _make_room(settings)
    role = migrate.application_role(settings.database_url, settings.owner_url)
    migrate.upgrade(settings.owner_url, application_role=role)


def _make_room(settings: Settings) -> None:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def schema_problem(application: Application) -> Label | None:
    """What is wrong with the database's shape, in one sentence in both languages; None when this code can work with it."""
    with application.database.reading(SYSTEM) as session:
        return schema_is_current(session, application.clock.now())


def demo_accounts(settings: Settings, accounts: Sequence[Mapping[str, Any]]) -> tuple[DemoAccount, ...]:
    """The accounts of demo.json as the sign-in page offers them: the first of each role, in the order they act."""
    first = {one["role"]: one for one in reversed(accounts)}
    offered = [first[role] for role in DEMO_ORDER if role in first]
    database = Database(make_engine(settings.database_url))
    with database.reading(SYSTEM) as session:
        wanted = (
            sa.select(Person, Organisation)
            .join(Organisation, Organisation.id == Person.organisation_id)
            .where(Person.username.in_([one["username"] for one in offered]))
        )
        known = {person.username: (person.name, unit.label) for person, unit in session.execute(wanted)}
    database.dispose()
    return tuple(
        DemoAccount(one["username"], one["password"], name, ROLE_LABELS[one["roles"][0]], unit)
        for one in offered
        for name, unit in [known[one["username"]]]
    )


def create_web(application: Application, worker: "Worker | None" = None) -> Flask:
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


@dataclass
class Worker:
    """The jobs of a worker and the consumer of device messages, started and stopped together."""

    loop: WorkerLoop
    consumers: Mapping[str, Consumer]
    #: when everything has come to its end
    on_stop: Callable[[], None] = lambda: None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin in background threads."""
        self.loop.start()
        self._consume()

    def run(self) -> None:
        """Begin, and stay until SIGTERM or SIGINT; call it in the main thread."""
        self._consume()
        self.loop.run()
        self.stop()

    def stop(self) -> None:
        """Let what is under way finish; start nothing more."""
        self._stopping.set()
        self.loop.stop()
        for thread in self._threads:
            thread.join(timeout=10)
        self.on_stop()

    def _consume(self) -> None:
        for name, consume in self.consumers.items():
            thread = threading.Thread(target=self._keep, args=(name, consume), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def _keep(self, name: str, consume: Consumer) -> None:
        while not self._stopping.is_set():
            try:
                consume(self._stopping)
            except Exception:
                log.exception("worker.consumer_failed", consumer=name)
                self._stopping.wait(CONSUMER_PAUSE_SECONDS)


def make_worker(application: Application, extra: Mapping[str, Consumer] | None = None) -> Worker:
    """The worker of this application; any number of them may run, identical and leaderless. `extra` runs beside it (the demo's feed)."""
    database, settings = application.database, application.settings
    clock: Clock = DatabaseClock(database, application.clock)
    consumers: dict[str, Consumer] = dict(extra or {})
    if settings.MQTT_URL:
        broker = Broker(settings.MQTT_URL, settings.MQTT_CA, settings.MQTT_CERTIFICATE)
        consumers |= telemetry_jobs.consumers(broker, database, clock, settings.mqtt_shards)
    pulse, guard = PulseKeeper(database, clock), SchemaGuard(database, clock)
    jobs = [replace(job, function=guard.before(job.function)) for job in worker_jobs(application, clock)]
    loop = WorkerLoop(jobs, report=pulse)
    return Worker(loop=loop, consumers=consumers, on_stop=pulse.close)


def worker_jobs(application: Application, clock: Clock) -> list[Job]:
    """What a worker does every so often."""
    database = application.database
    postie = postman.Postman(database, clock, dispatch.post_of(application.settings))
    press = Press()
    sealer = make_sealer(application)
    publisher = publishing.Publisher(database, outlets_of(application.settings))
    issuer = make_issuer(application, press, sealer)
    examiner = Examiner(database, application.store)
    jobs = [
        Beat(database, clock, application.handlers, announce=alarms.announce_parked).job(),
        Job(
            "telemetry",
            telemetry_jobs.DRAIN_EVERY_SECONDS,
            lambda: telemetry_jobs.drain_inbox(database, clock),
        ),
        Job(
            "sweeps",
            telemetry_sweeps.SWEEP_EVERY_SECONDS,
            lambda: telemetry_sweeps.run_sweep(database, clock),
        ),
        Job(
            devices_jobs.JOB,
            devices_jobs.LOOK_EVERY_SECONDS,
            lambda: devices_jobs.look_after(database, clock, application.settings.zone),
        ),
        Job(
            retention.JOB,
            retention.RUN_EVERY_SECONDS,
            retention.Keeper(database, clock, application.settings.telemetry_kept),
        ),
        Job("notifications", postman.DELIVER_EVERY_SECONDS, postie, on_stop=postie.stop),
        Job("keepers", REMIND_EVERY_SECONDS, lambda: _remind_keepers(application, clock)),
        Job(
            "calendar",
            settling.SETTLE_EVERY_SECONDS,
            lambda: settling.settle(database, clock.now, batches_max=settling.BATCHES_A_RUN),
        ),
        Job("originality", EXAMINE_EVERY_SECONDS, lambda: examiner.drain(clock.now())),
        Job(ledger_sealer.JOB, ledger_sealer.SEAL_EVERY_SECONDS, lambda: sealer.run(clock.now())),
        Job(publishing.JOB, publishing.PUBLISH_EVERY_SECONDS, lambda: publisher.run(clock.now())),
        Job("reports", ISSUE_EVERY_SECONDS, lambda: issuer.drain(clock.now()), on_stop=press.close),
        Job("seals", RESEAL_EVERY_SECONDS, lambda: _improve_seals(issuer, application, clock.now())),
    ]
    assert tuple(job.name for job in jobs) == JOBS, "every job is watched over"
    if url := application.settings.HEARTBEAT_URL.get_secret_value():
        # The same questions as /watchz, but for the worker in this process: whoever asks them is alive.
        checks = make_checks(application.settings)
        beat = heartbeat.Heartbeat(url, lambda: failing(database, checks, clock.now()))
        jobs.append(Job(heartbeat.JOB, heartbeat.BEAT_EVERY_SECONDS, beat))
    return jobs


def _improve_seals(issuer: Issuer, application: Application, now: datetime) -> None:
    issuer.reseal(now)
    if now.astimezone(application.settings.zone).hour in ARCHIVE_HOURS:
        issuer.archive(now)


def _remind_keepers(application: Application, clock: Clock) -> None:
    with application.database.transaction(SYSTEM) as session:
        alarms.remind_keepers(session, clock.now())
        strange = strangers(session, application.rules.workflows.keys())
    for (workflow, version), count in sorted(strange.items()):
        log.error("worker.rules_unknown", workflow=workflow, version=version, hazards=count)


def make_issuer(application: Application, press: Press, sealer: Sealer | None = None) -> Issuer:
    """Whoever makes the closure files and papers of this application."""
    settings = application.settings
    seals = SealKeeper(key_holder(settings), tsa_url=settings.TSA_URL)
    return Issuer(
        application.database,
        application.store,
        press,
        public_url=settings.PUBLIC_URL,
        sealer=sealer or make_sealer(application),
        seals=seals,
    )


def make_sealer(application: Application) -> Sealer:
    """Whoever gives this application's events their places in the ledger."""
    return Sealer(application.database, EventLeaves(), signer=key_holder(application.settings).usable)


def file_kinds(rules: Rules) -> Kinds:
    """What can be imported and exported here."""
    return Kinds((*catalogue_kinds.kinds(limits_of(rules.workflows.values())), device_kind()))


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
