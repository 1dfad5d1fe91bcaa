"""What surrounds the gas: the warmth in the wells, the pressure in the mains."""

import numpy as np

from hazard_flow.simulation.gas.dice import Array, between, dice, slow
from hazard_flow.simulation.gas.parameters import Parameters, Scale
from hazard_flow.simulation.gas.places import Site

#: the day's warmest hour in a well, local time
WARMEST_HOUR = 16.0
#: how long a peak of consumption lasts: standard deviation of its bump, hours
PEAK_HOURS = 1.6


def hours_of_day(parameters: Parameters) -> Array:
    """Local time of every sample, 0 to 24; a month begins at midnight."""
    hours: Array = (np.arange(parameters.samples) * (parameters.time.sample_seconds / 3600) % 24).astype(
        np.float32
    )
    return hours


def temperature_at(site: Site, parameters: Parameters, seed: int) -> Array:
    """The true temperature in the well, °C."""
    p = parameters.air
    weather = dice(seed, "weather").standard_normal(parameters.time.days + 2) * p.temperature_weather_c
    daily = p.temperature_daily_c * np.cos((hours_of_day(parameters) - WARMEST_HOUR) * (2 * np.pi / 24))
    changing = slow(dice(seed, "weather-phase", site.number), weather, parameters.samples)
    warmth: Array = (p.temperature_c + daily + changing).astype(np.float32)
    return warmth


def pressure_at(site: Site, parameters: Parameters, scale: Scale, leak: Array, seed: int) -> Array:
    """What the site's transmitter shows of the mains, kPa; `leak` is the site's greatest concentration of leaked gas."""
    p = parameters.pressure
    share = between(dice(seed, "pressure", int(site.regulator[3:])), p.daily_share)
    noise = (
        dice(seed, "transmitter", site.number).standard_normal(parameters.samples)
        * p.noise_share
        * scale.noise
    )
    taken = share * consumption(parameters) + p.leak_drop_share * leak / parameters.head.span_lel
    return (p.mean_kpa * (1 - taken + noise)).astype(np.float32)


def consumption(parameters: Parameters) -> Array:
    """The day's two peaks, each 1 at its hour."""
    hours = hours_of_day(parameters)
    return sum(
        (
            np.exp(-0.5 * (((hours - peak + 12) % 24 - 12) / PEAK_HOURS) ** 2)
            for peak in parameters.pressure.peaks_hour
        ),
        np.zeros(parameters.samples),
    ).astype(np.float32)
