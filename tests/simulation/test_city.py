"""The demo city: its cast and story hold together, and the rules take every step of it at any hour."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from hazard_flow.catalogue import rows as catalogue
from hazard_flow.clock import VirtualClock
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.rules import install_rules, installed_rules
from hazard_flow.identity.roles import ROLES
from hazard_flow.schedule.models import Timer
from hazard_flow.simulation import albums, city
from hazard_flow.simulation.cast import load_cast, uscc
from hazard_flow.simulation.photographs import SCENES
from hazard_flow.simulation.story import instant, load_story
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.desk.models import AlertDuty
from tests.harness.pictures import plain
from tests.schedule.databases import build as build_tables

ZONE = ZoneInfo("Asia/Shanghai")
#: an ordinary working noon, and a night between a holiday's make-up days
MOMENTS = (datetime(2026, 11, 24, 4, 0, tzinfo=UTC), datetime(2026, 10, 8, 16, 20, tzinfo=UTC))


def test_credit_codes_carry_their_check_character():
    """The vector of GB 32100-2015 in the domain notes."""
    assert uscc("91350100M000100Y4") == "91350100M000100Y43"


def test_everybody_and_everything_has_a_place():
    """People belong to organisations that exist, assets to units, every division ends at a regulator."""
    cast = load_cast()
    keys = {row.key: row for row in cast.organisations}
    assert all(row.parent is None or row.parent in keys for row in cast.organisations)
    assert all(row.organisation in keys and row.holds_at in keys for row in cast.people)
    assert all(set(row.roles) <= set(ROLES) for row in cast.people)
    assert all(keys[row.owner].kind != "regulator" for row in cast.assets)
    assert all(keys[row.highest_regulator].kind == "regulator" for row in cast.divisions)
    assert len({row.username for row in cast.people}) == len(cast.people)
    held = {role for row in cast.people for role in row.roles}
    assert set(ROLES) - held <= {"expert", "user_party"}


def test_the_wells_for_trying_out_belong_to_the_first_enterprise():
    """VW-1 and VW-9 with their detectors, and no script touches them."""
    cast = load_cast()
    wells = {row.code: row for row in cast.assets if row.code.startswith("VW-")}
    assert wells["VW-1"].detectors == ("G-101", "G-102", "G-103")
    assert wells["VW-9"].detectors == ("G-900", "G-901")
    assert {row.owner.split("-")[0] for row in wells.values()} == {"hengchuan"}
    assert not wells.keys() & {script.asset for script in load_story(MOMENTS[0], ZONE)}


@pytest.mark.parametrize("now", MOMENTS)
def test_the_story_runs_forward_and_names_what_exists(now):
    """Steps are in order and in the past; people, assets, codes and scenes are known."""
    cast = load_cast()
    people, assets = {p.username for p in cast.people}, {a.code for a in cast.assets}
    for script in load_story(now, ZONE):
        times = [script.at, *(step.at for step in script.steps)]
        assert times == sorted(times), script.key
        assert times[-1] <= now, script.key
        assert script.asset in assets
        named = {script.reporter, *(step.by for step in script.steps)} - {None}
        assert named <= people, script.key
        assert set(script.before) <= SCENES.keys()
        assert "catalogue_code" not in script.data or catalogue.row(script.data["catalogue_code"])


def test_the_forms_of_a_time():
    """Wall times count days back, spans count from now."""
    now = datetime(2026, 11, 24, 12, 0, tzinfo=ZONE)
    assert instant("-2d 09:30", now) == datetime(2026, 11, 22, 9, 30, tzinfo=ZONE)
    assert instant("-90min", now) == datetime(2026, 11, 24, 10, 30, tzinfo=ZONE)
    assert instant("-26h", now) == datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


@pytest.mark.parametrize("now", MOMENTS)
def test_the_rules_take_the_whole_story(built, now):
    """Every script ends where it should, and nothing open is without a next deadline."""
    database, made = built(now)
    with database.reading(SYSTEM) as session:
        hazards = list(session.scalars(sa.select(Hazard)))
        waiting = set(session.scalars(sa.select(Timer.subject_id)))
        open_at_wells = [h for h in hazards if h.is_open and h.place.endswith(("听潮路口", "31 号东侧"))]
        session.expunge_all()  # the session's end would empty them
    assert len(hazards) == len(made.hazards) >= 40
    stages = Counter(h.stage for h in hazards)
    assert stages.keys() == {"reported", "assigned", "rectifying", "verified", "closed"}
    assert stages["closed"] >= 8
    assert {h.id for h in hazards if h.is_open} <= waiting
    assert open_at_wells == []
    assert {"yellow", "orange", "red"} <= {h.colour for h in hazards if h.is_open}
    assert any(h.level == "major" and h.state == "reported" and h.colour for h in hazards)
    assert any(h.counters.get("failed_recheck") for h in hazards)
    assert any(h.reopen_of_id for h in hazards)


@pytest.mark.parametrize("now", MOMENTS)
def test_the_city_shows_what_can_stand_open_on_the_way(built, now):
    """Requests, measures, signatures, links: each page has something to show on the first evening."""
    database, _ = built(now)
    with database.reading(SYSTEM) as session:
        hazards = list(session.scalars(sa.select(Hazard)))
        session.expunge_all()
    running = [h for h in hazards if h.is_open]
    flags = Counter(flag for h in running for flag in read(h.proceedings).open)
    assert {"control", "extension", "lowering", "transfer", "listing", "gas_stop"} <= flags.keys()
    states = {h.state for h in running}
    assert {"received", "blocked", "fixed", "submitted"} <= states
    assert {"household", "major", "general"} <= {h.workflow for h in running}
    assert any(read(h.proceedings).signed for h in running), "one officer of two has signed"
    assert any("plan_approved" in h.marks for h in hazards)
    by_itself = [h for h in hazards if h.level == "major" and "conditional" in h.marks]
    assert by_itself, "a user nobody told in time"
    assert any(h.original_due_at != h.due_at for h in hazards if h.due_at is not None)


@pytest.mark.parametrize("now", MOMENTS)
def test_hazards_that_belong_together_are_linked(built, now):
    """A relapse, a split pair, a merged pair, a report fixed on the spot and confirmed by a second person."""
    database, _ = built(now)
    with database.reading(SYSTEM) as session:
        hazards = list(session.scalars(sa.select(Hazard)))
        session.expunge_all()
    ids = {h.id for h in hazards}
    for link in ("reopen_of_id", "split_from_id", "merged_into_id"):
        found = [getattr(h, link) for h in hazards if getattr(h, link) is not None]
        assert found, link
        assert set(found) <= ids, link
    assert any(h.resolution == "merged" for h in hazards)


@pytest.mark.parametrize("now", MOMENTS)
def test_who_reported_in_confidence_is_named_on_no_row(built, now):
    """One waits at the regulator, one was taken up; neither carries the name."""
    database, _ = built(now)
    with database.reading(SYSTEM) as session:
        hazards = list(session.scalars(sa.select(Hazard).where(Hazard.protected_reporter_id.is_not(None))))
        session.expunge_all()
    assert {h.state == "received" for h in hazards} == {True, False}
    assert {h.reporter_id for h in hazards} == {None}


def test_the_duty_desks_heard_every_alarm_in_time(built):
    """Nothing overdue waits for the first beat of the demo, and the desk has something put away to show."""
    database, _ = built(MOMENTS[0])
    with database.reading(SYSTEM) as session:
        duties = list(session.scalars(sa.select(AlertDuty)))
        running = session.scalars(sa.select(Timer.name).where(Timer.subject_kind == "alert")).all()
        session.expunge_all()
    assert duties
    assert [one for one in duties if one.is_asked or one.misses] == []
    assert "archived" in {one.stage for one in duties}
    assert running == []


def test_accounts_cover_every_role_and_the_first_regulator_sees_all(built):
    """What demo.json promises."""
    _, made = built(MOMENTS[0])
    roles = [account.role for account in made.accounts]
    assert set(roles) == {"inspector", "manager", "rectifier", "verifier", "regulator", "administrator"}
    first = next(account for account in made.accounts if account.role == "regulator")
    assert first.roles == ("city_officer",)
    assert all(
        account.api_token.startswith("hf_") and account.totp_secret is None for account in made.accounts
    )
    assert made.source_paths["alertmanager"].startswith("/in/alertmanager/")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The city as of a moment, built once each, with small plain pictures in place of the drawn ones."""
    made: dict[datetime, tuple[Database, city.DemoCity]] = {}
    drawn, albums.draw_all = albums.draw_all, plain

    def build(now: datetime) -> tuple[Database, city.DemoCity]:
        if now not in made:
            folder: Path = tmp_path_factory.mktemp("city")
            build_tables(f"sqlite:///{folder / 'city.db'}")
            database = Database(make_engine(f"sqlite:///{folder / 'city.db'}"))
            install_rules(database.info, installed_rules(ZONE))
            made[now] = (
                database,
                city.build(database, Store.open(f"file://{folder}/store"), VirtualClock(now)),
            )
        return made[now]

    yield build
    albums.draw_all = drawn
    for database, _ in made.values():
        database.dispose()
