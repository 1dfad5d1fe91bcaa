"""Judges what rules made of a labelled month: leaks found and how soon, hazards opened and what was behind them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hazard_flow.bench.telemetry import naive
from hazard_flow.bench.telemetry.telling import is_biogas
from hazard_flow.bench.telemetry.truth import VENTED, Behind, behind, crossing, gas_is_there
from hazard_flow.simulation.gas.city import GasCity, SiteMonth
from hazard_flow.simulation.gas.labels import Leak
from hazard_flow.telemetry.replay_values import Joining, Opening, Replayed

FAMILY = "gas_leak"
#: a hazard is typed suspect when a suspect or a detector's fault joins it so soon: a flat line is told after 36 samples and an hour
TYPED_WITHIN = timedelta(hours=2)


@dataclass
class Tally:
    """Of one month; months are added up. Delays are samples from the crossing."""

    leaks: int = 0
    found: int = 0
    #: labelled leaks of which no working detector ever showed the limit
    unseen: int = 0
    hazards_of_found: int = 0
    delays: list[float] = field(default_factory=list)
    #: gas hazards opened, by what was behind them
    hazards: Counter[Behind] = field(default_factory=Counter)
    #: of those, the ones a person is told may be a broken detector
    suspects: Counter[Behind] = field(default_factory=Counter)
    #: of those not suspect, the ones where flammable gas was there
    with_gas: int = 0
    #: and the ones where none was
    without_gas: Counter[Behind] = field(default_factory=Counter)
    #: of those not suspect, the ones told to be biogas
    told_biogas: Counter[Behind] = field(default_factory=Counter)
    naive: Counter[Behind] = field(default_factory=Counter)
    #: the most hazards of all families within ten minutes, area events apart
    busiest_ten_minutes: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count another month in."""
        for name in ("leaks", "found", "unseen", "hazards_of_found", "with_gas"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("hazards", "suspects", "without_gas", "told_biogas", "naive"):
            getattr(self, name).update(getattr(other, name))
        self.delays += other.delays
        self.missed += other.missed
        self.busiest_ten_minutes = max(self.busiest_ten_minutes, other.busiest_ten_minutes)

    @property
    def opened(self) -> int:
        """Gas hazards opened."""
        return sum(self.hazards.values())

    @property
    def untyped(self) -> int:
        """Gas hazards that say gas, not perhaps."""
        return self.opened - sum(self.suspects.values())

    @property
    def recall(self) -> float:
        """Found leaks ÷ leaks that peak high enough."""
        return self.found / self.leaks

    @property
    def hazards_per_leak(self) -> float:
        """Gas hazards opened during a found leak, its share."""
        return self.hazards_of_found / self.found

    @property
    def fewer(self) -> float:
        """By which share the gas hazards are fewer than the naive peer's."""
        return 1 - self.opened / sum(self.naive.values())

    @property
    def fewer_untyped(self) -> float:
        """The same without the hazards typed suspect."""
        return 1 - self.untyped / sum(self.naive.values())

    @property
    def typed_precision(self) -> float:
        """Of the gas hazards not typed suspect, the share with flammable gas at the site."""
        return self.with_gas / self.untyped

    @property
    def leak_precision(self) -> float:
        """Of the gas hazards typed neither suspect nor biogas, the share that is a leak."""
        plain = Counter(self.hazards)
        plain.subtract(self.suspects)
        plain.subtract(self.told_biogas)
        return plain[Behind.LEAK] / sum(plain.values())

    def delay(self, share: float) -> float:
        """A percentile of the delays, samples."""
        ordered = sorted(self.delays)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def judge(city: GasCity, replayed: Replayed, *, tells_biogas: bool) -> Tally:
    """Hold what the rules made of the city's month against its labels."""
    openings: dict[str, list[int]] = {}
    for number, opening in enumerate(replayed.openings):
        openings.setdefault(opening.site, []).append(number)
    joinings: dict[int, list[Joining]] = {}
    for joining in replayed.joinings:
        joinings.setdefault(joining.opening, []).append(joining)
    total = Tally(busiest_ten_minutes=_busiest(replayed.openings, city))
    for month in city.months():
        mine = [
            (replayed.openings[number], joinings.get(number, []))
            for number in openings.get(month.site.code, [])
        ]
        total.add(
            _site(city, month, [(o, j) for o, j in mine if o.family == FAMILY], tells_biogas=tells_biogas)
        )
    return total


def _site(
    city: GasCity, month: SiteMonth, gas: Sequence[tuple[Opening, Sequence[Joining]]], *, tells_biogas: bool
) -> Tally:
    tally = Tally()
    for place, sample in zip(*naive.raised(month), strict=True):
        tally.naive[behind(month, int(place), int(sample))] += 1
    for opening, joined in gas:
        place, sample = _place(month, opening.device), _sample(month, opening.at.timestamp())
        cause = behind(month, place, sample)
        tally.hazards[cause] += 1
        if _is_suspect(opening, joined):
            tally.suspects[cause] += 1
            continue
        if gas_is_there(month, sample, present_lel=city.parameters.label.gas_present_lel):
            tally.with_gas += 1
        else:
            tally.without_gas[cause] += 1
        if tells_biogas and is_biogas(month, sample):
            tally.told_biogas[cause] += 1
    for leak in month.leaks:
        if leak.peak_lel >= city.parameters.label.leak_peak_lel:
            _leak(tally, month, leak, gas)
    return tally


def _leak(
    tally: Tally, month: SiteMonth, leak: Leak, gas: Sequence[tuple[Opening, Sequence[Joining]]]
) -> None:
    """Found when a working detector's alarm about it stands in a hazard of its site."""
    tally.leaks += 1
    crossed = crossing(month, leak)
    told: list[Opening | Joining] = []
    for opening, joined in gas:
        told += [opening, *joined]
    steps = [_sample(month, step.at.timestamp()) for step in told if _is_of(month, leak, step)]
    if not steps:
        tally.unseen += crossed is None
        tally.missed.append(f"{leak.site} at sample {leak.begin}, peak {leak.peak_lel:.0f} %LEL")
        return
    tally.found += 1
    tally.hazards_of_found += max(1, sum(_is_of(month, leak, opening) for opening, _ in gas))
    tally.delays.append(max(0, min(steps) - crossed) if crossed is not None else 0)


def _is_of(month: SiteMonth, leak: Leak, step: Opening | Joining) -> bool:
    sample = _sample(month, step.at.timestamp())
    if step.alert_class == "sensor_fault" or not leak.begin <= sample < leak.end + VENTED:
        return False
    return behind(month, _place(month, step.device), sample) is Behind.LEAK


def _is_suspect(opening: Opening, joined: Sequence[Joining]) -> bool:
    """Whether whoever goes there knows that it may be the detector."""
    if opening.alert_class != "process":
        return True
    return any(
        step.alert_class != "process"
        and step.device == opening.device
        and step.at - opening.at <= TYPED_WITHIN
        for step in joined
    )


def _place(month: SiteMonth, device: str) -> int | None:
    return month.site.detectors.index(device) if device in month.site.detectors else None


def _sample(month: SiteMonth, at: float) -> int:
    apart = float(month.taken[1] - month.taken[0])
    return min(max(0, round((at - float(month.taken[0])) / apart)), len(month.taken) - 1)


def _busiest(openings: Sequence[Opening], city: GasCity) -> int:
    apart, begun = float(city.parameters.time.sample_seconds), city.begun_at.timestamp()
    struck = [(outage, set(outage.sites)) for outage in city.outages]
    instants = sorted(
        opening.at.timestamp()
        for opening in openings
        if not any(
            opening.site in sites
            and outage.begin <= (opening.at.timestamp() - begun) / apart <= outage.end + VENTED
            for outage, sites in struck
        )
    )
    return max(
        (sum(0 <= other - at < 600 for other in instants[n : n + 100]) for n, at in enumerate(instants)),
        default=0,
    )


def shares(counted: Mapping[Behind, int]) -> str:
    """`leak 10 · biogas 7`, the many first."""
    return " · ".join(
        f"{name.value} {count}" for name, count in sorted(counted.items(), key=lambda pair: -pair[1]) if count
    )
