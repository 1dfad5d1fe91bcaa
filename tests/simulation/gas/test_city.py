"""What the gas city's months show is what its parameters say; every expectation is worked out from the figures, none from the output."""

import hashlib
import math
import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hazard_flow.simulation.gas.city import GasCity, SiteMonth, gas_city
from hazard_flow.simulation.gas.labels import GONE, Cause
from hazard_flow.simulation.gas.parameters import Scale, shipped_parameters
from hazard_flow.simulation.gas.places import sites

P = shipped_parameters()
SEEDS = (11, 12)
#: how far a mean of so many independent draws may lie from its law's, in its own standard deviations
SIGMAS = 4.0


@pytest.fixture(scope="module")
def months() -> list[SiteMonth]:
    """Two months of the whole city."""
    return [month for seed in SEEDS for month in gas_city(seed).months()]


@pytest.fixture(scope="module")
def calm(months) -> list[tuple[SiteMonth, int]]:
    """Detectors without gas, drift, new firmware or suppressed zero in all the month."""
    ailing = np.uint16(
        Cause.LEAK | Cause.BIOGAS | Cause.DRIFT | Cause.FIRMWARE | Cause.STUCK | Cause.FAILED_HIGH
    )
    return [
        (month, place)
        for month in months
        for place in range(len(month.values))
        if not (month.causes[place] & ailing).any()
        and (np.nan_to_num(month.values[place], nan=9) > 0.05).mean() > 0.3
        and not month.spells
        and not month.leaks
    ]


def poisson(expected: float) -> object:
    """What a count of that mean may be."""
    return pytest.approx(expected, abs=SIGMAS * math.sqrt(expected))


def share(of: int, expected: float) -> object:
    """What a count of so many yes-or-no draws may be."""
    return pytest.approx(of * expected, abs=SIGMAS * math.sqrt(of * expected * (1 - expected)))


def test_the_same_seed_gives_the_same_month_whatever_the_order():
    city = gas_city(11)
    forth = [digest(city.month(site)) for site in city.sites[:4]]
    back = [digest(gas_city(11).month(site)) for site in reversed(city.sites[:4])]

    assert forth == back[::-1]
    assert forth != [digest(gas_city(12).month(site)) for site in city.sites[:4]]


def test_memory_does_not_grow_with_the_city():
    city = gas_city(11)
    next(city.months())  # what is loaded once
    tracemalloc.start()
    for _ in zip(range(30), city.months(), strict=False):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 30e6, "one site's month is about a megabyte, its making a few"


def test_places_are_a_tree():
    standing = sites(P.topology)

    assert len({site.code for site in standing}) == 150
    assert len({device for site in standing for device in site.detectors}) == 300
    assert len({site.district for site in standing}) == 3
    assert len({site.regulator for site in standing}) == 15
    assert len({site.segment for site in standing}) == 30
    for lower, higher in (("segment", "regulator"), ("regulator", "district")):
        above: dict[str, set[str]] = {}
        for site in standing:
            above.setdefault(getattr(site, lower), set()).add(getattr(site, higher))
        assert all(len(found) == 1 for found in above.values())
    assert [len([s for s in standing if s.gateway == g]) for g in sorted({s.gateway for s in standing})] == [
        30
    ] * 5


def test_leaks_come_as_often_and_as_large_as_said(months):
    leaks = [leak for month in months for leak in month.leaks]
    # peak = 100 q / (1 + q); 32 %LEL is q = 0.47; the chance of more is that of a normal above ln(0.47/0.40)/1.78
    at_least = 0.5 * math.erfc(math.log((32 / 68) / P.leak.size_median) / P.leak.size_sigma / math.sqrt(2))

    assert len(leaks) == poisson(P.leak.per_site_month * 150 * len(SEEDS))
    # a leak shorter than its rise never reaches its peak and one on a high of its day passes it: a tenth either way
    high = sum(leak.peak_lel >= 32 for leak in leaks)
    assert high == pytest.approx(
        len(leaks) * at_least, abs=0.1 * len(leaks) + SIGMAS * math.sqrt(len(leaks) / 4)
    )
    assert all(0 < leak.peak_lel <= 100 for leak in leaks)


