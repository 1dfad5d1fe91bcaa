"""What the detectors make of it: baseline, noise, drift, spikes, heads that stick or fail; and what of that reaches us, and when."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hazard_flow.simulation.gas.dice import Array, between, dice, slow, spans
from hazard_flow.simulation.gas.gases import Gases
from hazard_flow.simulation.gas.labels import Ailment, AreaEvent, Cause
from hazard_flow.simulation.gas.parameters import Parameters, Scale
from hazard_flow.simulation.gas.places import Site

#: a detector's dice are numbered through the city, room for so many a site
_PER_SITE = 16
#: a baseline changes over hours
_BASELINE_HOURS = 2.0


@dataclass
class Readings:
    """Of one site, a row a detector: values as printed (NaN: never received), and how they came."""

    values: Array
    causes: NDArray[np.uint16]
    #: seconds the detector's clock is ahead
    skew_seconds: list[float]
    #: samples each value was kept by its detector before it was sent
    kept: NDArray[np.int16]
    ailments: list[Ailment] = field(default_factory=list)


def readings_at(
    site: Site, parameters: Parameters, scale: Scale, gases: Gases, outages: list[AreaEvent], seed: int
) -> Readings:
    """The month of one site's detectors."""
    shape = (len(site.detectors), parameters.samples)
    found = Readings(np.zeros(shape, np.float32), np.zeros(shape, np.uint16), [], np.zeros(shape, np.int16))
    present = parameters.label.gas_present_lel
    for place in range(len(site.detectors)):
        number = site.number * _PER_SITE + place
        head = _Head(
            site.detectors[place], number, parameters, scale, seed, found.causes[place], found.ailments
        )
        values = head.shows(gases.leak[place] + gases.biogas[place])
        found.causes[place] |= np.where(gases.leak[place] >= present, Cause.LEAK, 0).astype(np.uint16)
        found.causes[place] |= np.where(gases.biogas[place] >= present, Cause.BIOGAS, 0).astype(np.uint16)
        found.skew_seconds.append(head.skew_seconds())
        found.kept[place] = head.keeps()
        found.values[place] = head.loses(values, [o for o in outages if site.code in o.sites])
        head.repeats()
    return found


