"""Who is reachable in which role for a hazard, right now. Loaded once for a whole batch, then answered from memory."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.identity.models import Division, Membership, Organisation, Person
from hazard_flow.identity.roles import ABOVE, OFFICERS, REGULATOR_ROLES, division_prefix
from hazard_flow.schedule.bulk import among_named
from hazard_flow.storage.engine import is_sqlite


class Parts(NamedTuple):
    """Whose hazard it is and who holds which part in it."""

    path: str
    division: str
    holder: str | None = None
    #: who made the request that is being decided
    applicant: uuid.UUID | None = None
    reporter: uuid.UUID | None = None
    responsible: uuid.UUID | None = None
    verifiers: tuple[uuid.UUID, ...] = ()
    closer: uuid.UUID | None = None


class Told(NamedTuple):
    """People found for a list of addressees, and the roles nobody could be reached in."""

    people: tuple[uuid.UUID, ...]
    unreachable: tuple[str, ...]


@dataclass(frozen=True)
class _Seat:
    role: str
    person_id: uuid.UUID
    path: str
    division: str
    organisation_id: uuid.UUID
    regulator: bool


class Directory:
    """The seats that matter to some hazards: their organisations upward, and the regulators above their divisions."""

    def __init__(
        self, seats: Sequence[_Seat], highest: dict[str, uuid.UUID], active: frozenset[uuid.UUID]
    ) -> None:
        self._seats = seats
        self._highest = highest
        self._active = active
        #: who holds a role at a place: a burst of timers asks the same again and again
        self._known: dict[tuple[str, str, str], list[uuid.UUID]] = {}

    @classmethod
    def load(cls, session: Session, *, paths: Iterable[str], people: Iterable[uuid.UUID] = ()) -> "Directory":
        """Everything needed to answer for hazards with these organisation paths and these named people."""
        ancestors = {ancestor for path in paths for ancestor in _ancestors(path)}
        named = set(people)
        connection = session.connection()
        rows = connection.execute(
            _seats(is_sqlite(connection)), {"ancestors": list(ancestors), "named": list(named)}
        )
        seats = [_Seat(r[0], r[1], r[2], r[3], r[4], r[5] == "regulator") for r in rows]
        highest = {
            code: organisation
            for code, organisation in connection.execute(_DIVISIONS)
            if organisation is not None
        }
        return cls(seats, highest, frozenset(s.person_id for s in seats))

    def tell(self, addressees: Sequence[str], parts: Parts) -> Told:
        """The people behind addressees such as `holder`, `above holder`, `safety_director`, `highest_regulator`.

        A role nobody can be reached in is skipped upward at once and reported in `unreachable`.
        """
        people: list[uuid.UUID] = []
        unreachable: list[str] = []
        for addressee in addressees:
            found, missed = self._reach(addressee, parts)
            unreachable += missed
            people += [p for p in found if p not in people]
        return Told(tuple(people), tuple(unreachable))

    def works_in(self, person: uuid.UUID, path: str) -> bool:
        """Whether an active person belongs to an organisation or a unit below it."""
        return any(s.person_id == person and s.path.startswith(path) for s in self._seats)

    def has_role(self, person: uuid.UUID, role: str, path: str) -> bool:
        """Whether an active person holds a role anywhere in an organisation."""
        return any(s.person_id == person and s.role == role and s.path.startswith(path) for s in self._seats)

    def is_seated(self, person: uuid.UUID) -> bool:
        """Whether an active person holds any role anywhere; asked only of people the directory was loaded with."""
        return person in self._active

    def reaches(self, person: uuid.UUID, parts: Parts) -> bool:
        """Whether something of these parts lies in an active person's sight: a part in it, a unit above it, or its division."""
        named = (parts.reporter, parts.responsible, parts.closer, *parts.verifiers)
        return person in self._active and (
            person in named
            or any(
                s.person_id == person
                and s.role != "administrator"
                and (
                    parts.division.startswith(division_prefix(s.division))
                    if s.regulator
                    else parts.path.startswith(s.path)
                )
                for s in self._seats
            )
        )

    def is_regulator(self, person: uuid.UUID, division: str) -> bool:
        """Whether an active person is an officer of a regulator of this division."""
        return any(
            s.person_id == person
            and s.regulator
            and s.role in OFFICERS
            and division.startswith(division_prefix(s.division))
            for s in self._seats
        )

    def _reach(self, addressee: str, parts: Parts) -> tuple[list[uuid.UUID], list[str]]:
        role: str | None = _role_behind(addressee, parts)
        missed: list[str] = []
        while role is not None:
            found = self.holders(role, parts)
            if found:
                return found, missed
            missed.append(role)
            role = ABOVE.get(role)
        return [], missed

    def holders(self, role: str, parts: Parts) -> list[uuid.UUID]:
        """Who holds a role or relation towards a hazard: the nearest unit that has somebody, never all levels at once."""
        if role in ("reporter", "responsible", "closer", "applicant"):
            person = getattr(parts, role)
            return [person] if person is not None and person in self._active else []
        if role == "verifiers":
            return [p for p in parts.verifiers if p in self._active]
        place = (role, parts.path, parts.division)
        if place not in self._known:
            self._known[place] = self._at_place(role, parts)
        return self._known[place]

    def _at_place(self, role: str, parts: Parts) -> list[uuid.UUID]:
        if role == "highest_regulator":
            return self._officers(parts.division)
        if role in REGULATOR_ROLES:
            return self._nearest(
                [
                    s
                    for s in self._seats
                    if s.role == role
                    and s.regulator
                    and parts.division.startswith(division_prefix(s.division))
                ],
                lambda s: len(division_prefix(s.division)),
            )
        return self._nearest(
            [s for s in self._seats if s.role == role and not s.regulator and parts.path.startswith(s.path)],
            lambda s: len(s.path),
        )

    def _officers(self, division: str) -> list[uuid.UUID]:
        codes = sorted(
            (c for c in self._highest if division.startswith(division_prefix(c))),
            key=_specificity,
            reverse=True,
        )
        for code in codes:
            found = [
                s.person_id
                for s in self._seats
                if s.organisation_id == self._highest[code] and s.role in OFFICERS
            ]
            if found:
                return found
        return []

    @staticmethod
    def _nearest(seats: list[_Seat], depth: Callable[[_Seat], int]) -> list[uuid.UUID]:
        if not seats:
            return []
        deepest = max(depth(s) for s in seats)
        return [s.person_id for s in seats if depth(s) == deepest]


_DIVISIONS = sa.select(Division.code, Division.highest_regulator_id)


@cache
def _seats(light: bool) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Membership.role,
            Membership.person_id,
            Organisation.path,
            Organisation.division,
            Organisation.id,
            Organisation.kind,
        )
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Person.active, Membership.ended_at.is_(None))
        .where(
            sa.or_(
                among_named(Organisation.path, "ancestors", light=light),
                Organisation.kind == "regulator",
                among_named(Membership.person_id, "named", light=light),
            )
        )
        .order_by(Membership.person_id)
    )


def _specificity(code: str) -> int:
    """How specific a division code is."""
    return len(division_prefix(code))


def _role_behind(addressee: str, parts: Parts) -> str | None:
    if addressee == "holder":
        return parts.holder
    if addressee == "above holder":
        return ABOVE.get(parts.holder or "", "safety_director")
    return addressee


def _ancestors(path: str) -> list[str]:
    steps = path.rstrip("/").split("/")
    return ["/".join(steps[: n + 1]) + "/" for n in range(len(steps))]
