"""`seal init` and `verify` as one types them: what is written, what is said, and the exit codes."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hazard_flow.cli import main
from hazard_flow.cli.checking import _seal
from hazard_flow.ledger.keys import load_key
from hazard_flow.reports.closure import template_data
from hazard_flow.reports.seal.pades import PadesSealer
from hazard_flow.reports.worker import Press
from hazard_flow.settings import load_settings
from tests.reports.cases import NUMBER, Case


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.setenv("HAZARD_FLOW_DATA_DIR", str(tmp_path / "data"))
    return Run(tmp_path / "data")


class Run:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str | Path) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words])


def test_a_key_is_made_once_and_told_plainly_in_both_languages(run: Run) -> None:
    done = run("seal", "init", "--organisation", "恒川燃气有限公司")
    assert done.exit_code == 0, done.output
    key_file = run.folder / "keys" / "seal.p12"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    key = load_key(str(key_file))
    assert key.key_id in done.output
    for words in ("What it does not prove", "不能证明", "no passphrase", "未设口令", "seal-ca.pem"):
        assert words in done.output
    again = run("seal", "init", "--organisation", "别家")
    assert again.exit_code == 1
    assert "nothing was changed" in again.output
    assert load_key(str(key_file)).key_id == key.key_id


def test_a_passphrase_locks_the_key_and_check_names_a_wrong_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAZARD_FLOW_SIGNING_KEY_PASSPHRASE", "口令 one")
    done = run("seal", "init", "--organisation", "恒川燃气有限公司")
    assert done.exit_code == 0
    assert "no passphrase" not in done.output

    def told(passphrase: str) -> list[tuple[bool, str]]:
        settings = load_settings({}, DATA_DIR=run.folder, SIGNING_KEY_PASSPHRASE=passphrase)
        return [(one.is_ok, one.said) for one in _seal(settings)]

    ((fine, said),) = told("口令 one")
    assert fine
    assert "恒川燃气有限公司" in said
    ((fine, said),) = told("another")
    assert not fine
    assert "passphrase" in said
    assert "口令" in said
    (run.folder / "keys" / "seal.p12").chmod(0o644)
    assert [fine for fine, _ in told("口令 one")] == [True, False]


def test_no_key_is_no_fault_for_check(run: Run) -> None:
    ((fine, said),) = [(one.is_ok, one.said) for one in _seal(load_settings({}, DATA_DIR=run.folder))]
    assert fine
    assert "unsealed" in said


def test_verify_says_what_and_where_and_ends_as_promised(run: Run, tmp_path: Path) -> None:
    assert run("seal", "init", "--organisation", "恒川燃气有限公司").exit_code == 0
    trust, key = run.folder / "keys" / "seal-ca.pem", load_key(str(run.folder / "keys" / "seal.p12"))
    case = Case(photos=0, key=key)
    with Press() as press:
        ready = press.render("closure", template_data(case.data), **case.arguments())
    assert ready.seal_place is not None
    sealed = PadesSealer(key).seal(ready.pdf, ready.seal_place, number=NUMBER, at=datetime.now(UTC)).pdf
    whole, changed, unsealed = (tmp_path / name for name in ("whole.pdf", "changed.pdf", "unsealed.pdf"))
    whole.write_bytes(sealed)
    changed.write_bytes(sealed + b"\n")
    unsealed.write_bytes(ready.pdf)

    done = run("verify", whole)
    assert done.exit_code == 0, done.output
    assert "未作判断" in done.output
    assert key.key_id in done.output
    assert run("verify", whole, "--trust", trust).exit_code == 0
    told = json.loads(run("verify", whole, "--trust", trust, "--json").output)
    assert (told["intact"], told["trusted"], told["level"], told["number"]) == (True, True, "B-B", NUMBER)
    assert json.loads(run("verify", whole, "--json").output)["trusted"] is None
    assert run("verify", whole, "--require", "T").exit_code == 1
    done = run("verify", changed)
    assert done.exit_code == 1
    assert f"up to byte {len(sealed)}" in done.output
    assert run("verify", unsealed).exit_code == 1
    assert run("verify", trust).exit_code == 2
    assert run("verify", tmp_path / "none.pdf").exit_code == 2
    assert run("verify", whole, "--trust", whole).exit_code == 2
