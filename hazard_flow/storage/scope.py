"""Who sees which rows: the value every transaction carries and PostgreSQL's row-level security reads."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute


@dataclass(frozen=True)
class Scope:
    """What one actor may see.

    `paths` are organisation paths (an enterprise itself, an inspector its teams), `divisions` are administrative-code prefixes
    (a regulator its division), `person_id` opens the hazards in which the person holds a part. `homes` are the paths of the actor's
    whole organisations: their people and units may be named, their hazards are not opened by it. Nothing given means nothing seen.
    """

    person_id: uuid.UUID | None = None
    paths: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    everything: bool = False

    def settings(self) -> dict[str, str]:
        """The values as PostgreSQL session settings, read by the policies."""
        return {
            "hf.everything": "on" if self.everything else "off",
            "hf.paths": ",".join(self.paths),
            "hf.divisions": ",".join(self.divisions),
            "hf.homes": ",".join(self.homes),
            "hf.person": self.person_id.hex if self.person_id else "",
        }

    def sees(self, *, path: str, division: str, parties: str = "") -> bool:
        """The same rule for one row already in memory."""
        return (
            self.everything
            or any(path.startswith(p) for p in self.paths)
            or any(division.startswith(d) for d in self.divisions)
            or (self.person_id is not None and f",{self.person_id.hex}," in parties)
        )

    def where(
        self,
        path: InstrumentedAttribute[str],
        division: InstrumentedAttribute[str],
        parties: InstrumentedAttribute[str] | None = None,
    ) -> ColumnElement[bool]:
        """The same rule as a condition for a query; never leave it out of one."""
        if self.everything:
            return sa.true()
        reach: list[ColumnElement[bool]] = [path.startswith(p, autoescape=True) for p in self.paths]
        reach += [division.startswith(d, autoescape=True) for d in self.divisions]
        if self.person_id is not None and parties is not None:
            reach.append(parties.contains(f",{self.person_id.hex},"))
        return sa.or_(sa.false(), *reach)


#: Timers, intake and migrations act for everybody.
SYSTEM = Scope(everything=True)
