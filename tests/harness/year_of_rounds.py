"""A seeded year of three enterprises' rounds, honest crews and cheating ones; each paper comes with what is true of it.

The generator knows what was walked because it laid the lines itself, straight to the north: it never asks the code under test.
"""

import math
import random
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.i18n import Label
from hazard_flow.identity import operations as identity
from hazard_flow.identity import queries as people
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections import operations, planning
from hazard_flow.inspections.checklists.items import Checklist
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.models import Round
from hazard_flow.inspections.papers import Answer, Paper, PlaceVisit
from hazard_flow.inspections.tracks import Point
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import PASSWORD, WEST
from tests.harness.city import City
from tests.harness.founding import ZONE
from tests.harness.rounds import DEGREE_M, pipe, today, well

#: metres of each line, and how near the rules want a track to come
LINE_M, NEAR_M = 1_500, 20
WELLS, WELL_STEP_M = 6, 400
#: what an instrument usually says before a well is opened, in the unit of the item
USUAL = {"gas": (0, 9), "oxygen": (20, 21), "toxic": (0, 3)}

#: what crews do on a patrol and at wells, of a hundred days
HONEST = {
    "patrol": {"whole": 92, "short": 4, "late": 2, "missed": 2},
    "wells": {"whole": 93, "neighbours": 2, "late": 2, "missed": 3},
}
CHEATING = {
    "patrol": {"whole": 55, "short": 8, "driven": 15, "mocked": 10, "standing": 5, "missed": 7},
    "wells": {
        "whole": 48,
        "office": 12,
        "teleport": 10,
        "old_photo": 8,
        "screen_photo": 8,
        "copied": 9,
        "missed": 5,
    },
}


@dataclass(frozen=True)
class Truth:
    """What is true of one round. `doubts`: the rules it really breaks; `subtle`: those of them nobody could see from the paper."""

    what: str
    state: str
    is_late: bool = False
    is_valid: bool | None = None
    covered_m: float | None = None
    doubts: frozenset[str] = frozenset()
    subtle: frozenset[str] = frozenset()
    #: raised with good reason by the rule though nobody cheated
    innocent: frozenset[str] = frozenset()
    findings: int = 0


@dataclass
class Enterprise:
    """One of the three: its people, its lines and wells, its habits."""

    name: str
    is_honest: bool
    unit: uuid.UUID
    leader: Actor
    crew: Actor
    lon: float
    segments: Sequence[uuid.UUID]
    wells: Sequence[uuid.UUID]
    photos: list[EvidenceItem] = field(default_factory=list)

    @property
    def habits(self) -> Mapping[str, Mapping[str, int]]:
        """What it does of a hundred days."""
        return HONEST if self.is_honest else CHEATING


