"""Drills and dead-letter lists from the command line: a clear table, an exit code a script can use, and a record of who did what."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from hazard_flow.cli import main
from hazard_flow.drills.models import Drill, DrillRung
from hazard_flow.drills.sealed import Place, sealed_copy
from hazard_flow.identity.models import Person
from hazard_flow.schedule.models import Outbox, Timer, Upkeep
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.timers.parking import park
from tests.harness import founding
from tests.harness.city import City, city
from tests.notifications.conftest import mail
from tests.notifications.test_city import address_everybody

__all__ = ["city", "mail"]


@pytest.fixture
def place(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The command line is the same on both databases; what it does is tried on both elsewhere."""
    templates = tmp_path_factory.getbasetemp() / "templates"
    templates.mkdir(exist_ok=True)
    yield from founding.on_sqlite(tmp_path, templates)


@pytest.fixture
def run(city: City, tmp_path: Path) -> Iterator[object]:
    url = city.database.engine.url.render_as_string(hide_password=False)
    environment = {
        "HAZARD_FLOW_DATA_DIR": str(tmp_path / "data"),
        "HAZARD_FLOW_DATABASE_URL": url,
        "COLUMNS": "200",
    }

    def command(*arguments: str, **more: str) -> Result:
        return CliRunner().invoke(main, arguments, env={**environment, **more})

    return command


def leave(city: City, *people: str, active: bool = False) -> None:
    with city.database.transaction(SYSTEM) as session:
        for name in people:
            session.execute(sa.update(Person).where(Person.id == city.person(name)).values(active=active))


def test_a_drill_that_reaches_everybody_ends_with_0_and_files_its_record(city: City, run):
    done = run("drill")

    assert done.exit_code == 0, done.output
    assert "通过：每一级都能通知到具体的人" in done.output
    assert "恒川燃气 · 一般隐患闭环 v1" in done.output
    for name in ("周调度", "何安全", "唐监管", "陈处长"):
        assert name in done.output
    [filed] = city.all(sa.select(Drill))
    assert filed.number in done.output
    assert filed.actor.startswith("operator:")
    assert len(city.all(sa.select(DrillRung))) == filed.rungs > 100


def test_a_drill_in_which_a_rung_reaches_nobody_ends_with_1_and_says_where(city: City, run):
    leave(city, "方监管", "陈处长", "梁处长", "卢主任")

    done = run("drill", "--organisation", "安平燃气", "--findings-only", "--locale", "en")

    assert done.exit_code == 1
    assert "Reaches nobody" in done.output
    assert "Anping Patrol" in done.output
    assert "Not passed" in done.output
    leave(city, "方监管", "陈处长", "梁处长", "卢主任", active=True)


def test_sending_sends_one_message_to_each_and_names_the_record(city: City, run, mail):
    address_everybody(city)

    done = run(
        "drill", "--organisation", "安平燃气", "--send", "--findings-only", HAZARD_FLOW_SMTP_URL=mail.url
    )

    assert done.exit_code == 0, done.output
    [filed] = city.all(sa.select(Drill))
    assert filed.sent
    assert len(mail.got) == filed.people
    assert {r.state for r in city.all(sa.select(Outbox).where(Outbox.subject_kind == "drill"))} == {"sent"}


def test_where_there_is_nobody_to_drill_it_says_so(tmp_path: Path):
    done = CliRunner().invoke(main, ["drill"], env={"HAZARD_FLOW_DATA_DIR": str(tmp_path / "new")})

    assert done.exit_code == 2
    assert "no enterprise" in done.output


def test_an_unknown_unit_is_told(run):
    done = run("drill", "--organisation", "没有这个单位")

    assert done.exit_code == 1
    assert "没有单位" in done.output


def parked(city: City, count: int) -> list[Timer]:
    timers = [
        t for n in range(count) for t in list(city.timers(city.report(f"阀井漏气第{n}处")).values())[:1]
    ]
    with city.database.transaction(SYSTEM) as session:
        for timer in timers:
            park(session, timer.id, error="KeyError: ('general', 7)", now=city.now)
    return timers