@dataclass
class _Head:
    detector: str
    number: int
    parameters: Parameters
    scale: Scale
    seed: int
    causes: NDArray[np.uint16]
    ailments: list[Ailment]

    def shows(self, gas: Array) -> Array:
        """The readings, printed as the head prints them, its ailments included."""
        p, samples = self.parameters.head, self.parameters.samples
        rolls = self._dice("head")
        mean = between(rolls, p.baseline_mean_lel)
        points = int(samples * self.parameters.time.sample_seconds / 3600 / _BASELINE_HOURS) + 2
        base = slow(rolls, rolls.gamma(p.baseline_shape, mean / p.baseline_shape, points), samples)
        suppressed = rolls.uniform() < p.zero_suppressed
        noise = rolls.standard_normal(samples).astype(np.float32) * np.float32(p.noise_lel)
        clean: Array = (gas + (base + noise) * self.scale.noise + self._drift()).astype(np.float32)
        values: Array = np.clip(self._spikes(clean), 0, p.span_lel)
        if suppressed:
            values[values < p.suppressed_below_lel] = 0.0
        values = self._printed(values)
        return self._failed_high(self._stuck(values))

    def skew_seconds(self) -> float:
        """How far ahead its clock is."""
        p, rolls = self.parameters.delivery, self._dice("skew")
        if rolls.uniform() >= p.skewed_share:
            return 0.0
        self.causes |= np.uint16(Cause.SKEWED)
        return between(rolls, p.skew_minutes) * 60

    def keeps(self) -> NDArray[np.int16]:
        """For how many samples each was kept before it was sent with the others of its batch."""
        p, samples = self.parameters.delivery, self.parameters.samples
        kept = np.zeros(samples, np.int16)
        for begin, end in spans(
            self._dice("late"),
            count=self._months(p.late_batches_month),
            mean=self._samples(p.late_minutes),
            samples=samples,
        ):
            kept[begin:end] = np.maximum(kept[begin:end], np.arange(end - begin, 0, -1))
            self.causes[begin:end] |= np.uint16(Cause.LATE)
        return kept

    def loses(self, values: Array, outages: list[AreaEvent]) -> Array:
        """The values without those that never reach us."""
        p, samples = self.parameters.delivery, self.parameters.samples
        drops = spans(
            self._dice("dropout"),
            count=self._months(p.dropouts_month),
            mean=self._samples(p.dropout_minutes),
            samples=samples,
        )
        for begin, end in drops:
            self.causes[begin:end] |= np.uint16(Cause.LOST)
        for outage in outages:
            self.causes[outage.begin : outage.end] |= np.uint16(Cause.OUTAGE)
        kept: Array = np.where(self.causes & np.uint16(Cause.LOST | Cause.OUTAGE), np.float32(np.nan), values)
        return kept

    def repeats(self) -> None:
        """Mark what is delivered twice."""
        twice = (
            self._dice("duplicate").uniform(size=self.parameters.samples)
            < self.parameters.delivery.duplicates_share
        )
        self.causes[twice] |= np.uint16(Cause.DUPLICATE)

    def _drift(self) -> Array:
        p, samples = self.parameters.fault, self.parameters.samples
        rolls = self._dice("drift")
        if rolls.uniform() >= p.drift_share:
            return np.zeros(samples, np.float32)
        month = between(rolls, p.drift_lel_month) * self.scale.amplitude * self._months(1)
        self.causes |= np.uint16(Cause.DRIFT)
        self.ailments.append(Ailment(self.detector, Cause.DRIFT, 0, samples))
        return np.linspace(0, month, samples, dtype=np.float32)

    def _spikes(self, values: Array) -> Array:
        p, samples = self.parameters.fault, self.parameters.samples
        rolls = self._dice("spike")
        for begin in rolls.integers(0, samples, rolls.poisson(self._months(p.spikes_month))):
            length = int(rolls.integers(int(p.spike_samples[0]), int(p.spike_samples[1]) + 1))
            height = between(rolls, p.spike_lel) * self.scale.amplitude
            values[begin : begin + length] = np.maximum(values[begin : begin + length], height)
            self.causes[begin : begin + length] |= np.uint16(Cause.SPIKE)
        return values

    def _printed(self, values: Array) -> Array:
        """Rounded as the firmware prints; a new one, from some day on, otherwise."""
        p, samples = self.parameters.delivery, self.parameters.samples
        rolls = self._dice("firmware")
        begin = int(rolls.uniform(0, samples)) if rolls.uniform() < p.firmware_share else samples
        offset = between(rolls, p.firmware_offset_lel)
        old, new = np.float32(self.parameters.head.resolution_lel), np.float32(p.firmware_resolution_lel)
        values[:begin] = np.round(values[:begin] / old) * old
        values[begin:] = np.maximum(0, np.round((values[begin:] + offset) / new) * new)
        self.causes[begin:] |= np.uint16(Cause.FIRMWARE)
        return values

    def _stuck(self, values: Array) -> Array:
        p, samples = self.parameters.fault, self.parameters.samples
        rolls = self._dice("stuck")
        if rolls.uniform() >= p.stuck_share:
            return values
        begin, end = self._once(rolls, p.stuck_hours)
        anywhere = rolls.uniform() >= p.stuck_at_last
        other = round(rolls.uniform(0, self.parameters.head.span_lel), 1)
        values[begin:end] = other if anywhere else values[begin]
        self._ails(Cause.STUCK, begin, min(end, samples))
        return values

    def _failed_high(self, values: Array) -> Array:
        p = self.parameters.fault
        rolls = self._dice("failed-high")
        if rolls.uniform() >= p.failed_high_share:
            return values
        begin, end = self._once(rolls, p.failed_high_hours)
        values[begin:end] = p.failed_high_reading_lel
        self._ails(Cause.FAILED_HIGH, begin, end)
        return values

    def _ails(self, cause: Cause, begin: int, end: int) -> None:
        self.causes[begin:end] |= np.uint16(cause)
        self.ailments.append(Ailment(self.detector, cause, begin, end))

    def _once(self, rolls: np.random.Generator, hours: float) -> tuple[int, int]:
        samples = self.parameters.samples
        begin = int(rolls.uniform(0, samples))
        return begin, min(samples, begin + max(1, int(self._samples(rolls.exponential(hours * 60)))))

    def _dice(self, subject: str) -> np.random.Generator:
        return dice(self.seed, subject, self.number)

    def _samples(self, minutes: float) -> float:
        return minutes * 60 / self.parameters.time.sample_seconds

    def _months(self, count: float) -> float:
        """What happens so often in 30 days, for the length of this record."""
        return count * self.parameters.time.days / 30
