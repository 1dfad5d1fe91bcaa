"""Where the gas city's detectors stand: city → district → regulator → segment → site → detector, each upstream of the next."""

from dataclasses import dataclass

from hazard_flow.simulation.gas.parameters import Topology


@dataclass(frozen=True)
class Site:
    """A valve well; `number` counts from 0 through the city."""

    number: int
    code: str
    district: str
    regulator: str
    segment: str
    gateway: str
    detectors: tuple[str, ...]

    @property
    def upstream(self) -> tuple[str, ...]:
        """What supplies it, the nearest first."""
        return (self.segment, self.regulator, self.district)


def sites(topology: Topology) -> tuple[Site, ...]:
    """Every site, neighbours of one segment side by side."""
    total = topology.districts * topology.regulators * topology.segments * topology.sites
    return tuple(_site(topology, number, total) for number in range(total))


def _site(topology: Topology, number: int, total: int) -> Site:
    segment = number // topology.sites
    regulator = segment // topology.segments
    district = regulator // topology.regulators
    return Site(
        number=number,
        code=f"GC-{number:04}",
        district=f"GD-{district:02}",
        regulator=f"GR-{regulator:03}",
        segment=f"GS-{segment:03}",
        gateway=f"GG-{number * topology.gateways // total:02}",
        detectors=tuple(f"GC-{number:04}-{place + 1}" for place in range(topology.detectors)),
    )
