"""What the site's own record says of a gas hazard when it opens, asked of the product's pure judgement."""

import numpy as np

from hazard_flow.simulation.gas.city import SiteMonth
from hazard_flow.telemetry.biogas import LOOK_BACK, Track, resembles_biogas


def is_biogas(month: SiteMonth, sample: int) -> bool:
    """Whether the hazard opened at this sample is told to look like biogas; nothing later than the sample is looked at."""
    apart = float(month.taken[1] - month.taken[0])
    begin = max(0, sample + 1 - int(LOOK_BACK.total_seconds() / apart))
    window = slice(begin, sample + 1)
    heads = []
    for values in month.values[:, window]:
        there = ~np.isnan(values)
        heads.append(Track(month.taken[window][there].tolist(), values[there].tolist()))
    warmth = Track(month.taken[window].tolist(), month.temperature[window].tolist())
    return resembles_biogas(heads, warmth)
