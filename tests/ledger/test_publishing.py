"""Checkpoints get out of the house, are tried again until they do, and whoever kept one sees what was rewritten."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.ledger import publishing, queries
from hazard_flow.ledger.checks import UNPUBLISHED_AFTER, LedgerWatch
from hazard_flow.ledger.models import LedgerPublication
from hazard_flow.ledger.outlets import FileOutlet, NotTaken, WebOutlet
from hazard_flow.ledger.publishing import RETRY_FIRST, Outlet, Publisher
from hazard_flow.ledger.stamping import StampOutlet, is_about
from hazard_flow.ledger.statements import NotAStatement, Statement, parse
from hazard_flow.notifications.bulletins import EVERY, MailOutlet
from hazard_flow.notifications.channels.email import Email
from hazard_flow.notifications.channels.email import parse as parse_smtp
from hazard_flow.notifications.outside import outlets_of
from hazard_flow.settings import SettingsRefused, load_settings
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.founding import on_sqlite_only
from tests.harness.ledger import Ed25519Signer, sealer
from tests.harness.outside import taker, time_stamping
from tests.notifications.mail import MailServer

KEY = Ed25519Signer()


def sealed(city: City) -> Statement:
    city.report()
    city.clock.advance(timedelta(minutes=6))
    sealer(city.database, signer=KEY).run(city.now)
    with city.database.reading(SYSTEM) as session:
        row = queries.newest(session)
        assert row is not None
        return queries.statement(row)


def rows(city: City) -> list[tuple[str, int, str]]:
    found = city.all(sa.select(LedgerPublication).order_by(LedgerPublication.id))
    return [(row.outlet, row.attempt, row.outcome) for row in found]


def publish(city: City, *outlets: Outlet) -> publishing.Published:
    return Publisher(city.database, outlets).run(city.now)


def test_a_file_gets_each_checkpoint_once_a_line(city: City, tmp_path: Path):
    outlet = FileOutlet(tmp_path / "kept" / "checkpoints.jsonl")
    assert publish(city, outlet) == publishing.Published()  # nothing to say yet
    first = sealed(city)
    publish(city, outlet)
    publish(city, outlet)
    second = sealed(city)
    publish(city, outlet)

    lines = outlet.path.read_text("utf-8").splitlines()
    assert [parse(line) for line in lines] == [first, second]


def test_what_is_not_taken_is_tried_again_for_ever_and_seen(city: City):
    sealed(city)
    with taker() as address:
        address.status = 503
        outlet = WebOutlet(address.url)
        watch = LedgerWatch(EventLeaves(), [outlet])
        tries = 0
        for _ in range(300):
            tries += publish(city, outlet).failed
            city.clock.advance(timedelta(minutes=1))
        assert 6 <= tries <= 15  # ever longer pauses, at most an hour
        with city.database.reading(SYSTEM) as session:
            said = watch.unpublished(session, city.now)
            standing = publishing.stands(session, outlet.name)
            figures = {m.name: m.samples[0].value for m in watch.figures(session, city.now)}
        assert said is not None
        assert outlet.name in said.en
        assert "secret" not in said.en
        assert (standing.failures, standing.detail) == (tries, "status 503")
        assert figures["hazard_flow_ledger_unpublished_outlets"] == 1

        address.status = 200
        city.clock.advance(publishing.RETRY_MOST)
        assert publish(city, outlet).sent == 1
        assert publish(city, outlet) == publishing.Published()
        assert len(address.taken) == 1

    with city.database.reading(SYSTEM) as session:
        assert watch.unpublished(session, city.now + UNPUBLISHED_AFTER * 2) is None


def test_one_attempt_is_made_by_one_worker_and_a_dead_ones_claim_is_taken_up(city: City, tmp_path: Path):
    class Dying(FileOutlet):
        def send(self, statement: Statement) -> bytes | None:
            raise KeyboardInterrupt

    sealed(city)
    path = tmp_path / "kept.jsonl"
    with pytest.raises(KeyboardInterrupt):
        publish(city, Dying(path))
    assert publish(city, FileOutlet(path)) == publishing.Published()  # somebody is at it

    city.clock.advance(publishing.LEASE)

    assert publish(city, FileOutlet(path)).sent == 1
    assert [row[1:] for row in rows(city)] == [(1, "begun"), (2, "begun"), (2, "published")]


def test_a_mailbox_hears_once_a_day_in_both_languages(city: City):
    server = MailServer()
    server.start()
    try:
        outlet = MailOutlet("supervision@example.org", Email(parse_smtp(f"{server.url}")))
        first = sealed(city)
        publish(city, outlet)
        sealed(city)
        assert publish(city, outlet) == publishing.Published()
        city.clock.advance(EVERY)
        publish(city, outlet)
        messages = [message for _, message in server.keeper.messages]
    finally:
        server.stop()

    assert len(messages) == 2
    text = messages[0].get_content()
    assert first.line() in text.replace("\r\n", "\n")
    assert "账本检查点" in messages[0]["Subject"]
    assert "Checkpoint of the ledger" in messages[0]["Subject"]


def test_without_a_mail_server_the_mailbox_fails_in_sight(city: City):
    sealed(city)
    outlet = MailOutlet("supervision@example.org", None)

    assert publish(city, outlet).failed == 1

    with city.database.reading(SYSTEM) as session:
        assert publishing.stands(session, outlet.name).detail == "SMTP_URL is not set"


@on_sqlite_only
def test_a_time_stamp_is_about_this_checkpoint_and_no_other(city: City, tmp_path: Path):
    statement = sealed(city)
    with time_stamping(tmp_path) as service:
        publish(city, StampOutlet(service.url))
        other = sealed(city)
        [token] = city.all(sa.select(LedgerPublication.token).where(LedgerPublication.token.is_not(None)))

    assert is_about(token, statement)
    assert not is_about(token, other)
    assert not is_about(b"no stamp", statement)


def test_an_answer_that_is_no_stamp_is_not_kept(city: City):
    statement = sealed(city)
    with taker(lambda _query: b"<html>maintenance</html>") as service, pytest.raises(NotTaken):
        StampOutlet(service.url).send(statement)


def test_the_first_pause_is_a_minute(city: City):
    sealed(city)
    with taker() as address:
        address.status = 500
        outlet = WebOutlet(address.url)
        assert publish(city, outlet).failed == 1
        city.clock.advance(RETRY_FIRST - timedelta(seconds=1))
        assert publish(city, outlet) == publishing.Published()
        city.clock.advance(timedelta(seconds=1))
        assert publish(city, outlet).failed == 1


def test_the_settings_name_the_outlets(tmp_path: Path):
    urls = "file:///var/log/kept.jsonl, mailto:a@example.org,https://u:p@example.org/x?k=1"
    settings = load_settings(
        {"HAZARD_FLOW_LEDGER_URLS": urls, "HAZARD_FLOW_TSA_URL": "http://tsa.example.org/"}, DATA_DIR=tmp_path
    )

    names = [outlet.name for outlet in outlets_of(settings)]

    own = (tmp_path / "ledger" / "checkpoints.jsonl").resolve().as_uri()
    assert names == [
        own,
        "file:///var/log/kept.jsonl",
        "mailto:a@example.org",
        "https://example.org/x",
        "tsa:http://tsa.example.org/",
    ]
    with pytest.raises(SettingsRefused, match="LEDGER_URLS"):
        load_settings({"HAZARD_FLOW_LEDGER_URLS": "ftp://x"})


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"size": 1}', "null"])
def test_what_is_no_checkpoint_is_refused(line: str):
    with pytest.raises(NotAStatement):
        parse(line)
