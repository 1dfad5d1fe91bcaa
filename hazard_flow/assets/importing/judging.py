"""One row of a file becomes an asset to be: whose it is, what kind, what is said of it; or everything that is wrong with it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hazard_flow.assets.importing.faults import fault_of
from hazard_flow.assets.kinds import AssetKind, kind_book
from hazard_flow.assets.owners import divisions, owners_named
from hazard_flow.assets.particulars import COMMON, Particulars, Wrong, code_of, is_empty, judge
from hazard_flow.errors import FieldError
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.kinds import ImportOrder
from hazard_flow.exchange.records import Record
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.rights import RIGHTS


@dataclass(frozen=True)
class Judged:
    """A row that is right by itself; whether it fits what is stored is another question."""

    row: int
    code: str
    kind: AssetKind
    owner: Organisation
    #: the owner's whole enterprise
    home_id: uuid.UUID
    said: Particulars
    #: whether the row itself named its unit
    names_owner: bool

    @property
    def key(self) -> tuple[uuid.UUID, str]:
        """What makes an asset the same one."""
        return self.home_id, self.code


class Judge:
    """Judges the rows of one file; keeps what they have in common."""

    def __init__(self, session: Session, order: ImportOrder, *, kind: str, crs: str) -> None:
        self._session, self._order = session, order
        self._kinds = kind_book().kinds
        self._usual = self._kinds.get(kind)
        #: the enterprise a person may write to; None for the command line
        self._home = None if order.actor.is_system else home_of(order)
        self._crs = order.crs or crs
        self._owners: dict[str, Organisation | FieldError] = {}
        self._homes: dict[uuid.UUID, uuid.UUID] = {}
        self._divisions = divisions(session)
        self._words = {
            said: key for key, one in self._kinds.items() for said in (one.label.zh, one.label.en, key)
        }
        self._first: dict[tuple[uuid.UUID, str], int] = {}
        self._columns = frozenset((*COMMON, *kind_book().attributes, *kind_book().personal))

    def unknown(self, columns: Sequence[str], row: int) -> list[RowFault]:
        """The columns nobody knows, and those that are missing."""
        faults = [
            RowFault(row, name, "unknown_column", {"known": self.known(columns)})
            for name in columns
            if name not in self._columns
        ]
        needed = ("code",) if self._usual else ("code", "kind")
        return faults + [RowFault(row, name, "missing_column") for name in needed if name not in columns]

    def known(self, _given: Sequence[str] = ()) -> tuple[str, ...]:
        """The columns a file of this kind may have."""
        if self._usual is None:
            return (*COMMON, *kind_book().attributes, *kind_book().personal)
        return tuple(
            name
            for name in (*COMMON, *self._usual.attributes, *(self._usual.personal or {}))
            if name != "kind"
        )

    def row(self, record: Record) -> Judged | list[RowFault]:
        """The row as an asset to be, or what is wrong with it."""
        cells, wrong = record.cells, []
        code = ""
        try:
            code = code_of(cells.get("code"))
        except Wrong as one:
            wrong.append(FieldError("code", one.code, one.params))
        kind = self._kind(cells, wrong)
        owner, names_owner = self._owner(cells, wrong)
        said = Particulars()
        if kind is not None:
            said, more = judge(cells, kind, crs=self._crs)
            wrong += more
        self._place(cells, said, wrong)
        if wrong or kind is None or owner is None:
            return [fault_of(record.row, one) for one in wrong]
        found = Judged(record.row, code, kind, owner, self._homes[owner.id], said, names_owner)
        first = self._first.setdefault(found.key, record.row)
        return found if first == record.row else [RowFault(record.row, "code", "twice", {"first": first})]

    def _kind(self, cells: Mapping[str, object], wrong: list[FieldError]) -> AssetKind | None:
        word = cells.get("kind")
        if is_empty(word):
            if self._usual is None:
                wrong.append(FieldError("kind", "required"))
            return self._usual
        key = self._words.get(str(word).strip(), "")
        if key not in self._kinds or (self._usual is not None and key != self._usual.key):
            allowed = (self._usual.key,) if self._usual else tuple(self._kinds)
            wrong.append(FieldError("kind", "unknown_choice", {"value": str(word)[:60], "choices": allowed}))
            return None
        return self._kinds[key]

    def _owner(
        self, cells: Mapping[str, object], wrong: list[FieldError]
    ) -> tuple[Organisation | None, bool]:
        said = cells.get("organisation")
        word = self._order.organisation if is_empty(said) else str(said).strip()
        if word not in self._owners:
            self._owners[word] = self._look(word)
        found = self._owners[word]
        if isinstance(found, FieldError):
            wrong.append(found)
            return None, False
        return found, not is_empty(said)

    def _look(self, word: str) -> Organisation | FieldError:
        if not word:
            word = own_unit(self._order)
        if not word:
            return FieldError("organisation", "organisation_needed")
        found = owners_named(self._session, word, home_id=self._home)
        if len(found) > 1:
            return FieldError("organisation", "organisation_ambiguous", {"value": word[:60]})
        scope = self._order.actor.scope
        if not found or not scope.sees(path=found[0].path, division=""):
            return FieldError("organisation", "unknown_owner", {"value": word[:60]})
        self._homes[found[0].id] = found[0].root_id
        return found[0]

    def _place(self, cells: Mapping[str, object], said: Particulars, wrong: list[FieldError]) -> None:
        word = cells.get("division")
        code = self._order.division if is_empty(word) else str(word).strip()
        if not code:
            return
        if code not in self._divisions:
            wrong.append(FieldError("division", "unknown_division", {"value": code[:60]}))
        said.columns["division"] = code


def home_of(order: ImportOrder) -> uuid.UUID | None:
    """The one enterprise of whoever imports."""
    homes = {holding.path.split("/", 1)[0] for holding in order.actor.holdings if not holding.regulator}
    return uuid.UUID(hex=homes.pop()) if len(homes) == 1 else None


def own_unit(order: ImportOrder) -> str:
    """The id of the unit somebody writes assets for, the highest where there are several; empty for the command line."""
    units = [one for one in order.actor.holdings if one.role in RIGHTS["assets.write"] and not one.regulator]
    return str(min(units, key=lambda one: len(one.path)).organisation_id) if units else ""
