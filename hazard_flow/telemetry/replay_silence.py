"""Silences of devices in a record, on the clock of receipt: whose, from when to when, and who was silent together."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf

from hazard_flow.telemetry.alerts import Change
from hazard_flow.telemetry.replay_desk import Subject
from hazard_flow.telemetry.replay_folding import Told
from hazard_flow.telemetry.replay_values import Spot
from hazard_flow.telemetry.rules import NoData, Rules
from hazard_flow.telemetry.scanning import Episode, Step

Gap = tuple[float, float]


class Silences:
    """Collects when each device was heard; answers for the rules on silence."""

    def __init__(self, rules: Rules, topology: Mapping[str, Spot]) -> None:
        self._rules, self._topology = rules, topology
        self._gaps: dict[str, list[Gap]] = {}
        self._intervals: dict[str, float] = {}
        self._behind: dict[str, list[str]] = defaultdict(list)

    def take(self, device: str, interval: float | None, received: Sequence[float]) -> None:
        """One series of a device: the spans in which it brought nothing."""
        if not self._rules.no_data or interval is None:
            return
        shortest = min(interval, self._intervals.get(device, inf))
        least = shortest * (min(rule.missed for rule in self._rules.no_data) - 1 or 1)
        gaps = [(a, b) for a, b in pairwise(received) if b - a > least]
        gaps.append((received[-1], inf))
        before = self._gaps.get(device)
        self._intervals[device] = shortest
        self._gaps[device] = gaps if before is None else list(_both(before, gaps))
        gateway = self._topology[device].gateway
        if before is None and gateway is not None:
            self._behind[gateway].append(device)

    def told(self, end: float) -> Iterator[Told]:
        """The episodes of silence up to the end of the record."""
        for rule in self._rules.no_data:
            for device, gaps in self._gaps.items():
                for last, next_ in gaps:
                    due = last + rule.missed * self._intervals[device]
                    if due < min(next_, end):
                        yield Told(
                            rule,
                            Subject(device, self._topology[device].site),
                            _episode(last, due, next_, end),
                        )

    def gateway_of(self, rule: NoData, device: str, at: float) -> str | None:
        """The gateway behind which so many are silent that it is one hazard; None where it is the device's own."""
        gateway = self._topology[device].gateway
        if gateway is None:
            return None
        silent = sum(self._is_silent(one, at, rule.missed - 1) for one in self._behind[gateway])
        return gateway if silent >= rule.group_min else None

    def _is_silent(self, device: str, at: float, missed: int) -> bool:
        gaps = self._gaps[device]
        place = bisect_right(gaps, (at, -inf)) - 1
        return place >= 0 and gaps[place][1] > at and gaps[place][0] <= at - missed * self._intervals[device]


def _episode(last: float, due: float, next_: float, end: float) -> Episode:
    steps = [Step(Change.RAISED, 1, due, 0.0)]
    if next_ <= end:
        steps.append(Step(Change.ENDED, 1, next_, 0.0))
    return Episode(last, due, 1, 1, 0.0, due, due, next_ if next_ <= end else None, steps=tuple(steps))


def _both(one: Sequence[Gap], other: Sequence[Gap]) -> Iterator[Gap]:
    """The spans in which both are silent."""
    first, second = 0, 0
    while first < len(one) and second < len(other):
        begin, end = max(one[first][0], other[second][0]), min(one[first][1], other[second][1])
        if begin < end:
            yield begin, end
        if one[first][1] <= other[second][1]:
            first += 1
        else:
            second += 1
