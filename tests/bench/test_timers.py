"""The benchmark of the timer engine: a small run says what it must say, and its instruments notice what they are there to notice."""

import csv
import hashlib
import json
import sqlite3
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from hazard_flow.bench import Bar, Line
from hazard_flow.bench.timers import keep
from hazard_flow.bench.timers.chains import Tally, tally
from hazard_flow.bench.timers.lines import Measured, lines
from hazard_flow.bench.timers.processes import cpu_seconds
from hazard_flow.bench.timers.rounds import OURS, PER_ROW, TWO_WORKERS
from hazard_flow.bench.timers.trial import Trial
from hazard_flow.cli import main

PAIRS = {
    ("fires_per_second", "pgbench"),
    ("fires_per_second", "per_row"),
    ("cpu_per_fire", "per_row"),
    ("fires_per_second_many_pending", "few_pending"),
    ("cpu_per_fire_many_pending", "few_pending"),
    ("fires_per_second_two_workers", "one_worker"),
    ("fires_per_second_sqlite", "one_per_commit"),
    ("scheduled_per_second", ""),
    ("lag_p50", ""),
    ("lag_p99", ""),
    ("fired", "planned"),
    ("lost", "kill_9"),
    ("doubled", "kill_9"),
    ("broken_chains", "kill_9"),
}


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(900)  # a minute on a machine of one's own, many on one shared by six
def test_a_small_run_fires_everything_once_and_says_so(tmp_path):
    done = CliRunner().invoke(
        main, ["bench", "timers", "--quick", "--json", str(tmp_path / "bench.json"), "--out", str(tmp_path)]
    )

    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert all(set(line) == {"name", "value", "unit", "versus", "ratio"} for line in found)
    assert {(line["name"], line["versus"]) for line in found} == PAIRS
    value = {(line["name"], line["versus"]): line["value"] for line in found}
    ratio = {(line["name"], line["versus"]): line["ratio"] for line in found}
    assert value["fired", "planned"] == 2_000
    assert ratio["fired", "planned"] == 1
    assert (value["lost", "kill_9"], value["doubled", "kill_9"], value["broken_chains", "kill_9"]) == (
        0,
        0,
        0,
    )
    assert 0 < value["lag_p50", ""] <= value["lag_p99", ""]
    # Writing sets of rows is the point: even a loaded machine shows it.
    assert ratio["cpu_per_fire", "per_row"] < 0.5
    assert ratio["fires_per_second", "per_row"] > 2
    assert all(line["value"] > 0 and line["ratio"] > 0 for line in found if line["ratio"] is not None)


def test_rounds_and_plot_are_kept_beside_the_figures(tmp_path):
    measured = _measured()

    keep.rounds_as_csv(tmp_path / "out" / "timers.csv", measured)
    keep.plot(tmp_path / "out" / "timers.svg", lines(measured))

    text = (tmp_path / "out" / "timers.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [r["fires_per_second"] for r in rows if r["measured"] == OURS] == ["1000.0", "500.0", "2000.0"]
    drawn = ElementTree.parse(tmp_path / "out" / "timers.svg").getroot()
    assert drawn.tag.endswith("svg")
    assert any("one a transaction" in (node.text or "") for node in drawn.iter())


def test_a_ratio_is_the_median_of_the_rounds_ratios():
    found = {(line.name, line.versus): line for line in lines(_measured())}

    # rounds of 1000, 500 and 2000 a second against a pgbench of 500, 500 and 500: 2, 1 and 4
    assert found["fires_per_second", "pgbench"].ratio == 2
    # CPU 1, 1 and 1 ms against 20, 10 and 40 ms
    assert found["cpu_per_fire", "per_row"].ratio == pytest.approx(1 / 20)
    assert found["cpu_per_fire", "per_row"].holds is True
    assert found["fires_per_second_two_workers", "one_worker"].holds is False


@pytest.mark.parametrize(
    ("at_least", "figure", "holds"),
    [(True, 2, True), (True, 1.9, False), (False, 2, True), (False, 2.1, False)],
)
def test_a_bar_is_met_from_its_own_side(at_least, figure, holds):
    assert Bar(2, at_least=at_least).holds(figure) is holds
    assert Line("x", figure, "ms", bar=Bar(2, at_least=at_least)).holds is holds
    assert Line("x", 99, "ms", "y", figure, bar=Bar(2, at_least=at_least)).holds is holds


def test_cpu_time_of_children_counts_also_after_they_ended():
    burn = "import time\nwhile time.process_time() < 0.4: pass"
    parent = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\nprint('done', flush=True)\n"
        "sys.stdin.readline()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "done\n"
        spent = cpu_seconds([process.pid])
        process.communicate("\n")

    # the system counts in hundredths of a second, user's and its own apart
    assert 0.37 <= spent < 3


def test_a_crash_is_tallied_from_the_rows():
    """Four hazards: fired once, never, twice, and once with an event whose bytes were changed."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE hazard (id, head)")
    connection.execute("CREATE TABLE hazard_event (hazard_id, seq, prev, hash, body)")
    for hazard, types in {1: ["e"], 2: ["other"], 3: ["e", "e"], 4: ["e"]}.items():
        head = bytes(32)
        for seq, kind in enumerate(types, start=1):
            said = {"type": "timer.escalated" if kind == "e" else "timer.reminded", "prev": head.hex()}
            body = json.dumps(said).encode()
            digest = hashlib.sha256(b"\x00" + body).digest()
            stored = body.replace(b"timer", b"Timer") if hazard == 4 else body
            connection.execute(
                "INSERT INTO hazard_event VALUES (?, ?, ?, ?, ?)", (hazard, seq, head, digest, stored)
            )
            head = digest
        connection.execute("INSERT INTO hazard VALUES (?, ?)", (hazard, head))

    found = tally(connection)

    assert (found.planned, found.lost, found.doubled) == (4, 2, 1)
    assert found.broken == 2, "the event itself, and the head that is not its hash"


def _measured() -> Measured:
    measured = Measured()
    measured.samples.yardstick = [500.0, 500.0, 500.0]
    for seconds, cpu in ((1.0, 20), (2.0, 10), (0.5, 40)):
        measured.samples.add(OURS, Trial(1000, seconds, 1.0))
        measured.samples.add(PER_ROW, Trial(100, 1.0, cpu * 0.1))
    for name in (TWO_WORKERS, "few_pending", "many_pending", "sqlite_batched", "sqlite_per-row"):
        for _ in range(3):
            measured.samples.add(name, Trial(1000, 1.0, 1.0))
    measured.scheduled[OURS] = [1000.0]
    measured.lags_ms[OURS] = [1.0, 2.0, 3.0]
    measured.crashes[OURS] = Tally(planned=10, lost=0, doubled=0, broken=0)
    return measured
