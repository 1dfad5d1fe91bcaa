"""`/status`: whether the system itself is well, in plain words for whoever is on duty: each check, what is wrong, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template
from sqlalchemy.orm import Session

from hazard_flow.i18n import known, text
from hazard_flow.schedule.models import Pulse
from hazard_flow.schedule.pulse import pulses
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web.auth import require
from hazard_flow.web.checks import ask
from hazard_flow.web.context import kernel, now
from hazard_flow.web.locale import current_locale

blueprint = Blueprint("status", __name__)

RIGHT = "status.read"
HEARTBEAT = "heartbeat"
#: a job that has not come to its end for so long stands in the table as gone
GONE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Line:
    """One check. `mend` is empty where nothing is to be done."""

    name: str
    title: str
    is_fine: bool
    sentence: str
    mend: str = ""


@dataclass(frozen=True)
class JobRow:
    """One job of one worker."""

    worker: str
    name: str
    beat_at: datetime | None
    failed_at: datetime | None
    error: str
    #: nothing was heard of it for long
    is_gone: bool


@dataclass(frozen=True)
class Report:
    """Everything the page shows."""

    at: datetime
    lines: Sequence[Line]
    jobs: Sequence[JobRow]
    #: None: no switch is set
    heartbeat: JobRow | None
    has_heartbeat: bool

    @property
    def failing(self) -> int:
        """How many checks found something."""
        return sum(not line.is_fine for line in self.lines)


@blueprint.get("/status")
def status() -> str:
    """The page; unlike `/watchz` it always answers 200, so that people can read it."""
    require(RIGHT)
    web, at, locale = kernel(), now(), current_locale()
    # As the system: the checks look over every organisation and tell counts, no contents.
    with web.database.reading(SYSTEM) as session:
        lines = [_line(name, session, at, locale) for name in web.checks.watch]
        rows = [_job(pulse, at, locale) for pulse in pulses(session)]
    report = Report(
        at=at,
        lines=sorted(lines, key=lambda line: line.is_fine),
        jobs=[row for row in rows if row.name != _job_name(HEARTBEAT, locale)],
        heartbeat=next((r for r in rows if r.name == _job_name(HEARTBEAT, locale)), None),
        has_heartbeat=bool(web.settings.HEARTBEAT_URL.get_secret_value()),
    )
    return render_template("status.html", report=report)


def _line(name: str, session: Session, at: datetime, locale: str) -> Line:
    problem = ask(name, kernel().checks.watch[name], session, at)
    return Line(
        name=name,
        title=text(f"watch.{name}.title", locale),
        is_fine=problem is None,
        sentence=text(f"watch.{name}.fine", locale) if problem is None else problem.in_(locale),
        mend="" if problem is None else text(f"watch.{name}.mend", locale),
    )


def _job(pulse: Pulse, at: datetime, locale: str) -> JobRow:
    is_newer = pulse.failed_at is not None and (pulse.beat_at is None or pulse.failed_at > pulse.beat_at)
    return JobRow(
        worker=pulse.worker.rpartition(":")[0],
        name=_job_name(pulse.job, locale),
        beat_at=pulse.beat_at,
        failed_at=pulse.failed_at if is_newer else None,
        error=pulse.error or "" if is_newer else "",
        is_gone=at - (pulse.beat_at or pulse.started_at) > GONE_AFTER,
    )


def _job_name(job: str, locale: str) -> str:
    key = f"web.status.job.{job}"
    return text(key, locale) if known(key) else job
