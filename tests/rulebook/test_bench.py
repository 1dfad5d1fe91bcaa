"""The benchmark of the replay keeps working: a dozen of its hazards, lived and walked again, reproduced to the last firing."""

from hazard_flow.bench import replay


def test_a_dozen_hazards(monkeypatch):
    monkeypatch.setattr(replay, "HAZARDS", 12)

    lines = {line.name: line for line in replay.run()}

    assert lines["replay: hazards per CPU second"].ratio is not None
    assert lines["replay: CPU seconds for all"].value > 0
