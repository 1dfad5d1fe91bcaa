"""The telemetry benchmark: its levers, its quality over a small city, and a small run of everything on real servers."""

import csv
import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from hazard_flow.bench.telemetry import keep
from hazard_flow.bench.telemetry.judging import Tally
from hazard_flow.bench.telemetry.levers import BASE, BIOGAS, NEIGHBOURS, SHIPPED, SUSPECT, levers
from hazard_flow.bench.telemetry.quality import OTHERS, PLAIN, UNSEEN_SEEDS, Judged, measure
from hazard_flow.bench.telemetry.truth import Behind
from hazard_flow.cli import main
from hazard_flow.simulation.gas.parameters import Scale, shipped_parameters
from hazard_flow.telemetry.rulefile import shipped_rules

P = shipped_parameters()
#: fifty detectors, four days, and enough to find in them
SMALL = replace(
    P,
    topology=replace(P.topology, districts=1, gateways=1),
    time=replace(P.time, days=4),
    leak=replace(P.leak, per_site_month=3.0),
    fault=replace(P.fault, failed_high_share=0.1, spikes_month=6.0),
    biogas=replace(P.biogas, share_of_sites=0.2),
)
BY_NAME = {lever.name: lever for lever in levers()}


def test_each_lever_adds_to_the_one_before_and_the_last_is_what_is_shipped():
    ruled = [
        ({rule.id for rule in lever.rules.thresholds}, lever.rules.combinations) for lever in levers()[:-1]
    ]

    assert ruled[0][0] == {"gas_level"}
    assert all(before[0] <= after[0] for before, after in pairwise(ruled))
    assert BY_NAME[NEIGHBOURS].rules.combinations
    assert BY_NAME[BIOGAS].tells_biogas
    assert BY_NAME[SHIPPED].rules is shipped_rules()


def test_the_unseen_seeds_are_three_and_the_other_cities_are_half_as_loud_or_half_as_loud_again():
    assert len(set(UNSEEN_SEEDS)) == 3
    assert {setting.scale for setting in OTHERS.values()} == {
        Scale(),
        Scale(0.5),
        Scale(1.5),
        Scale(noise=0.5),
        Scale(noise=1.5),
    }


def test_the_product_finds_the_leaks_of_a_small_city_with_little_noise():
    found = measure((5, 6), PLAIN, BY_NAME[BASE], SMALL)
    typed = measure((5, 6), PLAIN, BY_NAME[SUSPECT], SMALL)

    assert found.leaks >= 10
    assert found.recall >= 0.9
    # spikes alone open dozens for the naive panel and none for three of five
    assert found.naive[Behind.SPIKE] >= 20
    assert found.hazards[Behind.SPIKE] == 0
    assert found.fewer > 0.5
    # the same hazards, those of failed heads now typed
    assert typed.hazards[Behind.FAILED_HIGH] >= 3
    assert typed.suspects[Behind.FAILED_HIGH] == typed.hazards[Behind.FAILED_HIGH]
    assert not found.suspects
    assert typed.typed_precision > found.typed_precision


def test_the_table_and_the_plots_are_kept(tmp_path):
    tally = Tally(
        leaks=4,
        found=3,
        hazards_of_found=3,
        delays=[1, 2, 9],
        hazards=Counter({Behind.LEAK: 3, Behind.BIOGAS: 2}),
    )
    tally.naive[Behind.BIOGAS] = 400
    judged = [Judged(BASE, "as it is", tally), Judged(SHIPPED, "noise x 1.5", tally)]

    keep.table_as_csv(tmp_path / "out" / "quality.csv", judged)
    keep.plot_quality(tmp_path / "out" / "quality.svg", judged)
    keep.plot_leak(tmp_path / "out" / "leak.svg", SMALL)

    [first, _] = list(csv.DictReader((tmp_path / "out" / "quality.csv").read_text("utf-8").splitlines()))
    assert (first["leaks"], first["found"], first["opened"], first["delay_p95"]) == ("4", "3", "5", "9")
    assert (first["hazards_biogas"], first["naive_biogas"]) == ("2", "400")
    for name in ("quality.svg", "leak.svg"):
        drawn = ElementTree.parse(tmp_path / "out" / name).getroot()
        assert drawn.tag.endswith("svg")
    words = " ".join("".join(node.itertext()) for node in drawn.iter())
    assert "a leak and its alarm" in words
    assert "hazard" in words


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.broker
@pytest.mark.timeout(1200)  # two minutes on a machine of one's own, many on one shared by six
def test_a_small_run_measures_everything_on_real_servers(tmp_path):
    done = CliRunner().invoke(
        main,
        ["bench", "telemetry", "--quick", "--json", str(tmp_path / "bench.json"), "--out", str(tmp_path)],
    )

    assert done.exit_code == 0, done.output
    found = {line["name"]: line for line in json.loads((tmp_path / "bench.json").read_text("utf-8"))}
    assert all(set(line) == {"name", "value", "unit", "versus", "ratio"} for line in found.values())
    assert {f"{lever}: leak recall" for lever in BY_NAME} <= found.keys()
    assert found["shipped: typed precision"]["value"] >= 0.9
    assert found["mqtt: inbox, signal and alert"]["ratio"] > 0
    assert found["mqtt: inbox only"]["value"] > 0
    assert any(name.startswith("webhook: a commit each") for name in found)
    assert any(name.startswith("backlog of 5,000: memory") for name in found)
    assert (tmp_path / "telemetry-leak.svg").exists()