def test_a_neighbour_sees_less_of_a_leak_and_later(months):
    seen = 0
    for month in months:
        if len(month.leaks) != 1 or month.spells or month.leaks[0].peak_lel < 40:
            continue
        [leak] = month.leaks
        near = month.site.detectors.index(leak.detector)
        ours, theirs = month.gas[near], month.gas[1 - near]
        if leak.end - leak.begin < 8 * 60 or leak.end >= P.samples:
            continue
        seen += 1
        plateau = slice(leak.end - 60, leak.end)
        assert 0.3 - 0.2 <= theirs[plateau].mean() / ours[plateau].mean() <= 0.9 + 0.01
        lag = int(np.flatnonzero(theirs > 0)[0]) - int(np.flatnonzero(ours > 0)[0])
        assert 1 <= lag <= 26
    assert seen >= 5


def test_a_leak_rises_with_its_time_constant(months):
    """Half of the height is there after 0.69 time constants of 15 to 240 minutes; the day's swing moves it by 15 % at most."""
    halves = []
    for month in months:
        for leak in month.leaks:
            hours = (leak.end - leak.begin) / 60
            if hours < 24 or leak.peak_lel < 10 or len(month.leaks) > 1 or month.spells or leak.peak_lel > 95:
                continue
            gas = month.gas[month.site.detectors.index(leak.detector)][leak.begin : leak.begin + 12 * 60]
            halves.append(int(np.flatnonzero(gas >= gas.max() / 2)[0]))
    assert len(halves) >= 6
    assert min(halves) >= 0.69 * 15 * 0.7
    assert max(halves) <= 0.69 * 240 * 1.5


def test_calm_detectors_show_their_baseline_and_noise(calm):
    means = []
    for month, place in calm:
        values = month.values[place]
        means.append(values[~np.isnan(values) & ((month.causes[place] & np.uint16(Cause.SPIKE)) == 0)].mean())
    assert len(means) > 150
    # a detector's mean is even from 0 to 2; those near 0 read high because a negative reading prints 0
    assert np.mean(means) == pytest.approx(1.0, abs=0.2)
    assert max(means) < 3


def test_readings_flutter_by_the_head_s_noise(months):
    assert np.median(flutters(months)) == pytest.approx(
        math.hypot(P.head.noise_lel, 0.1 / math.sqrt(12)), rel=0.05
    )


def test_some_clean_wells_are_flat_at_nought(months):
    flat = sum(
        bool((np.nan_to_num(row, nan=0) == 0).mean() > 0.6)
        for month in months
        if not month.leaks and not month.spells
        for row in month.values
    )
    wells = 2 * sum(not month.leaks and not month.spells for month in months)

    # those that drift or are stuck are no longer flat; some of the suppressed have baselines above 3 now and then
    assert P.head.zero_suppressed * 0.7 < flat / wells < P.head.zero_suppressed * 1.3