def test_parked_timers_are_listed_and_let_try_again_on_record(city: City, run):
    assert run("timers", "parked").exit_code == 0
    first, second = parked(city, 2)

    listed = run("timers", "parked")
    assert listed.exit_code == 1
    assert str(first.id) in listed.output
    assert "KeyError" in listed.output

    assert run("timers", "retry", str(first.id)).exit_code == 0
    assert run("timers", "retry", str(first.id)).exit_code == 1, "it is not in the list any more"
    assert run("timers", "retry").exit_code == 2
    assert run("timers", "retry", "--all").exit_code == 0
    assert run("timers", "parked").exit_code == 0
    done = city.all(sa.select(Upkeep).order_by(Upkeep.at))
    assert {one.thing_id for one in done} == {first.id, second.id}
    assert all(re.fullmatch(r"operator:\w+", one.actor) for one in done)


def test_undelivered_messages_are_listed_and_sent_again_on_record(city: City, run):
    hazard = city.report()
    assert run("messages", "undelivered").exit_code == 0
    with city.database.transaction(SYSTEM) as session:
        session.execute(
            sa.update(Outbox)
            .where(Outbox.subject_id == hazard.id, Outbox.channel == "message")
            .values(state="failed", reason="no_mailbox", error="550 unknown")
        )
    listed = run("messages", "undelivered")
    assert listed.exit_code == 1
    assert "550 unknown" in listed.output
    assert hazard.number in listed.output
    assert run("messages", "retry", "--all").exit_code == 0
    assert {r.state for r in city.all(sa.select(Outbox))} == {"pending"}
    assert [one.act for one in city.all(sa.select(Upkeep))] == ["message.retried"]


def test_check_names_what_lies_still(city: City, run):
    hazard = city.report()
    fine = run("check").output
    assert "ok    hazards" in fine
    with city.database.transaction(SYSTEM) as session:
        for timer in city.timers(hazard).values():
            park(session, timer.id, error="broken", now=city.now)

    told = run("check")

    assert told.exit_code == 1
    assert hazard.number in told.output
    assert "Parked timers" in told.output
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Timer).values(parked_at=None))


def test_a_drill_leaves_no_copy_behind_when_it_is_broken_off(city: City, tmp_path: Path):
    """SIGTERM in the middle: the folder with the copied people goes with it."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    url = city.database.engine.url.render_as_string(hide_password=False)
    environment = {
        **os.environ,
        "HAZARD_FLOW_DATA_DIR": str(tmp_path),
        "HAZARD_FLOW_DATABASE_URL": url,
        "TMPDIR": str(folder),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "hazard_flow", "drill"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        for _ in range(1200):
            if list(folder.glob("hazard-flow-drill-*/drill.db")) or process.poll() is not None:
                break
            time.sleep(0.05)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM, "it was broken off, it had not ended by itself"
    assert list(folder.glob("hazard-flow-drill-*")) == []
    assert city.all(sa.select(Drill)) == []


def test_a_drill_told_to_stop_while_the_interpreter_tidies_up_still_stops(
    city: City, run, monkeypatch: pytest.MonkeyPatch
):
    """What is raised in a finalizer goes nowhere: an exit raised by the signal's own handler would be lost there."""

    class Tidied:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    @contextlib.contextmanager
    def copied(live: Database) -> Iterator[tuple[Database, list[Place]]]:
        with sealed_copy(live) as copy:
            Tidied()
            yield copy

    monkeypatch.setattr("hazard_flow.drills.holding.sealed_copy", copied)
    before = signal.getsignal(signal.SIGTERM)

    done = run("drill")

    assert done.exit_code == 128 + signal.SIGTERM, done.output
    assert city.all(sa.select(Drill)) == []
    assert signal.getsignal(signal.SIGTERM) is before
