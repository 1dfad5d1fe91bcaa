"""A town full of hazards whose first limit has just run out, made through the door like any other."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta

from hazard_flow import app
from hazard_flow.app import Application
from hazard_flow.hazards.changes import Report
from hazard_flow.hazards.door import BATCH_MAX, apply
from hazard_flow.identity.actor import system_actor
from hazard_flow.settings import Settings
from hazard_flow.simulation.cast import load_cast
from hazard_flow.simulation.settling import settle
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.engine import tick

#: from report to the end of the limit to classify, urgency A (general.v1)
CLASSIFY_WITHIN = timedelta(hours=4)
_PASSWORD = "not-used-by-anybody"  # noqa: S105 - nobody signs in here


def found(settings: Settings) -> Application:
    """An empty town of the demo's organisations and people, in a new database."""
    app.upgrade(settings)
    application = app.build(settings)
    with application.database.transaction(SYSTEM) as session:
        settle(session, load_cast(), password=_PASSWORD, now=application.clock.now())
    return application


def report(application: Application, count: int, *, urgency: str, at: Callable[[int], datetime]) -> None:
    """Hazards reported at instants of the past, spread over the units of the enterprises."""
    units = _units(application)
    actor = system_actor("bench")
    for start in range(0, count, BATCH_MAX):
        numbers = range(start, min(start + BATCH_MAX, count))
        groups: dict[datetime, list[Report]] = {}
        for number in numbers:
            change = Report(
                workflow="general",
                actor=actor,
                request_key=uuid.uuid4().hex,
                organisation_id=units[number % len(units)],
                data={
                    "description": "阀井漏气，读数偏高",
                    "place": f"青梧路 {number} 号",
                    "suspected_urgency": urgency,
                },
                source="telemetry",  # needs no photograph
            )
            groups.setdefault(at(number), []).append(change)
        with application.database.transaction(SYSTEM) as session:
            for instant, changes in groups.items():
                for outcome in apply(session, changes, instant):
                    outcome.or_raise()


def fill_overdue(application: Application, count: int) -> datetime:
    """Hazards that should have been classified by last midnight; their reminders have fired, the first rung is due. Returns when it was.

    Reported three days ago just before midnight: the two days of urgency C end last midnight, its 72 hours of make-safe tonight.
    """
    zone = application.settings.zone
    today = application.clock.now().astimezone(zone).date()
    reported_at = datetime.combine(today - timedelta(days=3), time(23, 59, 59), zone).astimezone(UTC)
    report(application, count, urgency="C", at=lambda _: reported_at)
    due_at = datetime.combine(today, time.min, zone).astimezone(UTC)
    tick(application.database, due_at - timedelta(minutes=1), handlers=application.handlers)
    return due_at


def fill_trickle(application: Application, due: Sequence[datetime]) -> None:
    """Hazards whose first rung is due at these instants, one each; what is due earlier has fired."""
    report(application, len(due), urgency="A", at=lambda number: due[number] - CLASSIFY_WITHIN)
    tick(application.database, application.clock.now(), handlers=application.handlers)


def _units(application: Application) -> list[uuid.UUID]:
    import sqlalchemy as sa

    from hazard_flow.identity.models import Organisation

    with application.database.reading(SYSTEM) as session:
        return list(
            session.scalars(
                sa.select(Organisation.id).where(Organisation.kind != "regulator").order_by(Organisation.path)
            )
        )