def test_biogas_is_where_and_as_strong_as_said(months):
    with_gas = {(number // 150, month.site.code) for number, month in enumerate(months) if month.spells}
    # a site whose spells all miss the month is not seen: a pause of 180 h on average hides 0.75 e^(-720/180), one in seventy
    assert len(with_gas) == share(150 * len(SEEDS), P.biogas.share_of_sites)
    active = sum((month.causes[0] & np.uint16(Cause.BIOGAS) > 0).mean() for month in months) / len(with_gas)
    assert active == pytest.approx(P.biogas.active_share, abs=0.12)
    levels = [
        float(np.median(month.gas[0][spell.begin + 12 * 60 : spell.end]))
        for month in months
        if not month.leaks
        for spell in month.spells
        if spell.end - spell.begin > 36 * 60
    ]
    assert len(levels) > 20
    assert np.mean(levels) == pytest.approx(P.biogas.plateau_lel, abs=2.5)
    for month in months:
        if month.spells and not month.leaks:
            there = month.gas[0] > 5
            assert (
                0.92 / 1.08 - 0.01
                <= np.median(month.gas[1][there] / month.gas[0][there])
                <= 1.08 / 0.92 + 0.01
            )


def test_faults_strike_as_many_detectors_as_said(months):
    ailments = [ailment for month in months for ailment in month.ailments]
    detectors = 300 * len(SEEDS)
    counted = {
        cause: sum(a.cause is cause for a in ailments)
        for cause in (Cause.DRIFT, Cause.STUCK, Cause.FAILED_HIGH)
    }

    assert counted[Cause.DRIFT] == share(detectors, P.fault.drift_share)
    assert counted[Cause.STUCK] == share(detectors, P.fault.stuck_share)
    assert counted[Cause.FAILED_HIGH] == share(detectors, P.fault.failed_high_share)
    spikes = sum(begins(month.causes[place], Cause.SPIKE) for month in months for place in range(2))
    assert spikes == poisson(P.fault.spikes_month * detectors)


def test_a_stuck_head_does_not_move_and_a_failed_one_shows_more_than_the_span(months):
    found = dict.fromkeys((Cause.STUCK, Cause.FAILED_HIGH), 0)
    for month in months:
        for ailment in month.ailments:
            if ailment.cause is Cause.DRIFT:
                continue
            place = month.site.detectors.index(ailment.detector)
            values = month.values[place][ailment.begin : ailment.end]
            other = month.causes[place][ailment.begin : ailment.end] & np.uint16(Cause.FAILED_HIGH)
            if ailment.cause is Cause.STUCK:
                values = values[other == 0]
            values = values[~np.isnan(values)]
            if len(values):
                found[ailment.cause] += 1
                assert np.ptp(values) == 0
                assert ailment.cause is Cause.STUCK or values[0] == pytest.approx(105)
    assert min(found.values()) > 10


def test_what_is_lost_is_lost_and_nothing_else(months):
    for month in months:
        assert np.array_equal(np.isnan(month.values), (month.causes & np.uint16(GONE)) > 0)
    lost = sum(((month.causes & np.uint16(Cause.LOST)) > 0).mean() for month in months) / len(months)
    # two dropouts of 90 min in 43 200; they hardly overlap
    assert lost == pytest.approx(2 * 90 / 43_200, rel=0.2)


def test_an_outage_takes_a_whole_gateway_for_four_hours():
    city = next(c for c in map(gas_city, range(100)) if c.outages and c.outages[0].end < P.samples)
    outage = city.outages[0]
    assert len(outage.sites) == 30
    assert outage.end - outage.begin == 240
    struck = city.month(next(site for site in city.sites if site.code == outage.sites[0]))
    assert np.isnan(struck.values[:, outage.begin : outage.end]).all()
    spared = city.month(next(site for site in city.sites if site.code not in outage.sites))
    assert not (spared.causes & np.uint16(Cause.OUTAGE)).any()


def test_gateways_fail_once_a_month():
    outages = sum(len(gas_city(seed).outages) for seed in range(200))

    assert outages == poisson(P.delivery.gateway_outages_month * 200)


def test_messages_come_twice_late_and_by_wrong_clocks_as_said(months):
    doubled = sum(int((month.causes & np.uint16(Cause.DUPLICATE) > 0).sum()) for month in months)
    samples = 300 * len(SEEDS) * P.samples
    assert doubled / samples == pytest.approx(P.delivery.duplicates_share, rel=0.02)
    skewed = [skew for month in months for skew in month.skew_seconds if skew]
    assert len(skewed) == share(300 * len(SEEDS), P.delivery.skewed_share)
    assert max(map(abs, skewed)) <= 600
    batches = [
        int(kept[begin])
        for month in months
        for kept in month.kept
        for begin in np.flatnonzero(np.diff(kept, prepend=0) > 0)
    ]
    assert len(batches) == poisson(P.delivery.late_batches_month * 300 * len(SEEDS))
    assert np.mean(batches) == pytest.approx(P.delivery.late_minutes, rel=0.2)


def test_pressure_dips_twice_a_day_by_five_to_ten_per_cent(months):
    for month in months[:150:10]:
        by_hour = month.pressure.reshape(30, 24, 60).mean(axis=(0, 2)) / P.pressure.mean_kpa
        assert int(np.argmin(by_hour[:13])) in (6, 7)
        assert 13 + int(np.argmin(by_hour[13:])) in (18, 19)
        # hourly means blunt the peak a little
        assert 0.04 < 1 - by_hour.min() < 0.12


def test_wells_are_warmest_in_the_afternoon(months):
    for month in months[:150:10]:
        by_hour = month.temperature.reshape(30, 24, 60).mean(axis=(0, 2))
        assert int(np.argmax(by_hour)) in (15, 16)
        assert np.ptp(by_hour) == pytest.approx(2 * P.air.temperature_daily_c, rel=0.1)


def test_scaled_amplitudes_and_noise_move_what_they_should():
    plain, louder, noisier = (
        leaks_and_noise(gas_city(11, scale=scale))
        for scale in (Scale(), Scale(amplitude=0.5), Scale(noise=1.5))
    )

    assert louder[0] == pytest.approx(0.5 * plain[0], rel=0.01)
    assert noisier[0] == pytest.approx(plain[0], rel=0.01)
    assert noisier[1] == pytest.approx(1.5 * plain[1], rel=0.05)
    assert louder[1] == pytest.approx(plain[1], rel=0.05)


def test_other_figures_are_another_city():
    shorter = replace(P, time=replace(P.time, days=2))
    month = next(gas_city(11, parameters=shorter).months())

    assert month.values.shape == (2, 2_880)


def leaks_and_noise(city: GasCity) -> tuple[float, float]:
    """The mean size of the leaks that stay under the span, and how much readings flutter."""
    months = list(city.months())
    peaks = sorted(leak.peak_lel for month in months for leak in month.leaks)
    return float(np.sum(peaks[:5])), float(np.median(flutters(months)))


def flutters(months: list[SiteMonth]) -> list[float]:
    """The noise of each head that stands in the gas of a leak, where nothing is cut off at nought or at the span.

    White noise is half the variance of the difference of neighbours; printing to 0.1 adds 0.1²/12.
    """
    ailing = np.uint16(Cause.STUCK | Cause.FAILED_HIGH | Cause.SPIKE | Cause.FIRMWARE | Cause.BIOGAS)
    found = []
    for month in months:
        for values, causes, gas in zip(month.values, month.causes, month.gas, strict=True):
            there = (
                (causes & np.uint16(Cause.LEAK) > 0)
                & (causes & ailing == 0)
                & (values > 8)
                & (values < 90)
                & (gas > 8)
            )
            pairs = there[1:] & there[:-1] & (np.abs(np.diff(gas)) < 0.05)
            if pairs.sum() > 300:
                found.append(float(np.diff(values)[pairs].std() / math.sqrt(2)))
    assert len(found) >= 5
    return found


def begins(causes: np.ndarray, cause: Cause) -> int:
    """How many stretches of a cause there are; spikes that touch are one."""
    there = (causes & np.uint16(cause)) > 0
    return sum(
        bool(now and not before)
        for before, now in pairwise([False, *there[np.r_[True, there[1:] != there[:-1]]]])
    )


def digest(month: SiteMonth) -> str:
    """Everything of a month that anybody reads."""
    parts = (month.values, month.causes, month.gas, month.pressure, month.temperature, month.kept)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
