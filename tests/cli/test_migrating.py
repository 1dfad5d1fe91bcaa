"""`workflow migrate` at the command line: rehearsed, asked for a reason, every refusal in both languages."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hazard_flow.cli import main
from hazard_flow.resources import resource_dir
from tests.harness.city import City, city, place
from tests.harness.versions import changed, changed_text, release

__all__ = ["city", "place"]


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The files the command finds installed: the shipped ones with one more version of `general` beside them."""
    folder = tmp_path / "workflows"
    shutil.copytree(resource_dir("workflows"), folder)
    version = changed().version
    (folder / f"general.v{version}.yaml").write_bytes(changed_text())
    monkeypatch.setattr("hazard_flow.hazards.rules.resource_dir", lambda name: folder)
    return version


def migrate(city: City, *arguments: str) -> Result:
    url = city.database.engine.url.render_as_string(hide_password=False)
    return CliRunner().invoke(
        main, ["workflow", "migrate", *arguments], env={"HAZARD_FLOW_DATABASE_URL": url, "COLUMNS": "160"}
    )


def test_rehearsed_then_moved_with_who_and_why(city: City, newer: int):
    hazard = city.bring_to(city.report(), "rectifying")
    release(city, changed())

    rehearsed = migrate(city, "general", "--to", str(newer), "--dry-run")
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "would move to 将改用" in rehearsed.output
    assert city.look(hazard).workflow_version == newer - 1

    done = migrate(city, "general", "--to", str(newer), "--reason", "统一执行新版", "--by", "qian")

    assert done.exit_code == 0, done.output
    assert "1 moved 已改用, 0 refused 不能改用" in done.output
    assert city.look(hazard).workflow_version == newer
    event = city.events(hazard)[-1]
    assert (event.type, event.who, event.data["fields"]) == (
        "hazard.migrated",
        "钱管理",
        {"reason": "统一执行新版"},
    )


def test_a_refused_hazard_is_named_with_its_mend_and_the_others_move(city: City, newer: int):
    closed, open_one = city.bring_to(city.report(), "closed"), city.report()
    release(city, changed())
    numbers = ["--hazard", closed.number, "--hazard", open_one.number]

    done = migrate(city, "general", "--to", str(newer), "--reason", "统一执行新版", *numbers)

    assert done.exit_code == 1
    assert f"{closed.number}: It is closed" in done.output
    assert f"{closed.number}: 已销号" in done.output
    assert city.look(open_one).workflow_version == newer
    assert city.events(open_one)[-1].who == "system:administrator"


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("general", "--to", "2"), "--reason", 2),
        (("nothing", "--to", "2", "--dry-run"), "there are: general, household, major", 1),
        (("general", "--to", "77", "--dry-run"), "general.v77", 1),
        (("general", "--to", "2", "--map", "submitted"), "OLD=NEW", 2),
        (("general", "--to", "2", "--map", "a=b", "--map", "a=c"), "mapped twice", 2),
        (("general", "--to", "2", "--reason", "x", "--by", "he"), "he is no administrator", 1),
        (("general", "--to", "2", "--dry-run", "--hazard", "YH-1"), "Not a hazard under general: YH-1", 1),
        (("general", "--to", "2", "--dry-run"), "No open hazard", 0),
        (("general", "--to", "0"), "x>=1", 2),
    ],
)
def test_wrong_orders_are_told_how_to_mend(
    city: City, newer: int, arguments: tuple[str, ...], said: str, code: int
):
    done = migrate(city, *(str(newer) if word == "2" else word for word in arguments))

    assert said in done.output, done.output
    assert done.exit_code == code
    assert "Traceback" not in done.output


def test_a_database_that_was_never_made_is_said_clearly(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    done = CliRunner().invoke(
        main,
        ["workflow", "migrate", "general", "--to", "1", "--dry-run"],
        env={"HAZARD_FLOW_DATABASE_URL": url},
    )

    assert done.exit_code == 1
    assert "hazard-flow migrate" in done.output
