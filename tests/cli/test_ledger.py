"""`ledger verify` at the command line: counts and 0 where all is well, the first broken row and 1 where not, 2 where it cannot read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hazard_flow.cli import main
from hazard_flow.ledger.outlets import FileOutlet
from hazard_flow.ledger.publishing import Publisher
from hazard_flow.storage.engine import make_engine
from tests.harness.city import City, city, place
from tests.harness.founding import on_sqlite_only
from tests.harness.ledger import Ed25519Signer, sealer

__all__ = ["city", "place"]

KEY = Ed25519Signer()


@pytest.fixture
def told(city: City, tmp_path: Path) -> City:
    """A city with a closed hazard, sealed, signed and published."""
    city.bring_to(city.report(), "closed")
    city.report(major=True)
    sealer(city.database, signer=KEY).run(city.now)
    Publisher(city.database, [FileOutlet(tmp_path / "kept.jsonl")]).run(city.now)
    (tmp_path / "key.pem").write_bytes(KEY.public_pem())
    return city


def verify(city: City, *arguments: str) -> Result:
    url = city.database.engine.url.render_as_string(hide_password=False)
    environment = {"HAZARD_FLOW_DATABASE_URL": url, "COLUMNS": "160"}
    return CliRunner().invoke(main, ["ledger", "verify", *arguments], env=environment)


def test_an_untouched_city_is_intact(told: City, tmp_path: Path):
    done = verify(told, "--trust", str(tmp_path / "key.pem"), "--checkpoints", str(tmp_path / "kept.jsonl"))

    assert done.exit_code == 0, done.output
    assert "intact 完好" in done.output
    told_json = verify(told, "--json")
    report = json.loads(told_json.stdout)
    assert report["intact"] is True
    assert report["counts"]["events"] == report["counts"]["leaves"] > 0
    assert report["counts"]["signatures_not_judged"] == 1


@on_sqlite_only
def test_a_changed_event_is_named_and_so_is_the_guard_taken_away(told: City):
    run(told, "DROP TRIGGER hazard_event_append_only_update")
    run(told, "UPDATE hazard_event SET actor = actor || '!' WHERE seq = 2")

    done = verify(told)
    report = json.loads(verify(told, "--json").stdout)
    run(told, "UPDATE hazard_event SET actor = rtrim(actor, '!')")  # every city is looked through at its end

    assert done.exit_code == 1
    assert (
        "the database's own guard is missing or altered: trigger hazard_event_append_only_update is missing"
        in done.output
    )
    assert "hazard_event event 2" in done.output
    assert {one["code"] for one in report["findings"]} == {"unprotected", "other_column"}
    assert report["findings"][1]["hazard"] in done.output


def test_a_copy_of_another_history_shows_it(told: City, tmp_path: Path):
    copy = tmp_path / "kept.jsonl"
    other = json.loads(copy.read_text("utf-8"))
    other["root"] = "00" * 32
    copy.write_text(json.dumps(other) + "\n", "utf-8")

    done = verify(told, "--checkpoints", str(copy))

    assert done.exit_code == 1
    assert "copy kept.jsonl:1" in done.output


def test_what_cannot_be_read_ends_with_two(told: City, tmp_path: Path):
    (tmp_path / "bad").write_text("no checkpoint\n", "utf-8")

    assert verify(told, "--checkpoints", str(tmp_path / "bad")).exit_code == 2
    assert verify(told, "--trust", str(tmp_path / "bad")).exit_code == 2


def run(city: City, statement: str) -> None:
    engine = make_engine(city.owner_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
