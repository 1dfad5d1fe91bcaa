"""`tls init`, `tls renew`, `serve --tls` and what `check` says: clear where they cannot go on."""

import contextlib
import os
import re
import signal
import ssl
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from hazard_flow.cli import main
from hazard_flow.cli.listening import bind
from hazard_flow.settings import load_settings
from hazard_flow.watching import make_checks
from hazard_flow.web.tls.authority import AUTHORITY_DAYS, look, make
from hazard_flow.web.tls.naming import read
from tests.harness.waiting import wait_for


def run(folder: Path, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"HAZARD_FLOW_DATA_DIR": str(folder), **environment})


def test_init_says_what_to_hand_out_and_what_comes_next(tmp_path: Path):
    done = run(tmp_path, "tls", "init", "--host", "gas-server", "--host", "192.168.7.20")

    assert done.exit_code == 0, done.output
    root = look(tmp_path / "tls" / "ca.crt")
    assert root.fingerprint in done.output
    assert "gas-server, localhost, 192.168.7.20" in done.output
    assert "hazard-flow serve --host 0.0.0.0 --tls" in done.output
    again = run(tmp_path, "tls", "init", "--host", "gas-server")
    assert again.exit_code == 1
    assert "nothing was changed" in again.output
    assert "hazard-flow tls renew" in again.output
    assert look(tmp_path / "tls" / "ca.crt") == root


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("init", "--host", "no name"), "neither a host name"),
        (("renew",), "hazard-flow tls init"),
        (("renew", "--host", "1.2.3"), "neither a host name"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, arguments, said):
    done = run(tmp_path, "tls", *arguments)

    assert done.exit_code == 1
    assert said in done.output
    assert any("\u4e00" <= c <= "\u9fff" for c in done.output)
    assert not (tmp_path / "tls").exists()


def test_another_folder_may_be_named(tmp_path: Path):
    done = run(tmp_path, "tls", "init", "--host", "gas-server", "--out", str(tmp_path / "elsewhere"))

    assert done.exit_code == 0
    assert (tmp_path / "elsewhere" / "ca.crt").is_file()
    assert not (tmp_path / "tls").exists()


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("--tls",), {}, "hazard-flow tls init"),
        (("--http-port", "8080"), {}, "goes with --tls"),
        (("--tls",), {"HAZARD_FLOW_TLS_CERTIFICATE": "/nowhere.pem"}, "HAZARD_FLOW_TLS_KEY"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "web"])
def test_serving_without_what_it_takes_is_refused(tmp_path: Path, command, arguments, environment, said):
    done = run(tmp_path, command, *arguments, **environment)

    assert done.exit_code in (1, 2)
    assert said in done.output


def test_a_public_address_without_tls_is_refused_with_it(tmp_path: Path):
    make(tmp_path / "tls", read(["gas-server"]), now=datetime.now(UTC))

    done = run(tmp_path, "serve", "--tls", HAZARD_FLOW_PUBLIC_URL="http://gas-server")

    assert done.exit_code == 1
    assert "begins with https://" in done.output


def test_a_key_of_another_certificate_is_refused(tmp_path: Path):
    for name in ("tls", "other"):
        make(tmp_path / name, read(["gas-server"]), now=datetime.now(UTC))
    (tmp_path / "tls" / "server.key").write_bytes((tmp_path / "other" / "server.key").read_bytes())

    done = run(tmp_path, "serve", "--tls", "--port", "0")

    assert done.exit_code == 1
    assert "cannot be used" in done.output


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(days=300), r"ok\s+tls 证书\s+server.crt until"),
        (timedelta(days=380), r"FAIL\s+tls 证书\s+server.crt ends 将到期"),
        (timedelta(days=500), r"FAIL\s+tls 证书\s+server.crt ended 已到期"),
        (timedelta(days=AUTHORITY_DAYS - 20), r"FAIL\s+tls 证书\s+ca.crt ends 将到期"),
    ],
)
def test_check_names_a_certificate_that_ends(tmp_path: Path, age: timedelta, said: str):
    make(tmp_path / "tls", read(["gas-server"]), now=datetime.now(UTC) - age)

    done = run(tmp_path, "check")

    assert re.search(said, done.output), done.output
    if "FAIL" in said:
        assert "hazard-flow tls renew" in done.output or "重新生成根证书" in done.output


def test_check_is_content_where_nobody_wants_tls(tmp_path: Path):
    assert re.search(r"ok\s+tls 证书\s+not set up", run(tmp_path, "check").output)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(days=380), None),
        (timedelta(days=384), "到期，到期后平板无法上传"),
        (timedelta(days=500), "到期，到期后平板无法上传"),
    ],
)
def test_the_watch_tells_of_it_before_tablets_fall_silent(tmp_path: Path, age: timedelta, said: str | None):
    now = datetime.now(UTC)
    make(tmp_path / "tls", read(["gas-server"]), now=now - age)
    settings = load_settings({}, DATA_DIR=tmp_path, PUBLIC_URL="https://gas-server:8443")

    told = make_checks(settings).watch["certificate_ends"](Session(), now)

    assert (told is None) if said is None else (told is not None and said in told.zh)


def test_the_watch_tells_of_one_that_cannot_be_read_and_of_none_where_there_is_none(tmp_path: Path):
    settings = load_settings({}, DATA_DIR=tmp_path, PUBLIC_URL="https://gas-server:8443")
    assert "certificate_ends" not in make_checks(settings).watch
    make(tmp_path / "tls", read(["gas-server"]), now=datetime.now(UTC))
    check = make_checks(settings).watch["certificate_ends"]
    (tmp_path / "tls" / "server.crt").write_text("not this")

    told = check(Session(), datetime.now(UTC))

    assert told is not None
    assert "server.crt" in told.en


@pytest.mark.slow
def test_the_whole_system_serves_over_tls_renews_itself_and_ends_when_told(tmp_path: Path):
    make(tmp_path / "tls", read(["127.0.0.1"]), now=datetime.now(UTC) - timedelta(days=390))
    with bind("127.0.0.1", 0) as one, bind("127.0.0.1", 0) as other:
        port, plain = one.getsockname()[1], other.getsockname()[1]
    command = [sys.executable, "-m", "hazard_flow", "serve", "--tls"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--http-port", str(plain)],
        env={**os.environ, "HAZARD_FLOW_DATA_DIR": str(tmp_path), "PYTHONPATH": os.getcwd()},
        stderr=subprocess.PIPE,
        text=True,
    )
    trusting = ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.crt"))

    def asked(url: str) -> tuple[int, str, str]:
        try:
            with urllib.request.urlopen(url, context=trusting, timeout=10) as answer:
                return answer.status, answer.url, str(answer.headers.get("Set-Cookie"))
        except OSError as error:
            return 0, str(error), ""

    try:
        up = wait_for(
            lambda: asked(f"https://127.0.0.1:{port}/sign-in"), lambda told: told[0] == 200, seconds=90
        )
        led = asked(f"http://127.0.0.1:{plain}/sign-in")
        shown = asked(f"http://127.0.0.1:{plain}/tls")
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)
        process.kill()
        said = process.communicate()[1]

    assert up[2].startswith("__Host-hf="), "the cookie's prefix under TLS"
    assert "Secure" in up[2]
    assert led[:2] == (200, f"https://127.0.0.1:{port}/sign-in")
    assert shown[:2] == (200, f"http://127.0.0.1:{plain}/tls")
    assert "证书已自动续签" in said
    assert look(tmp_path / "tls" / "server.crt").ends_at > datetime.now(UTC) + timedelta(days=300)
    assert process.returncode == 0, said[-500:]
