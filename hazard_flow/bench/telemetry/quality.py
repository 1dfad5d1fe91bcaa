"""How well the rules find leaks and how little noise they make: labelled months of unseen seeds, through the product's own fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from hazard_flow.bench.telemetry.judging import Tally, judge
from hazard_flow.bench.telemetry.levers import Lever
from hazard_flow.bench.telemetry.streams import site_series, topology_of
from hazard_flow.simulation.gas.city import GasCity, gas_city
from hazard_flow.simulation.gas.parameters import Parameters, Scale
from hazard_flow.telemetry.replay import replay
from hazard_flow.telemetry.replay_values import Episode, Joining, Opening, Replayed

#: people close a hazard when all its alerts have been normal for a day (assumed: the rework, the re-check and the signature take as long)
CLOSES_AFTER = timedelta(hours=24)
#: judged by, never looked at while rules were written
UNSEEN_SEEDS = (20261, 20262, 20263)


@dataclass(frozen=True)
class Setting:
    """Where rules are judged: how loud the city is, and how soon people close what has become normal."""

    scale: Scale = field(default_factory=Scale)
    closes_after: timedelta = CLOSES_AFTER


PLAIN = Setting()
OTHERS: Mapping[str, Setting] = {
    "amplitude x 0.5": Setting(Scale(amplitude=0.5)),
    "amplitude x 1.5": Setting(Scale(amplitude=1.5)),
    "noise x 0.5": Setting(Scale(noise=0.5)),
    "noise x 1.5": Setting(Scale(noise=1.5)),
    # nearer to the shipped workflow, whose repair, re-check and signature take longer still
    "closed after a week": Setting(closes_after=timedelta(days=7)),
}


@dataclass(frozen=True)
class Judged:
    """A lever's tally over all seeds, in one setting."""

    lever: str
    setting: str
    tally: Tally


def measure(seeds: Sequence[int], setting: Setting, lever: Lever, parameters: Parameters) -> Tally:
    """A lever's tally over the months of these seeds."""
    total = Tally()
    for seed in seeds:
        city = gas_city(seed, scale=setting.scale, parameters=parameters)
        total.add(judge(city, walked(city, lever, setting.closes_after), tells_biogas=lever.tells_biogas))
    return total


def walked(city: GasCity, lever: Lever, closes_after: timedelta = CLOSES_AFTER) -> Replayed:
    """The month through the product's fold, a gateway's sites at a time: no rule looks further, and memory stays flat."""
    topology = topology_of(city)
    parts = []
    for _, sites in groupby(city.sites, key=lambda site: site.gateway):
        stream = (series for site in sites for series in site_series(city.month(site), lever.needs))
        parts.append(replay(lever.rules, topology, stream, closes_after=closes_after))
    return _joined(parts)


def _joined(parts: Sequence[Replayed]) -> Replayed:
    openings: list[Opening] = []
    joinings: list[Joining] = []
    episodes: list[Episode] = []
    for part in parts:
        before = len(openings)
        openings += part.openings
        joinings += [_moved(joining, before) for joining in part.joinings]
        episodes += part.episodes
    return Replayed(tuple(openings), tuple(joinings), tuple(episodes))


def _moved(joining: Joining, by: int) -> Joining:
    given = {name: getattr(joining, name) for name in Joining.__dataclass_fields__}
    return Joining(**{**given, "opening": joining.opening + by})
