"""What this deployment watches over and counts, put together once for `/watchz`, `/status`, `/metrics`, heartbeat and command line."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.clock import Clock
from hazard_flow.hazards import checks as hazard_checks
from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.hazards.originality import watch as originality_checks
from hazard_flow.i18n import Label, both
from hazard_flow.ladders import checks as ladder_checks
from hazard_flow.ledger.checks import LedgerWatch
from hazard_flow.notifications import checks as notification_checks
from hazard_flow.notifications import meters as notification_meters
from hazard_flow.notifications.outside import outlets_of
from hazard_flow.reports import queries as report_queries
from hazard_flow.settings import Settings
from hazard_flow.storage import migrate
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import queries as telemetry_queries
from hazard_flow.telemetry.meters import intake_figures
from hazard_flow.timers import checks as timer_checks
from hazard_flow.timers import meters as timer_meters
from hazard_flow.timers.scheduler import WorkerLoop
from hazard_flow.web.checks import Checks, problems
from hazard_flow.web.tls.checks import certificate_ends
from hazard_flow.web.tls.files import files_of

#: the jobs every worker has, by name
JOBS = (
    "timers", "telemetry", "sweeps", "devices", "retention", "households", "notifications", "keepers", "calendar", "rounds",
    "originality", "ledger", "risk", "facts", "figures", "publishing", "reports", "seals", "daily_work", "questions",
)  # fmt: skip
#: the checks of the data alone, which `hazard-flow check` asks as well: they hold whether or not a worker runs now
STUCK = {
    "hazards_silent": "hazards 隐患计时",
    "limits_silent": "limits 日常工作时限",
    "timers_parked": "timers 时限",
    "messages_failed": "messages 通知",
}


def make_checks(settings: Settings, loop: WorkerLoop | None = None) -> Checks:
    """Everything this deployment watches over and counts; `loop` is the worker in this process, if there is one."""
    checks = Checks()
    checks.register_ready("schema", schema_is_current)
    checks.register("timers_late", timer_checks.late_timers)
    checks.register("hazards_silent", hazard_checks.silent_hazards)
    checks.register("limits_silent", ladder_checks.silent_limits)
    checks.register("timers_parked", timer_checks.parked_timers)
    checks.register("outbox_stuck", notification_checks.stuck_outbox)
    checks.register("messages_failed", notification_checks.dead_messages)
    checks.register("alarms_pending", telemetry_queries.pending_too_long)
    checks.register("alarms_cut", telemetry_queries.truncating_sources)
    if settings.MQTT_URL:
        checks.register("broker_silent", telemetry_queries.broker_silent)
    if settings.PUBLIC_URL.startswith("https://") and files_of(settings).are_there:
        checks.register("certificate_ends", certificate_ends(settings))
    checks.register("originality_late", originality_checks.late)
    checks.register("closure_files_late", report_queries.overdue)
    checks.register("documents_late", report_queries.papers_overdue)
    watch = LedgerWatch(EventLeaves(), outlets_of(settings))
    checks.register("ledger_late", watch.late)
    checks.register("ledger_unpublished", watch.unpublished)
    checks.register("worker_silent", timer_checks.worker_silent(JOBS))
    if loop is not None:
        checks.register("worker", timer_checks.worker_check(loop))
    for meter in (
        timer_meters.timer_figures,
        timer_meters.worker_figures,
        hazard_checks.hazard_figures,
        notification_meters.message_figures,
        notification_meters.errand_figures,
        watch.figures,
        intake_figures,
    ):
        checks.register_meter(meter)
    return checks


def failing(database: Database, checks: Checks, now: datetime) -> list[str]:
    """The names of the watch checks that find something now."""
    with database.reading(SYSTEM) as session:
        return [name for name, _ in problems(checks.watch, session, now)]


def schema_is_current(session: Session, _now: datetime) -> Label | None:
    """Whether the database has the shape this code was written for; what to do where it has not."""
    found, wanted = migrate.current(session.connection()), migrate.head()
    return None if found == wanted else both("watch.schema.found", found=found or "–", wanted=wanted)


class SchemaUnknown(RuntimeError):
    """The database has another shape than this code was written for."""


class SchemaGuard:
    """Keeps a worker off a database that was migrated under it: its jobs fail, loudly, until it is restarted in the right version."""

    ASK_EVERY_SECONDS = 1.0

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._asking = threading.Lock()
        self._asked_at = float("-inf")
        self._problem: Label | None = None

    def before(self, work: Callable[[], object]) -> Callable[[], object]:
        """The same work, which raises `SchemaUnknown` instead of touching a database of another shape."""

        def guarded() -> object:
            self._demand()
            return work()

        return guarded

    def _demand(self) -> None:
        with self._asking:
            if time.monotonic() - self._asked_at >= self.ASK_EVERY_SECONDS:
                with self._database.reading(SYSTEM) as session:
                    self._problem = schema_is_current(session, self._clock.now())
                self._asked_at = time.monotonic()
            if self._problem is not None:
                raise SchemaUnknown(self._problem.en)
