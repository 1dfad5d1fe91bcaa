"""The worker of an application: its jobs and the consumers of device messages."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from hazard_flow.app.application import Application
from hazard_flow.app.lines import lines_of
from hazard_flow.assessment import risk_feed
from hazard_flow.assessment.facts import following as facts_feed
from hazard_flow.assessment.indicators import making as figures
from hazard_flow.assessment.questions import mailing
from hazard_flow.clock import Clock
from hazard_flow.daily_work import jobs as daily_work_jobs
from hazard_flow.hazards import settling
from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.hazards.originality.examining import EXAMINE_EVERY_SECONDS, Examiner
from hazard_flow.hazards.pinning import strangers
from hazard_flow.inspections import making
from hazard_flow.inspections.households import enrolling
from hazard_flow.ledger import publishing
from hazard_flow.ledger import sealer as ledger_sealer
from hazard_flow.ledger.sealer import Sealer
from hazard_flow.notifications import alarms, dispatch, heartbeat, postman
from hazard_flow.notifications.outside import outlets_of
from hazard_flow.reports.issue import Issuer
from hazard_flow.reports.seal.keeper import SealKeeper, key_holder
from hazard_flow.reports.worker import Press
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import jobs as telemetry_jobs
from hazard_flow.telemetry import retention
from hazard_flow.telemetry import sweeps as telemetry_sweeps
from hazard_flow.telemetry.devices import jobs as devices_jobs
from hazard_flow.telemetry.sources.mqtt import Broker
from hazard_flow.timers.beat import Beat
from hazard_flow.timers.database_clock import DatabaseClock
from hazard_flow.timers.pulse import PulseKeeper
from hazard_flow.timers.scheduler import Job, WorkerLoop
from hazard_flow.watching import JOBS, SchemaGuard, failing, make_checks

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
        Job(
            enrolling.JOB,
            enrolling.ENROL_EVERY_SECONDS,
            lambda: enrolling.enrol_all(database, clock, application.settings.zone),
        ),
        Job("notifications", postman.DELIVER_EVERY_SECONDS, postie, on_stop=postie.stop),
        Job("keepers", REMIND_EVERY_SECONDS, lambda: _remind_keepers(application, clock)),
        Job(
            "calendar",
            settling.SETTLE_EVERY_SECONDS,
            lambda: settling.settle(database, clock.now, batches_max=settling.BATCHES_A_RUN),
        ),
        Job(
            making.JOB,
            making.MAKE_EVERY_SECONDS,
            lambda: making.make(database, clock, application.settings.zone),
        ),
        Job("originality", EXAMINE_EVERY_SECONDS, lambda: examiner.drain(clock.now())),
        Job(ledger_sealer.JOB, ledger_sealer.SEAL_EVERY_SECONDS, lambda: sealer.run(clock.now())),
        Job(risk_feed.JOB, risk_feed.FOLLOW_EVERY_SECONDS, lambda: risk_feed.run(database, clock.now())),
        Job(
            facts_feed.JOB,
            facts_feed.FOLLOW_EVERY_SECONDS,
            lambda: facts_feed.run(database, clock.now()),
        ),
        Job(
            figures.JOB,
            figures.LOOK_EVERY_SECONDS,
            figures.FigureMaker(
                database, clock, application.settings.zone, lines_of(application.settings.zone)
            ),
        ),
        Job(publishing.JOB, publishing.PUBLISH_EVERY_SECONDS, lambda: publisher.run(clock.now())),
        Job("reports", ISSUE_EVERY_SECONDS, lambda: issuer.drain(clock.now()), on_stop=press.close),
        Job("seals", RESEAL_EVERY_SECONDS, lambda: _improve_seals(issuer, application, clock.now())),
        Job(
            daily_work_jobs.JOB,
            daily_work_jobs.LOOK_EVERY_SECONDS,
            daily_work_jobs.ItemMaker(database, clock),
        ),
        Job(
            mailing.JOB,
            mailing.SEND_EVERY_SECONDS,
            lambda: mailing.send_due(database, clock, application.settings.zone),
        ),
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