class Year:
    """Lives through so many days; `truths` by round."""

    def __init__(self, city: City, *, seed: int, days: int) -> None:
        self.city, self.days = city, days
        self.random = random.Random(seed)
        self.truths: dict[uuid.UUID, Truth] = {}
        self._late: list[tuple[Enterprise, Round, Paper]] = []
        self.enterprises = [
            self._found(name, is_honest, 119.30 + 0.05 * number)
            for number, (name, is_honest) in enumerate(
                (("诚燃气", True), ("混燃气", False), ("伪燃气", False))
            )
        ]

    def live(self, work: object) -> "Year":
        """Day by day: the worker makes rounds in the morning, crews hand in what they do in the evening."""
        first = today(self.city)
        self.last = first + timedelta(days=self.days - 1)
        for number in range(self.days):
            day = first + timedelta(days=number)
            self._move(day, time(6))
            work()  # type: ignore[operator]
            self._hand_in_late(day)
            for one in self.enterprises:
                for found in self._owed(one, day):
                    self._do(one, found, day)
        self._move(self.last + timedelta(days=1), time(6))
        work()  # type: ignore[operator]
        return self

    # the three enterprises

    def _found(self, name: str, is_honest: bool, lon: float) -> Enterprise:
        city = self.city
        with city.database.transaction(SYSTEM) as session:
            root = identity.add_organisation(
                session,
                kind="enterprise",
                label=Label(zh=name, en=name),
                division=WEST,
                parent=None,
                now=city.now,
            )
            team = identity.add_organisation(
                session,
                kind="team",
                label=Label(zh=f"{name}一班", en=name),
                division=WEST,
                parent=root,
                now=city.now,
            )
            city._units[f"{name}一班"] = team.id
            made = [
                people.actor_of_person(
                    session,
                    identity.add_person(
                        session,
                        username=f"{role}-{lon:.2f}",
                        name=f"{name}{role}",
                        organisation=team,
                        roles=(role,),
                        password=PASSWORD,
                        now=city.now,
                    ),
                )
                for role in ("team_leader", "inspector")
            ]
        segments = [pipe(city, f"{name}-P{n}", self._line(lon, n), unit=f"{name}一班") for n in range(2)]
        wells = [
            well(city, f"{name}-W{n}", lon + 0.02, 32.3 + n * WELL_STEP_M / DEGREE_M, unit=f"{name}一班")
            for n in range(WELLS)
        ]
        # a seventh stands across the street from the sixth: who looks at both within a minute has done nothing wrong
        wells.append(
            well(
                city,
                f"{name}-W{WELLS}",
                lon + 0.02,
                32.3 + ((WELLS - 1) * WELL_STEP_M + 15) / DEGREE_M,
                unit=f"{name}一班",
            )
        )
        found = Enterprise(name, is_honest, team.id, made[0], made[1], lon, segments, wells)
        self._plan(found, "pipeline_patrol", "pipeline_patrol", segments)
        self._plan(found, "valves", "valve_well", wells)
        return found

    def _plan(self, one: Enterprise, line: str, checklist: str, assets: Sequence[uuid.UUID]) -> None:
        of = planning.PlanOf(
            organisation_id=one.unit,
            name_zh=f"{one.name}{line}",
            name_en=line,
            line=line,
            checklist=checklist,
            rule="FREQ=DAILY",
            starts_on=today(self.city),
            ends_on=today(self.city) + timedelta(days=self.days - 1),
            asset_ids=assets,
            responsible_id=one.crew.id,
        )
        with self.city.database.transaction(one.leader.scope) as session:
            planning.plan(session, of, actor=one.leader, request_key=f"{line}", now=self.city.now, zone=ZONE)

    @staticmethod
    def _line(lon: float, number: int) -> list[tuple[float, float]]:
        south = 32.30 + number * (LINE_M + 200) / DEGREE_M
        return [(lon, south), (lon, south + LINE_M / DEGREE_M)]

    # days

    def _move(self, day: date, at: time) -> None:
        self.city.clock.move_to(datetime.combine(day, at, ZONE))

    def _owed(self, one: Enterprise, day: date) -> list[Round]:
        from hazard_flow.inspections import queries

        with self.city.database.reading(one.crew.scope) as session:
            return list(queries.span(session, queries.Wanted(since=day, until=day), most=10))

    def _do(self, one: Enterprise, found: Round, day: date) -> None:
        kind = "patrol" if found.line == "pipeline_patrol" else "wells"
        habits = one.habits[kind]
        what = self.random.choices(list(habits), list(habits.values()))[0]
        if what == "old_photo" and not one.photos:
            what = "whole"
        if what == "missed":
            self.truths[found.id] = Truth(what, "missed")
            return
        begun = datetime.combine(day, time(8 if kind == "patrol" else 14), ZONE)
        paper, truth = self._patrol(one, what, begun) if kind == "patrol" else self._wells(one, what, begun)
        self.truths[found.id] = truth
        if what == "late":
            self._late.append((one, found, paper))
            return
        self._move(day, time(20))
        self._hand_in(one, found, paper)

    def _hand_in_late(self, day: date) -> None:
        """Yesterday's, walked this morning."""
        waiting, self._late = self._late, []
        for one, found, paper in waiting:
            shift = timedelta(hours=20)
            moved = Paper(
                started_at=paper.started_at + shift,
                ended_at=paper.ended_at + shift,
                visits=[
                    PlaceVisit(
                        v.asset_id,
                        v.answers,
                        v.visited_at + shift if v.visited_at else None,
                        v.lon,
                        v.lat,
                        v.accuracy_m,
                    )
                    for v in paper.visits
                ],
                track=[Point(p.at + shift, p.lon, p.lat, p.accuracy_m) for p in paper.track],
            )
            self.city.clock.move_to(max(self.city.now, moved.ended_at))
            self._hand_in(one, found, moved)

    def _hand_in(self, one: Enterprise, found: Round, paper: Paper) -> None:
        with self.city.database.transaction(one.crew.scope) as session:
            operations.hand_in(
                session, one.crew, found.id, paper, request_key=found.id.hex, now=self.city.now, zone=ZONE
            )

    # what crews do

    def _patrol(self, one: Enterprise, what: str, begun: datetime) -> tuple[Paper, Truth]:
        share = self.random.uniform(0.45, 0.8) if what == "short" else 1.0
        aside_m = self.random.uniform(-8, 8)
        kmh = {"driven": 45.0, "standing": 0.5}.get(what, self.random.uniform(3.5, 5.5))
        track: list[Point] = []
        at, covered_m = begun, 0.0
        for number in range(2):
            (lon, south), _ = self._line(one.lon, number)
            length = LINE_M * share
            track += self._walked(at, lon, south, length, aside_m, kmh, is_mocked=what == "mocked")
            at = track[-1].at + timedelta(minutes=6)  # on to the next segment: the device was put away
            reach_m = math.sqrt(NEAR_M**2 - aside_m**2)
            covered_m += min(LINE_M, length + reach_m) if what != "driven" else 0.0
        is_valid = what in ("whole", "late")
        visits = [
            PlaceVisit(
                asset_id=id_,
                answers=self._answers(checklists()["pipeline_patrol"], one),
                visited_at=begun + timedelta(minutes=10 + 30 * n),
            )
            for n, id_ in enumerate(one.segments)
        ]
        paper = Paper(started_at=begun, ended_at=track[-1].at, visits=visits, track=track)
        doubts = frozenset({"mocked"} if what == "mocked" else ())
        return paper, Truth(what, "done", what == "late", is_valid, covered_m, doubts)

    @staticmethod
    def _walked(
        at: datetime,
        lon: float,
        south: float,
        length_m: float,
        aside_m: float,
        kmh: float,
        *,
        is_mocked: bool,
    ) -> list[Point]:
        """Due north, `aside_m` east of the line, a fix every so many seconds."""
        east = lon + aside_m / (DEGREE_M * math.cos(math.radians(south)))
        step_m = kmh / 3.6 * 15
        steps = max(1, math.ceil(length_m / step_m))
        seconds = length_m / (kmh / 3.6)
        return [
            Point(
                at + timedelta(seconds=seconds * n / steps),
                east,
                south + length_m * n / steps / DEGREE_M,
                6.0,
                is_mocked,
            )
            for n in range(steps + 1)
        ]

    def _wells(self, one: Enterprise, what: str, begun: datetime) -> tuple[Paper, Truth]:
        checklist = checklists()["valve_well"]
        visits: list[PlaceVisit] = []
        for number, id_ in enumerate(one.wells):
            lat = (
                32.3 + (number * WELL_STEP_M if number < WELLS else (WELLS - 1) * WELL_STEP_M + 15) / DEGREE_M
            )
            at = begun + timedelta(minutes=9 * number)
            lon, accuracy = one.lon + 0.02, self.random.uniform(3, 15)
            if what == "office":  # ticked off at the desk, one after the other
                at, lon, lat = begun + timedelta(seconds=7 * number), one.lon + 0.02, 32.4
            elif what == "teleport":  # the right places, seconds apart
                at = begun + timedelta(seconds=8 * number)
            elif what == "neighbours" and number == WELLS:
                at = begun + timedelta(minutes=9 * (WELLS - 1), seconds=40)
            elif self.random.random() < 0.03:  # a bad fix, and the device says so
                lat, accuracy = lat + 240 / DEGREE_M, 90.0
            readings = {"gas": "4.7", "oxygen": "20.8", "toxic": "0"} if what == "copied" else None
            visits.append(
                PlaceVisit(id_, self._answers(checklist, one, readings=readings), at, lon, lat, accuracy)
            )
        doubts = {
            "office": {"outside_fence", "same_minute"},
            "teleport": {"same_minute", "too_fast"},
            "old_photo": {"same_photo"},
            "screen_photo": {"near_photo"},
            "copied": {"same_readings"},
        }.get(what, set())
        subtle: set[str] = set()
        if what == "old_photo":
            self._exchange(visits, 2, self.random.choice(one.photos))
        elif what == "screen_photo":
            bits = self.random.randint(1, 8)
            self._exchange(visits, 3, self._like(self._photo_of(visits[0]), bits))
            if bits > 6:
                subtle = {"near_photo"}
        if what == "whole":
            one.photos.append(self._photo_of(visits[1]))
        paper = Paper(started_at=begun, ended_at=begun + timedelta(minutes=65), visits=visits)
        innocent = frozenset({"same_minute"} if what == "neighbours" else ())
        return paper, Truth(
            what, "done", what == "late", True, None, frozenset(doubts), frozenset(subtle), innocent
        )

    @staticmethod
    def _photo_of(visit: PlaceVisit) -> EvidenceItem:
        return visit.answers["cover"].photos[0]

    @staticmethod
    def _exchange(visits: list[PlaceVisit], number: int, photo: EvidenceItem) -> None:
        one = visits[number]
        visits[number] = PlaceVisit(
            one.asset_id,
            {**one.answers, "cover": Answer("yes", photos=(photo,))},
            one.visited_at,
            one.lon,
            one.lat,
            one.accuracy_m,
        )

    def _answers(
        self, checklist: Checklist, one: Enterprise, *, readings: Mapping[str, str] | None = None
    ) -> dict[str, Answer]:
        found = {}
        for item in checklist.items:
            photos = (self._photo(),) if item.photo == "always" else ()
            if item.answer == "reading":
                lowest, highest = USUAL.get(item.key, (20, 21))
                value = (readings or {}).get(item.key) or f"{self.random.uniform(lowest, highest):.1f}"
                if item.limits is not None and item.limits.high == 0:
                    value = "0"
            elif item.answer == "choice":
                value = next(choice.key for choice in item.choices if choice.is_good)
            else:
                value = "" if item.answer == "photo" else "yes"
            found[item.key] = Answer(value, photos=photos)
        return found

    def _photo(self, phash: int | None = None) -> EvidenceItem:
        number = self.random.getrandbits(256)
        return EvidenceItem(
            sha256=f"{number:064x}",
            size=1_000_000,
            mime="image/jpeg",
            stage="report",
            kind="PHOTO_BEFORE",
            filename="photo.jpg",
            captured_at=None,
            exif_at=None,
            received_at=self.city.now,
            lon=Decimal("119.3"),
            lat=Decimal("32.3"),
            crs="WGS-84",
            accuracy_m=None,
            display_sha256=f"{number:064x}",
            width=4000,
            height=3000,
            pair_of=None,
            phash=f"{self.random.getrandbits(64) if phash is None else phash:016x}",
        )

    def _like(self, photo: EvidenceItem, bits: int) -> EvidenceItem:
        """The same scene taken off a screen: so many bits of the fingerprint turn."""
        assert photo.phash is not None
        number = int(photo.phash, 16)
        for bit in self.random.sample(range(64), bits):
            number ^= 1 << bit
        return self._photo(number)


