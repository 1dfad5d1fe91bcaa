"""`workflow replay` at the command line: what comes out for people and for machines, and every way it says no."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hazard_flow.cli import main
from tests.harness.city import City, city, place
from tests.harness.versions import changed, changed_text, stricter

__all__ = ["city", "place"]


def replay(city: City, file: Path, *arguments: str) -> Result:
    url = city.database.engine.url.render_as_string(hide_password=False)
    return CliRunner().invoke(
        main,
        ["workflow", "replay", str(file), *arguments],
        env={"HAZARD_FLOW_DATABASE_URL": url, "COLUMNS": "140"},
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A stricter `general`, not installed anywhere."""
    path = tmp_path / "draft.yaml"
    path.write_bytes(changed_text(stricter))
    return path


def test_for_machines(city: City, file: Path):
    hazard = city.report()
    city.control(hazard)
    city.fast_forward(days=4)

    done = replay(city, file, "--since", "2026-11-01", "--until", "2026-11-05", "--json")

    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["workflow"], told["hazards_walked"], told["hazards_found"]) == (changed().id, 1, 1)
    (one,) = told["hazards"]
    assert one["number"] == hazard.number
    assert one["counts"] == {"same": 1, "earlier": 3, "later": 0, "readdressed": 0, "new": 0, "gone": 0}
    reminder, rung_0, rung_1 = one["firings"]
    assert (reminder["timer"], reminder["level"], reminder["shift_min"]) == ("classify", -1, -60)
    assert (rung_0["shift_min"], rung_1["shift_min"]) == (-120, -31 * 60)
    assert rung_0["recorded"]["at"] == "2026-11-02T05:00:00.000000Z"
    assert rung_0["changed"]["at"] == "2026-11-02T03:00:00.000000Z"
    assert [p["name"] for p in rung_1["changed"]["to"]] == ["何安全", "韩总"]
    assert told["totals"]["median_earlier_min"] == 120


def test_for_people(city: City, file: Path):
    hazard = city.report()
    city.control(hazard)
    city.fast_forward(days=4)

    done = replay(city, file, "--since", "2026-11-01", "--until", "2026-11-05")

    assert done.exit_code == 0, done.output
    for words in (hazard.number, "earlier 提前 2 h", "11-02 13:00", "11-02 11:00", "何安全", "人员名册"):
        assert words in done.output
    assert done.output.count(hazard.number) == 1  # its other lines stand under it


def test_it_writes_nothing(city: City, file: Path):
    hazard = city.report()
    city.fast_forward(days=1)
    before = (
        [(e.seq, e.type) for e in city.events(hazard)],
        city.look(hazard).seq,
        sorted(city.timers(hazard)),
    )

    replay(city, file, "--since", "2026-11-01")

    after = [(e.seq, e.type) for e in city.events(hazard)], city.look(hazard).seq, sorted(city.timers(hazard))
    assert after == before


def test_a_refused_file_says_where_and_how(city: City, tmp_path: Path):
    broken = tmp_path / "broken.yaml"
    broken.write_bytes(changed_text().replace(b"to: closed", b"to: nowhere"))

    done = replay(city, broken, "--since", "2026-11-01")

    assert done.exit_code == 1
    assert "broken.yaml:" in done.output
    assert "rule 10" in done.output
    assert "未作试算" in done.output


@pytest.mark.parametrize(
    ("content", "arguments", "said", "code"),
    [
        (b"\xff\xfe", ("--since", "2026-11-01"), "not UTF-8", 2),
        (b"a: [", ("--since", "2026-11-01"), "YAML", 2),
        (None, ("--since", "2026-11-01"), "cannot be opened", 2),
        (changed_text, ("--since", "2200-01-01"), "period is empty", 2),
        (changed_text, ("--since", "2026-11-03", "--until", "2026-11-01"), "period is empty", 2),
        (changed_text, ("--since", "1 November"), "does not match", 2),
        (changed_text, (), "--since", 2),
    ],
)
def test_wrong_questions_are_told_how_to_mend(
    city: City, tmp_path: Path, content, arguments, said: str, code: int
):
    file = tmp_path / "draft.yaml"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content())

    done = replay(city, file, *arguments)

    assert said in done.output, done.output
    assert done.exit_code == code
    assert "Traceback" not in done.output
