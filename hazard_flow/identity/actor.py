"""Who acts: a person with roles, or the system itself. Decides scope and role, from values alone."""

import uuid
from dataclasses import dataclass

from hazard_flow.identity.roles import division_prefix
from hazard_flow.storage.scope import SYSTEM, Scope


@dataclass(frozen=True)
class Holding:
    """One role in one organisation."""

    role: str
    organisation_id: uuid.UUID
    path: str
    division: str
    regulator: bool


@dataclass(frozen=True)
class Actor:
    """A signed-in person, a token's person, or a part of the system (`system:timers`, `system:telemetry`)."""

    kind: str
    key: str
    id: uuid.UUID | None = None
    name: str = ""
    locale: str = "zh"
    holdings: tuple[Holding, ...] = ()
    #: False for read-only tokens
    may_write: bool = True

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind it."""
        return self.kind == "system"

    @property
    def roles(self) -> frozenset[str]:
        """Every role held anywhere."""
        return frozenset(h.role for h in self.holdings)

    @property
    def scope(self) -> Scope:
        """What this actor sees: a regulator its division, others their own units; an administrator no hazards."""
        if self.is_system:
            return SYSTEM
        rows = [h for h in self.holdings if h.role != "administrator"]
        return Scope(
            person_id=self.id,
            paths=tuple(sorted({h.path for h in rows if not h.regulator})),
            divisions=tuple(sorted({division_prefix(h.division) for h in rows if h.regulator})),
            homes=tuple(sorted({h.path.split("/", 1)[0] + "/" for h in self.holdings})),
        )

    def roles_at(self, *, path: str, division: str) -> frozenset[str]:
        """The roles this actor holds towards something that belongs to an organisation path and a division."""
        if self.is_system:
            return frozenset({"system"})
        return frozenset(
            h.role
            for h in self.holdings
            if (division.startswith(division_prefix(h.division)) if h.regulator else path.startswith(h.path))
        )


def person_key(id_: uuid.UUID) -> str:
    """How a person is written in events: `person:<id>`."""
    return f"person:{id_}"


def system_actor(part: str) -> Actor:
    """A part of the system acting by itself."""
    return Actor(kind="system", key=f"system:{part}", name=part)
