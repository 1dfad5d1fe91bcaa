"""Doubts about visits (domain 5.4), for a reviewer to look at: never a verdict. Pure; rounds and household visits alike.

What is reckoned: where somebody stood against where the place is, how fast from one place to the next, how many at once and in a day,
one picture or signature for several places, the very same readings over and over.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import groupby, pairwise
from typing import Any

from hazard_flow.assets.places import Place
from hazard_flow.inspections.rules import DoubtRules

#: every doubt that can be raised
RULES = (
    "outside_fence",
    "mocked",
    "same_minute",
    "too_fast",
    "same_photo",
    "near_photo",
    "same_signature",
    "too_many",
    "same_readings",
)
#: a 64-bit fingerprint is cut into so many bands: two that differ in fewer bits share one whole band (pigeonhole)
_BANDS = 8


@dataclass(frozen=True)
class Picture:
    """A photograph by its bytes, and by its 64-bit fingerprint as 16 hex digits where it has one."""

    sha256: str
    phash: str | None = None


@dataclass(frozen=True)
class Visit:
    """Somebody was at a place, or says so."""

    #: the caller's own name of the visit, and of the place
    key: str
    place: str
    person: str
    #: when; None where nobody knows, and then nothing is reckoned from it
    at: datetime | None
    #: where they stood (WGS84) and how sure that is; None where the device did not say
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float = 0.0
    #: where the place is
    target: tuple[float, float] | None = None
    photos: tuple[Picture, ...] = ()
    #: SHA-256 of the picture of a signature
    signature: str | None = None
    #: the device said that its position was made up
    is_mocked: bool = False
    #: readings in their order; empty where nothing is measured
    readings: tuple[str, ...] = ()

    @property
    def stood(self) -> Place | None:
        """Where they stood."""
        return None if self.lon is None or self.lat is None else Place(self.lon, self.lat, self.accuracy_m)


@dataclass(frozen=True)
class Doubt:
    """One thing to look at: which visit, by which rule, beside which other one, and the numbers of the sentence."""

    visit: str
    rule: str
    other: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def doubts(
    visits: Iterable[Visit], rules: DoubtRules, zone: tzinfo, *, only: frozenset[str] | None = None
) -> list[Doubt]:
    """Every doubt about these visits, in their order; `only` those about these keys, the others being what they are held against.

    One doubt of a rule for a visit. A day is the zone's.
    """
    every = list(visits)
    ordered = sorted(
        (one for one in every if one.at is not None), key=lambda one: (one.person, _at(one), one.key)
    )
    raised: dict[tuple[str, str], Doubt] = {}
    for one in (
        *_each(every, rules),
        *_ways(ordered, rules),
        *_crowds(ordered, rules, zone),
        *_pictures(every, rules, only or frozenset()),
        *_signatures(every, rules),
        *_readings(ordered, rules, zone),
    ):
        if only is None or one.visit in only:
            raised.setdefault((one.visit, one.rule), one)
    place = {one.key: number for number, one in enumerate(every)}
    return sorted(raised.values(), key=lambda one: (place[one.visit], RULES.index(one.rule)))


def _at(one: Visit) -> datetime:
    """When, of a visit whose time is known."""
    assert one.at is not None
    return one.at


def _each(visits: Sequence[Visit], rules: DoubtRules) -> Iterator[Doubt]:
    for one in visits:
        if one.is_mocked:
            yield Doubt(one.key, "mocked")
        if one.stood is not None and one.target is not None:
            metres = one.stood.metres_to(Place(*one.target))
            if metres > rules.fence_m:
                yield Doubt(one.key, "outside_fence", data={"metres": round(metres)})


def _ways(visits: Sequence[Visit], rules: DoubtRules) -> Iterator[Doubt]:
    """From one place to the next faster than anybody drives; both ends are doubtful, the later one is told."""
    for before, after in pairwise(visits):
        if before.person != after.person or before.place == after.place:
            continue
        if before.stood is None or after.stood is None:
            continue
        metres = before.stood.metres_to(after.stood)
        seconds = (_at(after) - _at(before)).total_seconds()
        # within a fence of each other a satellite fix may jump as it likes
        if metres > rules.fence_m and metres * 3.6 > rules.between_kmh_max * seconds:
            kmh = round(metres * 3.6 / seconds) if seconds >= 1 else None
            yield Doubt(after.key, "too_fast", before.key, {"metres": round(metres), "kmh": kmh})


def _crowds(visits: Sequence[Visit], rules: DoubtRules, zone: tzinfo) -> Iterator[Doubt]:
    for _, group in groupby(visits, key=lambda one: (one.person, _at(one).replace(second=0, microsecond=0))):
        crowd = _places(group)
        if len(crowd) > rules.a_minute_max:
            for one in crowd:
                yield Doubt(one.key, "same_minute", data={"n": len(crowd)})
    for _, group in groupby(visits, key=lambda one: (one.person, _at(one).astimezone(zone).date())):
        day = list(group)
        for one in day[rules.a_day_max :]:
            yield Doubt(one.key, "too_many", data={"n": len(day)})


def _places(visits: Iterable[Visit]) -> list[Visit]:
    """One visit of each place."""
    return list({one.place: one for one in visits}.values())


def _pictures(visits: Sequence[Visit], rules: DoubtRules, last: frozenset[str]) -> Iterator[Doubt]:
    """One picture for two visits: by its bytes, or so near that it is one saved again. The later one is told; who is asked about last."""
    in_time = sorted(visits, key=lambda one: (one.key in last, one.at.timestamp() if one.at else 0, one.key))
    first: dict[str, Visit] = {}
    bands: defaultdict[tuple[int, int], list[tuple[int, str, Visit]]] = defaultdict(list)
    for one in in_time:
        for picture in one.photos:
            known = first.setdefault(picture.sha256, one)
            if known.key != one.key:
                yield Doubt(one.key, "same_photo", known.key, {"sha256": picture.sha256})
                continue
            if picture.phash is None:
                continue
            number = int(picture.phash, 16)
            mine = [(band, number >> 8 * band & 0xFF) for band in range(_BANDS)]
            for near, _, other in (seen for band in mine for seen in bands[band]):
                # the same place looks the same every day
                if other.place != one.place and (near ^ number).bit_count() <= rules.near_bits:
                    yield Doubt(one.key, "near_photo", other.key, {"sha256": picture.sha256})
                    break
            for band in mine:
                bands[band].append((number, picture.sha256, one))


def _signatures(visits: Sequence[Visit], rules: DoubtRules) -> Iterator[Doubt]:
    by_picture: defaultdict[str, list[Visit]] = defaultdict(list)
    for one in visits:
        if one.signature is not None:
            by_picture[one.signature].append(one)
    for same in by_picture.values():
        if len(_places(same)) > rules.signature_uses_max:
            for one in same:
                yield Doubt(one.key, "same_signature", data={"n": len(_places(same))})


def _readings(visits: Sequence[Visit], rules: DoubtRules, zone: tzinfo) -> Iterator[Doubt]:
    """The very same readings at place after place within a day; all zeros are what most places read."""
    telling = [one for one in visits if any(value.strip("-0.") for value in one.readings)]
    for _, group in groupby(
        telling, key=lambda one: (one.person, _at(one).astimezone(zone).date(), one.readings)
    ):
        same = _places(group)
        if len(same) >= rules.same_readings_min:
            for one in same:
                yield Doubt(one.key, "same_readings", data={"n": len(same)})