@dataclass
class Score:
    """How doubts and truth agree, counted by round and rule."""

    hits: Counter[str] = field(default_factory=Counter)
    false_alarms: Counter[str] = field(default_factory=Counter)
    overlooked: Counter[str] = field(default_factory=Counter)

    def note(self, truth: frozenset[str], raised: frozenset[str]) -> None:
        """One round."""
        self.hits.update(truth & raised)
        self.false_alarms.update(raised - truth)
        self.overlooked.update(truth - raised)

    @property
    def precision(self) -> float:
        """Of the doubts raised, the share that was true."""
        return self.hits.total() / max(1, self.hits.total() + self.false_alarms.total())

    @property
    def recall(self) -> float:
        """Of what was true, the share that was raised."""
        return self.hits.total() / max(1, self.hits.total() + self.overlooked.total())

    def lines(self) -> Iterator[str]:
        """As printed."""
        for rule in sorted({*self.hits, *self.false_alarms, *self.overlooked}):
            yield f"{rule:<16} hits {self.hits[rule]:>5}  false alarms {self.false_alarms[rule]:>4}  overlooked {self.overlooked[rule]:>4}"
        yield f"precision {self.precision:.3f}  recall {self.recall:.3f}"


def organisations(year: Year) -> list[uuid.UUID]:
    """The three, as the figures know them."""
    with year.city.database.reading(SYSTEM) as session:
        return [session.get_one(Organisation, one.unit).root_id for one in year.enterprises]
