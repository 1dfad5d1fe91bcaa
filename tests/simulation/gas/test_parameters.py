"""The gas city's figures: complete, each with its origin, and the ones the release gate names."""

import pytest
import yaml

from hazard_flow.simulation.gas.parameters import FILE, ParametersWrong, read, shipped_parameters


def changed(section: str, figure: str, entry: dict | None) -> bytes:
    """The shipped file with one entry replaced, or taken out."""
    entries = yaml.safe_load(FILE.read_bytes())
    if entry is None:
        del entries[section][figure]
    else:
        entries[section][figure] = entry
    return yaml.safe_dump(entries).encode()


def test_the_city_is_the_one_the_release_gate_asks_for():
    found = shipped_parameters()
    topology = found.topology
    sites = topology.districts * topology.regulators * topology.segments * topology.sites

    assert sites * topology.detectors == 300
    assert (found.time.days, found.time.sample_seconds, found.samples) == (30, 60, 43_200)
    assert sites // topology.gateways == 30
    assert found.label.leak_peak_lel == 32


def test_every_figure_has_an_origin():
    entries = yaml.safe_load(FILE.read_bytes())
    figures = [
        entry for section in entries.values() if isinstance(section, dict) for entry in section.values()
    ]

    assert len(figures) > 60
    assert all(("source" in entry) != ("assumed" in entry) for entry in figures)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (None, "per_site_month"),
        ({"value": 0.15}, "leak.per_site_month"),
        ({"value": 0.15, "source": "x", "assumed": "y"}, "leak.per_site_month"),
        ({"value": 0.15, "assumed": " "}, "leak.per_site_month"),
        ({"value": [0, 1], "assumed": "y"}, "leak.per_site_month"),
        ({"value": True, "assumed": "y"}, "leak.per_site_month"),
    ],
)
def test_a_figure_that_is_missing_or_without_origin_is_refused(entry, named):
    with pytest.raises(ParametersWrong, match=named):
        read(changed("leak", "per_site_month", entry), name="other.yaml")


def test_an_unknown_figure_is_refused():
    with pytest.raises(ParametersWrong, match=r"head.*colour"):
        read(changed("head", "colour", {"value": 1, "assumed": "y"}), name="other.yaml")


def test_a_range_has_two_ends_in_order():
    with pytest.raises(ParametersWrong, match="rise_minutes"):
        read(changed("leak", "rise_minutes", {"value": [240, 15], "assumed": "y"}), name="other.yaml")
