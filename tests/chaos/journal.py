"""What a client knows of its own requests: sent, acknowledged, refused, or never answered. Written down before and after each."""

import json
import threading
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"


@dataclass(frozen=True)
class Entry:
    """One request as it stands."""

    key: str
    #: `person:<id>`
    actor: str
    action: str
    hazard_id: str
    outcome: str = UNKNOWN
    #: the event that was acknowledged; 0 where the client was not told its number
    seq: int = 0
    #: what came instead of an acknowledgement
    error: str = ""


class Journal:
    """All requests of some clients by key, in memory and in a file that another process may read."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._writing = threading.Lock()
        self.entries: dict[str, Entry] = {}

    @classmethod
    def read(cls, file: Path) -> "Journal":
        """What another process wrote, up to its last whole line."""
        made = cls()
        for line in file.read_text("utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                entry = Entry(**json.loads(line))
                made.entries[entry.key] = entry
        return made

    def note(self, entry: Entry) -> None:
        """How a request stands now."""
        with self._writing:
            self.entries[entry.key] = entry
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")

    def having(self, outcome: str) -> list[Entry]:
        """The requests with this outcome."""
        return [entry for entry in list(self.entries.values()) if entry.outcome == outcome]

    def told(self) -> str:
        """The counts in one line."""
        counts = {o: len(self.having(o)) for o in (ACKNOWLEDGED, REFUSED, UNKNOWN)}
        return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())


def new_key() -> str:
    """A request key nobody has used."""
    return uuid.uuid4().hex
