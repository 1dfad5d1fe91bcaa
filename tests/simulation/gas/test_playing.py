"""An hour of the gas city played to an installation: its sites are entered once, its messages arrive through the broker."""

import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from hazard_flow import app
from hazard_flow.assets.models import Asset
from hazard_flow.settings import PREFIX, load_settings
from hazard_flow.simulation.cast import load_cast
from hazard_flow.simulation.gas.playing import main
from hazard_flow.simulation.servers import Mosquitto
from hazard_flow.simulation.settling import settle
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.models import Device


@pytest.mark.slow
@pytest.mark.broker
def test_an_hour_is_played_and_the_sites_are_entered_once(tmp_path: Path, monkeypatch):
    settings = load_settings({}, DATA_DIR=tmp_path, SECRET_KEY="test" * 8)
    app.upgrade(settings)
    application = app.build(settings)
    with application.database.transaction(SYSTEM) as session:
        settle(session, load_cast(), password="not-used-by-anybody", now=application.clock.now())
    application.database.dispose()
    monkeypatch.setenv(f"{PREFIX}DATA_DIR", str(tmp_path))
    monkeypatch.setenv(f"{PREFIX}SECRET_KEY", "test" * 8)

    with Mosquitto() as broker:
        hearing = [
            "mosquitto_sub",
            "-p",
            str(broker.port),
            "-c",
            "-i",
            "listener",
            "-q",
            "1",
            "-t",
            "gas/gas-city/#",
        ]
        subprocess.run(
            [*hearing, "-E"], check=True, timeout=20
        )  # subscribes, and leaves the broker to keep what comes
        for _ in range(2):
            done = CliRunner().invoke(main, ["--mqtt", broker.url, "--minutes", "1", "--speed", "6000"])
            assert done.exit_code == 0, done.output
        played = 2 * int(done.output.split()[-2])
        heard = subprocess.run(
            [*hearing, "-C", str(played), "-W", "30", "-F", "%t"], check=True, capture_output=True, text=True
        )
    topics = heard.stdout.splitlines()
    assert len(topics) == played > 500
    assert all(topic.endswith("/telemetry") for topic in topics)

    with app.build(settings).database.reading(SYSTEM) as session:
        assert session.scalar(sa.select(sa.func.count()).where(Asset.code.like("GC-%"))) == 150
        assert session.scalar(sa.select(sa.func.count()).where(Device.code.like("GC-%"))) == 300


def test_an_installation_without_a_broker_s_source_is_told_so(tmp_path: Path, monkeypatch):
    settings = load_settings({}, DATA_DIR=tmp_path, SECRET_KEY="test" * 8)
    app.upgrade(settings)
    monkeypatch.setenv(f"{PREFIX}DATA_DIR", str(tmp_path))
    monkeypatch.setenv(f"{PREFIX}SECRET_KEY", "test" * 8)

    done = CliRunner().invoke(main, ["--mqtt", "mqtt://127.0.0.1:1", "--minutes", "1"])

    assert done.exit_code == 1
    assert "no MQTT source" in done.output
