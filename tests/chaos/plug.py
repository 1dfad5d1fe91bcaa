"""A disk whose plug can be pulled: an SQLite file system in memory that keeps apart what was synced and what was only written.

At the cut every file holds what was synced, and of what was written since a random part, each write whole, torn at 512 bytes, or not at
all, in no order. What happens to the living database after that moment counts for nothing.
"""

import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import apsw

SECTOR_BYTES = 512
_numbers = itertools.count(1)

#: offset and bytes of a write, or the length a file was cut to
Change = tuple[int, bytes] | int


@dataclass
class Held:
    """One file: as its writers see it, as it was when last synced, and what came since."""

    now: bytearray = field(default_factory=bytearray)
    synced: bytearray = field(default_factory=bytearray)
    since: list[Change] = field(default_factory=list)
    #: whether its name is on the disk: a new file's comes with the first sync
    is_named: bool = False


class Disk(apsw.VFS):
    """One disk, registered with SQLite under `name`; paths on it begin with `/name/`."""

    def __init__(self, dice: random.Random, *, cut_after: int) -> None:
        self.name = f"plug{next(_numbers)}"
        super().__init__(self.name, "")
        self._dice = dice
        self._left = cut_after
        self.files: dict[str, Held] = {}
        #: what a machine finds after the cut; None until then
        self.image: Mapping[str, bytes] | None = None
        self.operations = 0

    @property
    def url(self) -> str:
        """The city's database, for the product's engine."""
        return f"sqlite+plug:////{self.name}/city.db"

    def put(self, file: str, content: bytes) -> None:
        """A file that has been there all along."""
        self.files[f"/{self.name}/{file}"] = Held(bytearray(content), bytearray(content), is_named=True)

    def cut(self) -> Mapping[str, bytes]:
        """Pull the plug, unless it was pulled already."""
        if self.image is None:
            self.image = {
                path.rpartition("/")[2]: _after_cut(held, self._dice)
                for path, held in self.files.items()
                if held.is_named or self._dice.random() < 0.5
            }
        return self.image

    def count(self) -> None:
        """One more write, truncation or sync begins."""
        self.operations += 1
        self._left -= 1
        if self._left == 0:
            self.cut()

    # what SQLite asks of a file system

    def xOpen(self, name, flags):
        if name is None:
            return File(self, Held())
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        flags[1] = flags[0]
        return File(self, self.files.setdefault(path, Held()))

    def xDelete(self, filename, syncdir):
        if self.files.pop(filename, None) is None:
            raise apsw.IOError

    def xAccess(self, pathname, flags):
        return pathname in self.files

    def xFullPathname(self, name):
        return name


class File:
    """An open file; there is one connection, so nobody is kept out."""

    def __init__(self, disk: Disk, held: Held) -> None:
        self._disk = disk
        self._held = held

    def xRead(self, amount, offset):
        return bytes(self._held.now[offset : offset + amount])

    def xWrite(self, data, offset):
        written = bytes(data)
        _write(self._held.now, offset, written)
        self._held.since.append((offset, written))
        self._disk.count()

    def xTruncate(self, newsize):
        del self._held.now[newsize:]
        self._held.since.append(newsize)
        self._disk.count()

    def xSync(self, flags):
        self._disk.count()  # pulled while syncing: nothing of it is sure
        self._held.synced = bytearray(self._held.now)
        self._held.since.clear()
        self._held.is_named = True

    def xFileSize(self):
        return len(self._held.now)

    def xLock(self, level):
        pass

    def xUnlock(self, level):
        pass

    def xCheckReservedLock(self):
        return False

    def xFileControl(self, op, ptr):
        return False

    def xSectorSize(self):
        return 4096

    def xDeviceCharacteristics(self):
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE  # as on Linux

    def xClose(self):
        pass


def _after_cut(held: Held, dice: random.Random) -> bytes:
    content, kept = bytearray(held.synced), dice.choice((0.0, 0.5, 0.9, 1.0))
    for change in held.since:
        if dice.random() >= kept:
            continue
        if isinstance(change, int):
            del content[change:]
            continue
        offset, written = change
        is_torn = dice.random() < 0.3
        for start in range(0, len(written), SECTOR_BYTES):
            if not is_torn or dice.random() < 0.5:
                _write(content, offset + start, written[start : start + SECTOR_BYTES])
    return bytes(content)


def _write(content: bytearray, offset: int, written: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(written)] = written
