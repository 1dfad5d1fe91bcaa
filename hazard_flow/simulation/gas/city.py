"""The city's month, site after site: what every detector showed and what was really there. Flat memory however large the city is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hazard_flow.simulation.gas.detectors import readings_at
from hazard_flow.simulation.gas.dice import Array, dice
from hazard_flow.simulation.gas.gases import gases_at
from hazard_flow.simulation.gas.labels import Ailment, AreaEvent, Leak, Spell
from hazard_flow.simulation.gas.parameters import Parameters, Scale, shipped_parameters
from hazard_flow.simulation.gas.places import Site, sites
from hazard_flow.simulation.gas.surroundings import pressure_at, temperature_at

#: midnight in Shanghai; sample 0 of a month
BEGUN_AT = datetime(2026, 3, 31, 16, tzinfo=UTC)


@dataclass(frozen=True)
class SiteMonth:
    """One site's month; arrays have a row a detector, pressure and temperature one for the site."""

    site: Site
    #: seconds since 1970 at which sample number n was really taken
    taken: NDArray[np.float64]
    #: %LEL as printed; NaN where nothing ever reached us
    values: Array
    causes: NDArray[np.uint16]
    #: true concentration of flammable gas, %LEL
    gas: Array
    #: kPa and °C as transmitted
    pressure: Array
    temperature: Array
    #: seconds each detector's clock is ahead
    skew_seconds: tuple[float, ...]
    #: samples each value was kept by its detector before it was sent
    kept: NDArray[np.int16]
    leaks: tuple[Leak, ...]
    spells: tuple[Spell, ...]
    ailments: tuple[Ailment, ...]
    outages: tuple[AreaEvent, ...]

    def observed(self, place: int) -> NDArray[np.float64]:
        """The detector's own word for when it took its samples."""
        return self.taken + self.skew_seconds[place]


@dataclass(frozen=True)
class GasCity:
    """The city of one seed; the same seed gives the same month for ever, sites may be asked for in any order."""

    seed: int
    parameters: Parameters
    scale: Scale
    sites: tuple[Site, ...]
    outages: tuple[AreaEvent, ...]
    #: when every sample of the month is taken, seconds since 1970
    taken: NDArray[np.float64]
    breaks: tuple[AreaEvent, ...] = ()

    @property
    def begun_at(self) -> datetime:
        """When sample number 0 was taken."""
        return BEGUN_AT

    def with_break(self, upstream: str, begin: int, end: int) -> "GasCity":
        """The same city with a broken main behind a segment, regulator or district, from sample `begin` to `end`."""
        struck = tuple(site.code for site in self.sites if upstream in site.upstream)
        return replace(self, breaks=(*self.breaks, AreaEvent("mains_break", upstream, struck, begin, end)))

    def months(self) -> Iterator[SiteMonth]:
        """Every site's month, one at a time."""
        return map(self.month, self.sites)

    def month(self, site: Site) -> SiteMonth:
        """One site's month."""
        p, seed = self.parameters, self.seed
        warmth = temperature_at(site, p, seed)
        gases = gases_at(site, p, self.scale, warmth, seed, self.breaks)
        readings = readings_at(site, p, self.scale, gases, list(self.outages), seed)
        thermometer = (
            dice(seed, "thermometer", site.number).standard_normal(p.samples) * p.air.temperature_noise_c
        )
        return SiteMonth(
            site=site,
            taken=self.taken,
            values=readings.values,
            causes=readings.causes,
            gas=np.minimum(gases.leak + gases.biogas, p.head.span_lel),
            pressure=pressure_at(site, p, self.scale, gases.leak.max(axis=0), seed),
            temperature=(warmth + thermometer * self.scale.noise).astype(np.float32),
            skew_seconds=tuple(readings.skew_seconds),
            kept=readings.kept,
            leaks=gases.leaks,
            spells=gases.spells,
            ailments=tuple(readings.ailments),
            outages=tuple(outage for outage in self.outages if site.code in outage.sites),
        )


def gas_city(seed: int, *, parameters: Parameters | None = None, scale: Scale = Scale()) -> GasCity:  # noqa: B008 - frozen
    """The labelled city of a seed, by the shipped figures unless others are given."""
    p = parameters or shipped_parameters()
    standing = sites(p.topology)
    taken = BEGUN_AT.timestamp() + np.arange(p.samples, dtype=np.float64) * p.time.sample_seconds
    return GasCity(seed, p, scale, standing, tuple(_outages(p, standing, seed)), taken)


def _outages(p: Parameters, standing: tuple[Site, ...], seed: int) -> list[AreaEvent]:
    rolls = dice(seed, "gateway-outage")
    gateways = sorted({site.gateway for site in standing})
    length = int(p.delivery.gateway_outage_hours * 3600 / p.time.sample_seconds)
    found = []
    for _ in range(rolls.poisson(p.delivery.gateway_outages_month * p.time.days / 30)):
        gateway, begin = gateways[int(rolls.integers(len(gateways)))], int(rolls.uniform(0, p.samples))
        struck = tuple(site.code for site in standing if site.gateway == gateway)
        found.append(AreaEvent("gateway_outage", gateway, struck, begin, min(p.samples, begin + length)))
    return found
