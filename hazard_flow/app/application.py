"""The parts of one process, made once from its settings: database, clock, store, rules, handlers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from hazard_flow.clock import Clock, SystemClock
from hazard_flow.evidence.store import Store
from hazard_flow.hazards import escalation
from hazard_flow.hazards.rules import Rules, install_rules, installed_rules
from hazard_flow.hazards.timing import SUBJECT as HAZARD
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.ladders import firing as limits_firing
from hazard_flow.ladders.timing import SUBJECT as LIMIT
from hazard_flow.settings import Settings
from hazard_flow.storage import migrate
from hazard_flow.storage.engine import is_sqlite, make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.desk import firing as desk_firing
from hazard_flow.telemetry.desk.limits import SUBJECT as ALERT
from hazard_flow.telemetry.facts import sensor_facts
from hazard_flow.timers.handlers import Handlers, TimerHandler
from hazard_flow.watching import schema_is_current
from hazard_flow.web.context import DemoAccount

#: the demo's roles in the order they act on a hazard
DEMO_ORDER = ("inspector", "manager", "rectifier", "verifier", "regulator", "administrator")


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
                TimerHandler(LIMIT, limits_firing.claim, limits_firing.fire),
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
