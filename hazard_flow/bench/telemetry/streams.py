"""The labelled city as the engine's replay takes it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import numpy as np

from hazard_flow.simulation.gas.city import GasCity, SiteMonth
from hazard_flow.telemetry.replay_values import Series, Spot

#: a site's pressure transmitter, by the site's code
TRANSMITTER = "{site}-P"


def topology_of(city: GasCity) -> Mapping[str, Spot]:
    """Where every device of the city stands."""
    every = timedelta(seconds=city.parameters.time.sample_seconds)
    spots: dict[str, Spot] = {}
    for site in city.sites:
        spot = Spot(site.code, gateway=site.gateway, upstream=site.segment, expect_every=every)
        spots |= dict.fromkeys((*site.detectors, TRANSMITTER.format(site=site.code)), spot)
    return spots


def series_of(city: GasCity, quantities: Sequence[str]) -> Iterator[Series]:
    """All samples of these quantities, a site at a time."""
    for month in city.months():
        yield from site_series(month, quantities)


def site_series(month: SiteMonth, quantities: Sequence[str]) -> Iterator[Series]:
    """One site's samples, as they were observed by the devices' own clocks; what was lost is not there."""
    span = 100.0
    for place, device in enumerate(month.site.detectors):
        there = ~np.isnan(month.values[place])
        # float32 has no 0.1: what was printed is what is meant. Over the span counts as its top, as intake does.
        printed = np.minimum(np.round(month.values[place][there].astype(np.float64), 1), span)
        yield Series(device, "ch4_lel", month.observed(place)[there].tolist(), printed.tolist())
    if "pressure" in quantities:
        yield Series(
            TRANSMITTER.format(site=month.site.code),
            "pressure",
            month.taken.tolist(),
            month.pressure.tolist(),
        )
