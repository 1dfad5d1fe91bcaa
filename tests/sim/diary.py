"""What the database of a simulated city cannot tell: when its workers looked, and when people, rules and files changed.

The city writes an entry in the instant a thing happens. A change counts for every event from its instant on, so nothing else may happen in
an instant that holds a change of people, files or rules: the clock moves on before and after it, if only by a microsecond.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

Entry = dict[str, Any]
_SEATS = sa.text(
    "SELECT m.person_id, m.role, o.path, o.division, o.id, o.kind FROM membership m"
    " JOIN organisation o ON o.id = m.organisation_id JOIN person p ON p.id = m.person_id"
    " WHERE p.active AND m.ended_at IS NULL ORDER BY m.person_id, m.role, o.path"
)
_HIGHEST = sa.text("SELECT code, highest_regulator_id FROM division WHERE highest_regulator_id IS NOT NULL")


@dataclass
class Diary:
    """The entries of one city in order, each `{"at": instant, "kind": …}`."""

    entries: list[Entry] = field(default_factory=list)

    def tick(self, at: datetime, *, whole: bool = True) -> None:
        """A worker looked for due timers; not `whole` where it may have stopped half-way (killed, cut off, its database gone)."""
        self._note(at, "tick", whole=whole)

    def settle(self, at: datetime, *, whole: bool = True) -> None:
        """A worker counted again what an import of working days left to be counted (`hazards.settling.settle`)."""
        self._note(at, "settle", whole=whole)

    def parked(self, at: datetime, timer: Any, hazard: Any, step: tuple[str, int, int]) -> None:
        """A look put a hazard's timer aside, by its id, and the step (name, level, cycle) it was; `upkeep` says when it was let go."""
        self._note(at, "parked", timer=_id(timer), hazard=_id(hazard), step=list(step))

    def drain(self, at: datetime) -> None:
        """A worker sent what lay in the outbox."""
        self._note(at, "drain")

    def imported(self, at: datetime, kind: str) -> None:
        """Rules of a kind (`calendar`, `policy`, `catalogue`) were imported; the rows say `entered_at` this same instant."""
        self._note(at, kind)

    def workflow(self, at: datetime, id_: str, text: str) -> None:
        """A version such as `general.v2` is in use from now on; `text` is its file."""
        self._note(at, "workflow", id=id_, text=text)

    def people(self, at: datetime, database: Database) -> None:
        """Somebody came, left, or changed roles; called after the change is committed, and once before the first event."""
        with database.reading(SYSTEM) as session:
            seats = [[_id(r[0]), r[1], r[2], r[3], _id(r[4]), r[5]] for r in session.execute(_SEATS)]
            highest = {code: _id(organisation) for code, organisation in session.execute(_HIGHEST)}
        self._note(at, "people", seats=seats, highest=highest)

    def set_back(self, before: datetime, now: datetime) -> None:
        """A time server set the clock back: the instants from `now` to `before` are lived through twice."""
        self._note(now, "set_back", until=instant(before))

    def dump(self) -> str:
        """As JSON text, for an artefact of a failed run."""
        return json.dumps(self.entries, ensure_ascii=False)

    def _note(self, at: datetime, kind: str, **more: Any) -> None:
        self.entries.append({"at": instant(at), "kind": kind, **more})


def instant(at: datetime) -> str:
    """`YYYY-MM-DDThh:mm:ss.ffffffZ`, as events write it: text that sorts as time does."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def _id(value: object) -> str:
    """Hex without hyphens, as paths hold ids, whichever database it comes from."""
    return str(value).replace("-", "")
