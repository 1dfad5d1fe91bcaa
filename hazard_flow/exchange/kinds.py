"""What can be imported and exported: each feature registers its kinds, the command line and the pages know no other word of theirs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy.orm import Session

from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.records import SourceFile
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor


@dataclass(frozen=True)
class RowChange:
    """What one row of a file does to what is stored."""

    row: int
    what: Literal["added", "changed", "withdrawn"]
    #: how people call the thing
    name: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do; with a single fault it does nothing."""

    kind: str
    rows: int = 0
    changes: tuple[RowChange, ...] = ()
    faults: tuple[RowFault, ...] = ()
    #: False for a dry run, for a refused file and where there was nothing to change
    is_stored: bool = False
    #: by `what`, for kinds whose files are so long that only the first changes are listed
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def unchanged(self) -> int:
        """Rows that say what is stored already."""
        return self.rows - (self.changed if self.counts else len({change.row for change in self.changes}))

    @property
    def changed(self) -> int:
        """How many things are added, changed or withdrawn in all."""
        return sum(self.counts.values()) if self.counts else len(self.changes)

    @property
    def is_unreadable(self) -> bool:
        """Whether the file could not even be read as one of its kind."""
        return any(fault.row == 0 for fault in self.faults)

    def count(self, what: str) -> int:
        """How many rows add, change or withdraw something."""
        if self.counts:
            return self.counts.get(what, 0)
        return sum(change.what == what for change in self.changes)


@dataclass(frozen=True)
class ImportOrder:
    """Who imports, when, for which division where rows name none, and whether only to see what would happen."""

    actor: Actor
    now: datetime
    division: str = ""
    dry_run: bool = False
    #: the enterprise or unit of rows that name none: its credit code or full name
    organisation: str = ""
    #: the coordinate frame of places that name none
    crs: str = ""
    #: the text of a mapping file, for files whose columns are not ours (`exchange.mapping`)
    mapping: bytes = b""
    #: told now and then: rows read, and the share of the file from 0 to 1 where it is known
    progress: Callable[[int, float | None], None] = lambda _rows, _share: None


@dataclass(frozen=True)
class ExportOrder:
    """What to write out: local rows only, or with the shipped ones before them; of one division and below where given."""

    ending: str
    division: str = ""
    with_shipped: bool = False
    #: of this enterprise or unit and those below it: credit code or full name
    organisation: str = ""
    #: names, telephone numbers and flats as well, as far as the scope reaches
    with_personal: bool = True


class ReadIn(Protocol):
    """Everything or nothing, all in this transaction, which must see everything; the same file again changes nothing."""

    def __call__(self, session: Session, file: SourceFile, order: ImportOrder) -> ImportReport:
        """Judge the whole file, then store it unless it is faulty or a dry run."""


class WriteOut(Protocol):
    """A file that `ReadIn` of the same kind takes again."""

    def __call__(self, session: Session, order: ExportOrder) -> str | bytes:
        """The text of the file, or its bytes where it is no text. Raises NotFound for a unit nobody knows."""


@dataclass(frozen=True)
class Kind:
    """One kind of file."""

    key: str
    label: Label
    #: endings it can be written with; the first is what a name without one gets
    endings: tuple[str, ...]
    read_in: ReadIn
    write_out: WriteOut
    #: read row by row from where it lies; the others are read whole
    is_large: bool = False


class Kinds:
    """The registered kinds by key, in the order they were registered."""

    def __init__(self, kinds: Iterable[Kind] = ()) -> None:
        self._by_key: dict[str, Kind] = {}
        for kind in kinds:
            self.register(kind)

    def register(self, kind: Kind) -> None:
        """One more kind of file."""
        assert kind.key not in self._by_key, f"the kind {kind.key!r} is registered already"
        self._by_key[kind.key] = kind

    def get(self, key: str) -> Kind | None:
        """The kind with this key, or None."""
        return self._by_key.get(key)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._by_key.values())
