"""The measurement of originality on a handful of photographs: what it says is there, and its instruments notice what they should."""

from datetime import UTC, datetime

import pytest

from hazard_flow.bench import originality
from hazard_flow.simulation.drawing.camera import Shot
from hazard_flow.simulation.photographs import Order, draw

SHOT = Shot(datetime(2026, 3, 2, 1, 30, tzinfo=UTC), 119.4, 32.4, device="TB-003")


def test_a_handful_of_photographs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(originality, "LOOK_UPS", 3)
    originals = [draw(Order(scene, f"test:{scene}", after=False, shot=SHOT)) for scene in ("well", "kitchen")]
    seen = [originality._seen(data) for data in originals]

    found = {line.name: line.value for line in originality._detection(originals, seen)}
    warned = {line.name: line.value for line in originality._false_warnings(seen)}
    looked = {line.name: line.value for line in originality._look_up(seen, 20_000)}

    assert found["found: mirrored @93"] == found["found: saved at quality 40 @93"] == 100
    assert len(found) == len(originality.DISGUISES) * len(originality.PERCENTS)
    assert warned["false warnings @93"] == 0
    assert looked["missed at 7 bits"] == 0
    assert looked["look-up among 20000"] > 0
