"""The press survives what its renderers do: hanging, dying, idling; and it never carries WeasyPrint or our secrets."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from hazard_flow.errors import OutsideWorld
from hazard_flow.reports.closure import template_data
from hazard_flow.reports.worker import Press
from tests.reports.cases import Case


@pytest.fixture(scope="module")
def small() -> Case:
    return Case(photos=0, events=2)


def _make(press: Press, case: Case, **more: Any) -> bytes:
    return press.render("closure", template_data(case.data), **case.arguments(), **more).pdf


def test_a_hanging_renderer_is_killed_and_replaced(small: Case) -> None:
    with Press() as press:
        first = _make(press, small)
        os.kill(press.processes()[0], signal.SIGSTOP)
        with pytest.raises(OutsideWorld, match="took longer than 1 s") as caught:
            _make(press, small, seconds_max=1)
        assert not caught.value.permanent
        assert press.processes() == []
        assert _make(press, small) == first


def test_a_dying_renderer_is_an_error_once(small: Case) -> None:
    with Press() as press:
        first = _make(press, small)
        pid = press.processes()[0]
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
        with pytest.raises(OutsideWorld, match="stopped"):
            _make(press, small)
        assert _make(press, small) == first
        os.kill(press.processes()[0], signal.SIGKILL)
        time.sleep(0.2)
        assert _make(press, small) == first


def test_an_idle_renderer_ends_and_leaves_no_folder(small: Case) -> None:
    press = Press(idle_seconds=0.2)
    _make(press, small)
    folder = Path(os.readlink(f"/proc/{press.processes()[0]}/cwd"))
    for _ in range(50):
        if not press.processes():
            break
        time.sleep(0.1)
    assert press.processes() == []
    press.close()
    assert not folder.exists()


def test_secrets_stay_at_home(small: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAZARD_FLOW_SECRET_KEY", "kept")
    with Press() as press:
        _make(press, small)
        environment = Path(f"/proc/{press.processes()[0]}/environ").read_bytes()
    assert b"HAZARD_FLOW" not in environment


def test_two_renderers_work_side_by_side(small: Case) -> None:
    made: list[bytes] = []
    with Press(size=2) as press:
        threads = [threading.Thread(target=lambda: made.append(_make(press, small))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(press.processes()) == 2
    assert len(made) == 4
    assert len(set(made)) == 1


def test_the_caller_never_imports_weasyprint() -> None:
    code = (
        "import sys, hazard_flow.reports.worker, hazard_flow.reports.closure, hazard_flow.reports.issue\n"
        "sys.exit(any(name in sys.modules for name in ('weasyprint', 'pydyf', 'fontTools')))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode
        == 0
    )
