"""The judge of the telemetry benchmark: a month made by hand, and what each kind of hazard is counted as."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pytest

from hazard_flow.bench.telemetry import naive
from hazard_flow.bench.telemetry.judging import Tally, judge
from hazard_flow.bench.telemetry.truth import Behind, behind, crossing, gas_is_there
from hazard_flow.simulation.gas.city import GasCity, SiteMonth, gas_city
from hazard_flow.simulation.gas.labels import AreaEvent, Cause, Leak
from hazard_flow.simulation.gas.parameters import shipped_parameters
from hazard_flow.telemetry.replay_values import Joining, Opening, Replayed

SAMPLES = 1_440
ONE_DAY = replace(shipped_parameters(), time=replace(shipped_parameters().time, days=1))
SITE = gas_city(1, parameters=ONE_DAY).sites[0]
FIRST, SECOND = SITE.detectors
#: a leak of 40 %LEL at the first head from sample 600 to 900; the second sees half of it
LEAK = Leak(SITE.code, 600, 900, 40.0, FIRST)


@dataclass(frozen=True)
class Hand(GasCity):
    """A city of one site whose month is made by hand."""

    made: SiteMonth | None = None

    def month(self, site):
        return self.made


def month(**given) -> SiteMonth:
    """The month: calm readings of 1 %LEL, and the leak; anything else as given."""
    values, gas = np.full((2, SAMPLES), 1.0, np.float32), np.zeros((2, SAMPLES), np.float32)
    causes = np.zeros((2, SAMPLES), np.uint16)
    gas[0, 600:900], gas[1, 600:900] = 40, 20
    values += gas
    causes[:, 600:900] |= np.uint16(Cause.LEAK)
    plain = SiteMonth(
        site=SITE, taken=gas_city(1, parameters=ONE_DAY).taken, values=values, causes=causes, gas=gas,
        pressure=np.full(SAMPLES, 200, np.float32), temperature=np.full(SAMPLES, 14, np.float32), skew_seconds=(0.0, 0.0),
        kept=np.zeros((2, SAMPLES), np.int16), leaks=(LEAK,), spells=(), ailments=(), outages=(),
    )  # fmt: skip
    return replace(plain, **given)


def city(made: SiteMonth, *, outages: tuple[AreaEvent, ...] = ()) -> Hand:
    """The city of that month alone."""
    whole = gas_city(1, parameters=ONE_DAY)
    return Hand(1, ONE_DAY, whole.scale, (SITE,), outages, whole.taken, made=made)


def opening(
    sample: int, *, device: str = FIRST, alert_class: str = "process", family: str = "gas_leak"
) -> Opening:
    """A hazard opened at this sample."""
    at = gas_city(1, parameters=ONE_DAY).begun_at + timedelta(minutes=sample)
    return Opening(SITE.code, family, at, "gas_level", device, 1, 1, alert_class)


def joining(sample: int, *, device: str = FIRST, alert_class: str = "process") -> Joining:
    """A step that joins the first hazard."""
    one = opening(sample, device=device, alert_class=alert_class)
    return Joining(0, one.site, one.family, one.at, one.rule, device, 1, alert_class)


def judged(made: SiteMonth, *openings: Opening, joined: tuple[Joining, ...] = (), **given) -> Tally:
    """What the judge says of them."""
    return judge(city(made, **given), Replayed(openings, joined, ()), tells_biogas=False)


def test_a_leak_is_found_by_an_alarm_about_it_and_the_delay_counted_from_the_crossing():
    made = month()
    made.values[0, 600:640] = 24.9  # under the limit for forty samples

    found = judged(made, opening(645))

    assert crossing(made, LEAK) == 640
    assert (found.leaks, found.found, found.delays, found.hazards_per_leak, found.recall) == (1, 1, [5], 1, 1)


def test_an_alarm_before_the_crossing_has_no_delay():
    made = month()
    made.values[0, 600:640] = 24.9

    assert judged(made, opening(620)).delays == [0]


def test_a_leak_nobody_alarms_about_is_missed():
    found = judged(month(), opening(100))

    assert (found.found, found.recall, len(found.missed)) == (0, 0, 1)


def test_a_leak_is_not_found_by_a_head_that_has_failed():
    made = month()
    made.causes[0, 500:1000] |= np.uint16(Cause.FAILED_HIGH)

    assert judged(made, opening(650)).found == 0
    assert judged(made, opening(650), joined=(joining(655, device=SECOND),)).found == 1


def test_a_leak_is_not_found_by_the_fault_of_a_detector():
    assert judged(month(), opening(650, alert_class="sensor_fault")).found == 0


def test_two_hazards_of_one_leak_are_two():
    assert judged(month(), opening(650), opening(700)).hazards_per_leak == 2


def test_a_small_leak_is_not_asked_for():
    assert judged(month(leaks=(replace(LEAK, peak_lel=31.9),))).leaks == 0


def test_what_is_behind_an_alarm():
    made = month(leaks=())
    made.causes[0, 100:102] |= np.uint16(Cause.SPIKE)
    made.causes[1, 200:220] |= np.uint16(Cause.STUCK | Cause.DRIFT)
    made.causes[:, 300:320] |= np.uint16(Cause.BIOGAS)

    assert behind(made, 0, 103) is Behind.SPIKE
    assert behind(made, 0, 130) is Behind.OTHER
    assert behind(made, 1, 210) is Behind.STUCK
    assert behind(made, None, 310) is Behind.BIOGAS
    assert behind(made, 0, 650) is Behind.LEAK


def test_hazards_without_gas_are_told_from_those_with():
    made = month()
    made.causes[0, 100:102] |= np.uint16(Cause.SPIKE)

    found = judged(made, opening(102), opening(650))

    assert found.hazards == {Behind.SPIKE: 1, Behind.LEAK: 1}
    assert found.without_gas == {Behind.SPIKE: 1}
    assert found.typed_precision == 0.5
    assert gas_is_there(made, 650, present_lel=5)
    assert not gas_is_there(made, 102, present_lel=5)


@pytest.mark.parametrize(
    ("first", "joined", "is_typed"),
    [
        ("suspect", (), True),
        ("process", (), False),
        ("process", (joining(200, alert_class="sensor_fault"),), True),
        ("process", (joining(200, alert_class="process"),), False),
        ("process", (joining(200, alert_class="suspect", device=SECOND),), False),
        ("process", (joining(400, alert_class="suspect"),), False),
    ],
)
def test_a_hazard_is_typed_suspect_where_whoever_goes_knows_it_in_time(first, joined, is_typed):
    made = month()
    made.causes[0, 100:500] |= np.uint16(Cause.STUCK)

    found = judged(made, opening(110, alert_class=first), joined=joined)

    assert sum(found.suspects.values()) == is_typed
    assert found.untyped == (not is_typed)


def test_hazards_of_other_families_are_no_gas_hazards():
    assert judged(month(), opening(650, family="device_fault")).opened == 0


def test_the_naive_panel_opens_at_every_crossing_and_after_every_gap():
    made = month()
    made.values[0, 700] = 20  # one dip
    made.values[0, 800:805] = np.nan  # one gap
    made.values[1, 50] = 26  # one spike

    places, samples = naive.raised(made)

    assert sorted(zip(places.tolist(), samples.tolist(), strict=True)) == [
        (0, 600),
        (0, 701),
        (0, 805),
        (1, 50),
    ]
    assert judged(made).naive == {Behind.LEAK: 3, Behind.OTHER: 1}


def test_the_busiest_ten_minutes_leave_labelled_area_events_out():
    calls = [opening(sample, family="device_fault") for sample in (10, 12, 19, 20, 40)]
    outage = AreaEvent("gateway_outage", "GG-00", (SITE.code,), 5, 30)

    assert judged(month(), *calls).busiest_ten_minutes == 3  # 10, 12 and 19; 20 is ten minutes after 10
    assert judged(month(), *calls, outages=(outage,)).busiest_ten_minutes == 0


def test_months_are_added_up():
    total = Tally()
    for made, calls in ((month(), [opening(604)]), (month(), [])):
        total.add(judged(made, *calls))

    assert (total.leaks, total.found, total.recall, total.opened) == (2, 1, 0.5, 1)
    assert total.fewer == 0.5  # the naive panel opened one in each
