"""Who held which seat at an instant, and who is reached behind the words of a ladder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.sim.oracle.days import prefix

#: who hears instead where nobody is found, and what `above` means: domain 3.1, up to the highest regulator
ABOVE = {
    "worker": "team_leader",
    "inspector": "team_leader",
    "user_party": "team_leader",
    "reporter": "team_leader",
    "applicant": "team_leader",
    "responsible": "dept_manager",
    "duty_desk": "safety_director",
    "team_leader": "dept_manager",
    "dept_manager": "safety_director",
    "verifiers": "safety_director",
    "expert": "safety_director",
    "safety_director": "enterprise_principal",
    "closer": "enterprise_principal",
    "enterprise_principal": "county_officer",
    "administrator": "county_officer",
    "enforcement": "county_officer",
    "county_officer": "city_officer",
    "city_officer": "provincial_officer",
    "provincial_officer": "highest_regulator",
    "safety_committee": "highest_regulator",
}
REGULATORS = {"county_officer", "city_officer", "provincial_officer", "safety_committee", "enforcement"}
OFFICERS = {"county_officer", "city_officer", "provincial_officer"}
#: words that mean a person with a part in the hazard
PARTS = {"reporter", "responsible", "verifiers", "closer", "applicant"}


class Seat(NamedTuple):
    """A person's role in an organisation."""

    person: str
    role: str
    path: str
    division: str
    organisation: str
    kind: str

    def covers(self, place: "Place") -> bool:
        """Whether something of this place lies under the seat."""
        if self.kind == "regulator":
            return place.division.startswith(prefix(self.division))
        return place.path.startswith(self.path)


class Place(NamedTuple):
    """Whose a hazard is and where it lies."""

    path: str
    division: str


@dataclass
class Parts:
    """Who holds which part of a hazard; `holder` is the word for whoever owes the next step."""

    place: Place
    holder: str | None = None
    reporter: str | None = None
    responsible: str | None = None
    closer: str | None = None
    applicant: str | None = None
    verifiers: tuple[str, ...] = ()

    def of(self, word: str) -> tuple[str, ...]:
        """The people behind a part."""
        if word == "verifiers":
            return self.verifiers
        person = getattr(self, word)
        return (person,) if person else ()


@dataclass
class People:
    """Everybody's seats as they stood for a while."""

    seats: Sequence[Seat]
    #: division → the organisation all its ladders end at
    highest: Mapping[str, str]
    _found: dict[tuple[str, Place], tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._seated = {seat.person for seat in self.seats}

    def reach(
        self, words: Sequence[str], parts: Parts, *, past: str | None = None
    ) -> tuple[list[str], list[str]]:
        """The people behind the words, and the roles nobody is found in, whoever stands above being told instead.

        `past` is somebody who may not judge the matter: where a word leads to them alone, whoever stands above hears of it.
        """
        people: list[str] = []
        missed: list[str] = []
        for word in words:
            found, vain = self._climb(self._role(word, parts), parts)
            role = parts.holder if word == "holder" else word
            while past is not None and found == (past,) and (role := ABOVE.get(role or "")) is not None:
                found, vain = self._climb(role, parts)
            people += [person for person in found if person not in people]
            missed += vain
        return people, missed

    def roles(self, person: str, place: Place) -> set[str]:
        """The roles a person holds towards something of a place."""
        return {seat.role for seat in self.seats if seat.person == person and seat.covers(place)}

    def roles_in(self, person: str, root: str) -> set[str]:
        """The roles a person holds anywhere in a whole organisation."""
        return {seat.role for seat in self.seats if seat.person == person and seat.path.startswith(root)}

    def _role(self, word: str, parts: Parts) -> str | None:
        if word == "holder":
            return parts.holder
        if word == "above holder":
            return ABOVE.get(parts.holder or "", "safety_director")
        return word

    def _climb(self, role: str | None, parts: Parts) -> tuple[tuple[str, ...], list[str]]:
        missed: list[str] = []
        while role is not None:
            found = self._holding(role, parts)
            if found:
                return found, missed
            missed.append(role)
            role = ABOVE.get(role)
        return (), missed

    def _holding(self, role: str, parts: Parts) -> tuple[str, ...]:
        if role in PARTS:
            return tuple(person for person in parts.of(role) if person in self._seated)
        key = (role, parts.place)
        if key not in self._found:
            self._found[key] = self._at(role, parts.place)
        return self._found[key]

    def _at(self, role: str, place: Place) -> tuple[str, ...]:
        if role == "highest_regulator":
            return self._at_the_top(place)
        of_regulator = role in REGULATORS
        fitting = [
            seat for seat in self.seats
            if seat.role == role and (seat.kind == "regulator") == of_regulator and seat.covers(place)
        ]  # fmt: skip
        nearness = [len(prefix(s.division)) if of_regulator else len(s.path) for s in fitting]
        return tuple(s.person for s, near in zip(fitting, nearness, strict=True) if near == max(nearness))

    def _at_the_top(self, place: Place) -> tuple[str, ...]:
        codes = [code for code in self.highest if place.division.startswith(prefix(code))]
        for code in sorted(codes, key=lambda one: len(prefix(one)), reverse=True):
            found = [
                s.person for s in self.seats if s.organisation == self.highest[code] and s.role in OFFICERS
            ]
            if found:
                return tuple(found)
        return ()


def seats_of(rows: Sequence[Sequence[Any]]) -> list[Seat]:
    """Seats as the diary writes them."""
    return [Seat(*row) for row in rows]
