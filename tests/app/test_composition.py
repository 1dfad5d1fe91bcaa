"""The whole application put together: what it watches, what its worker runs, how it starts and stops."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hazard_flow import app
from hazard_flow.settings import load_settings
from hazard_flow.timers.scheduler import WorkerLoop


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[app.Application]:
    settings = load_settings({}, DATA_DIR=tmp_path / "new", SECRET_KEY="k" * 40)
    app.upgrade(settings)
    built = app.build(settings)
    yield built
    built.database.dispose()


def test_it_is_ready_once_the_database_has_its_shape(tmp_path):
    settings = load_settings({}, DATA_DIR=tmp_path, SECRET_KEY="k" * 40)
    built = app.build(settings)
    client = app.create_web(built).test_client()

    before = client.get("/readyz")
    app.upgrade(settings)
    after = client.get("/readyz")
    built.database.dispose()

    assert before.status_code == 503
    assert "hazard-flow migrate" in before.json["problems"]["schema"]["zh"]
    assert after.status_code == 200


def test_an_empty_installation_has_nothing_to_complain_of(whole):
    assert app.create_web(whole).test_client().get("/watchz").json == {"status": "ok", "problems": {}}


def test_a_worker_that_stands_still_is_seen(whole):
    worker = app.make_worker(whole)
    worker.loop._finished["timers"] = -1_000.0

    answer = app.create_web(whole, worker).test_client().get("/watchz")

    assert answer.status_code == 503
    assert "timers" in answer.json["problems"]["worker"]["en"]


def test_a_consumer_that_breaks_is_started_again(monkeypatch):
    monkeypatch.setattr(app.work, "CONSUMER_PAUSE_SECONDS", 0.01)
    tries, twice = [], threading.Event()

    def consume(stop: threading.Event) -> None:
        tries.append(1)
        if len(tries) < 2:
            raise OSError("broker gone")
        twice.set()
        stop.wait()

    worker = app.Worker(loop=WorkerLoop([]), consumers={"test": consume})
    worker.start()
    assert twice.wait(10)
    worker.stop()

    assert len(tries) == 2
    assert not any(thread.is_alive() for thread in worker._threads)
