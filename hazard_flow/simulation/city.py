"""The demo city: entered, lived through for sixty days and handed over, all through the operations everybody uses."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from hazard_flow.clock import Clock, VirtualClock
from hazard_flow.evidence.store import Store
from hazard_flow.hazards import escalation
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.examining import Examiner
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.models import Person
from hazard_flow.identity.operations import add_token
from hazard_flow.identity.queries import actor_of_person
from hazard_flow.notifications.dispatch import Post, drain
from hazard_flow.notifications.errands import log_outcome
from hazard_flow.notifications.models import Errand
from hazard_flow.notifications.operations import mark_read
from hazard_flow.simulation.albums import pictures, receive_all
from hazard_flow.simulation.cast import PersonRow, load_cast
from hazard_flow.simulation.figures import make_past
from hazard_flow.simulation.history import Between, CityRefused, History
from hazard_flow.simulation.settling import Settled, settle
from hazard_flow.simulation.story import DAYS_MAX, Script, load_story
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.timers.handlers import Handlers, TimerHandler

DEFAULT_SEED = 7
#: everybody's password in the demo, printed at its start; the demo listens on loopback only
DEFAULT_PASSWORD = "yunze-demo-2026"  # noqa: S105 - the people are invented
_TOKEN_NAME = "demo"  # noqa: S105 - a name, not a token
#: how long a line in an inbox stays unread, a call unmade
UNREAD_FOR = timedelta(hours=36)
#: how calls and letters turn out, and how long they take
_CARRIED = {"phone": ("reached", timedelta(minutes=6)), "letter": ("delivered", timedelta(hours=5))}


@dataclass(frozen=True)
class Account:
    """A way to sign in, as demo.json lists it."""

    #: inspector, manager, rectifier, verifier, regulator or administrator
    role: str
    roles: tuple[str, ...]
    organisation: str
    username: str
    password: str
    api_token: str
    totp_secret: str | None = None


@dataclass(frozen=True)
class DemoCity:
    """What was built: script key → hazard, the accounts to offer, and where messages may be sent."""

    hazards: Mapping[str, uuid.UUID]
    accounts: tuple[Account, ...]
    #: kind of source → path below the base address
    source_paths: Mapping[str, str]
    timers_fired: int


def build(
    database: Database,
    store: Store,
    clock: Clock,
    *,
    seed: int = DEFAULT_SEED,
    password: str = DEFAULT_PASSWORD,
    handlers: Handlers | None = None,
    between: Between | None = None,
    workers: int = 2,
    say: Callable[[str], None] = lambda sentence: None,
) -> DemoCity:
    """Build the city in an empty, migrated database whose rules are installed; it ends at the clock's present.

    `handlers` fire the timers of the past (default: hazards only), `between` is called with the virtual present after everything that
    happened (default: inboxes fill). `workers` draw photographs (0: in this process).
    Raises `CityRefused` when the rules no longer take the story.
    """
    now = clock.now()
    with database.reading(SYSTEM) as session:
        zone = rules_of(session).zone
    cast, story = load_cast(), load_story(now, zone)
    say("photographs")
    places = {row.code: row for row in cast.assets}
    album = receive_all(pictures(story, places, seed=seed, zone=zone), store, workers=workers)
    say("people")
    start = now - timedelta(days=DAYS_MAX + 1)
    with database.transaction(SYSTEM) as session:
        settled = settle(session, cast, password=password, now=start)
        actors = {name: actor_of_person(session, person) for name, person in settled.people.items()}
    say("history")
    history = History(
        database,
        settled,
        actors,
        album,
        handlers or _hazards_only(),
        VirtualClock(start),
        between=between or _inboxes(database, zone),
    )
    history.play(story, now)
    _read_up(database, settled, now)
    _carry_out(database, now)
    say("originality")
    _examine(database, store, now)
    say("figures")
    make_past(database, now, zone)
    _check(database, story, history.hazards)
    return DemoCity(
        hazards=history.hazards,
        accounts=_accounts(database, settled, cast.people, password=password, clock=clock),
        source_paths=settled.source_paths,
        timers_fired=history.fired,
    )


def _hazards_only() -> Handlers:
    return Handlers([TimerHandler(escalation.SUBJECT, escalation.claim, escalation.fire)])


def _inboxes(database: Database, zone: ZoneInfo) -> Between:
    """Everybody's inbox fills as the days pass; nothing leaves the house."""
    post = Post(channels=(), zone=zone, public_url="")

    def deliver(now: datetime) -> None:
        drain(database, now, post)

    return deliver


def _read_up(database: Database, settled: Settled, now: datetime) -> None:
    """People have read what is older than a day and a half."""
    with database.transaction(SYSTEM) as session:
        for person in settled.people.values():
            mark_read(session, person.id, now=now, before=now - UNREAD_FOR)


def _carry_out(database: Database, now: datetime) -> None:
    """The duty desk has made the calls and delivered the letters of that time, and logged them; the last ones are still to be done."""
    with database.transaction(SYSTEM) as session:
        old = session.scalars(
            sa.select(Errand)
            .where(Errand.state == "open", Errand.created_at < now - UNREAD_FOR)
            .order_by(Errand.created_at, Errand.id)
        )
        for errand in old.all():
            doer = session.get_one(Person, uuid.UUID(hex=errand.doers.strip(",").split(",")[0]))
            outcome, took = _CARRIED[errand.channel]
            log_outcome(
                session,
                actor_of_person(session, doer),
                errand.id,
                outcome=outcome,
                note="",
                now=errand.created_at + took,
            )


def _examine(database: Database, store: Store, now: datetime) -> None:
    """Every photograph has been looked at, as a worker would have by now."""
    examiner = Examiner(database, store)
    while examiner.drain(now):
        pass


def _check(database: Database, story: tuple[Script, ...], hazards: Mapping[str, uuid.UUID]) -> None:
    with database.reading(SYSTEM) as session:
        ended = {key: session.get_one(Hazard, id_).stage for key, id_ in hazards.items()}
    wrong = [f"{s.key} is {ended.get(s.key)}, not {s.stage}" for s in story if ended.get(s.key) != s.stage]
    if wrong:
        raise CityRefused("; ".join(wrong))


def _accounts(
    database: Database, settled: Settled, people: tuple[PersonRow, ...], *, password: str, clock: Clock
) -> tuple[Account, ...]:
    """The accounts to offer; the first regulator is the city's, who sees the whole demo."""
    offered = []
    with database.transaction(SYSTEM) as session:
        for row in people:
            if row.account is None:
                continue
            token = add_token(session, person=settled.people[row.username], name=_TOKEN_NAME, now=clock.now())
            organisation = settled.organisations[row.organisation].name_zh
            offered.append(Account(row.account, row.roles, organisation, row.username, password, token))
    return tuple(offered)
