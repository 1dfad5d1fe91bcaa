"""The curve puts every sample where it was measured, leaves gaps open, and shows both thresholds."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from hazard_flow.telemetry import curve
from hazard_flow.telemetry.alerts import Sample
from hazard_flow.telemetry.rulefile import shipped_rules
from tests.telemetry.city import START

RULES = shipped_rules()


def drawn(values: dict[str, list[tuple[float, float]]]) -> curve.Curve | None:
    rule = RULES.threshold_for("ch4_lel")
    assert rule is not None
    series = {
        device: [Sample(START + timedelta(minutes=minute), str(minute), value) for minute, value in points]
        for device, points in values.items()
    }
    return curve.draw(
        series,
        rule=rule,
        quantity=RULES.quantities["ch4_lel"],
        centre=START,
        alarms=[(START, 2), (START + timedelta(hours=2), 2)],
        zone=ZoneInfo("Asia/Shanghai"),
    )


def test_time_runs_from_half_an_hour_before_to_half_an_hour_after() -> None:
    picture = drawn({"G-101": [(-30, 0), (0, 60), (30, 80), (31, 99)]})
    assert picture is not None
    assert [mark.text for mark in picture.ticks] == ["15:30", "15:45", "16:00", "16:15", "16:30"]
    assert picture.lines[0].dots == (
        (34.0, 176.0),
        (374.0, 81.2),
        (714.0, 49.6),
    )  # 80 of 100: 176 − 158 × 0.8
    assert (picture.peak, len(picture.alarms)) == (80, 1)


def test_a_silence_is_a_gap_and_not_a_straight_line() -> None:
    picture = drawn({"G-101": [(-12, 10), (-11, 12), (0, 60), (1, 60)]})
    assert picture is not None
    assert len(picture.lines[0].paths) == 2
    assert picture.area.count("Z") == 2


def test_both_thresholds_stand_in_the_picture_however_low_the_values() -> None:
    picture = drawn({"G-101": [(0, 1), (1, 2)]})
    assert picture is not None
    assert [mark.text for mark in picture.thresholds] == ["25", "50"]
    assert all(curve.TOP <= mark.at <= curve.BOTTOM for mark in picture.thresholds)


def test_neighbours_are_drawn_and_only_the_first_out_is_filled() -> None:
    picture = drawn({"G-101": [(0, 60), (1, 60)], "G-102": [(0, 20), (1, 20)], "G-103": []})
    assert picture is not None
    assert [(line.device, line.first_out) for line in picture.lines] == [("G-101", True), ("G-102", False)]
    assert picture.area


def test_no_samples_no_picture() -> None:
    assert drawn({"G-101": [(40, 60)]}) is None
