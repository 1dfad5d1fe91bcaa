"""Where bytes are kept under their own SHA-256, created once, never overwritten: a folder or S3. The one importer of obstore.

Layout: `<area>/ab/cd/<sha256>`. Areas: `original` bit-exact as received · `display` our re-encoded copies · `thumb` small
copies, named by the hash of the display copy they belong to · `document` what we made (closure files) · `refused` what
we could not take as evidence and keep all the same · `part/<folder>/<offset>` pieces of files still on their way.
A local write is crash-safe by our own hand (temporary file, fsync, link, fsync of the folders): the library's local put does
not sync, and a power cut would leave an empty file under a final name, which create-only would then keep for ever.
"""

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from hazard_flow.errors import NotFound, OutsideWorld, TooLarge

if TYPE_CHECKING:
    from obstore import GetResult

Area = Literal["original", "display", "thumb", "document", "refused"]
INCOMING, PART = "incoming", "part"
STREAM_CHUNK_BYTES = 1024 * 1024
#: A stream longer than this waits on disk, not in memory, for its upload to S3.
SPOOL_BYTES = 8 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Store:
    """Content-addressed and create-only; safe to share between threads."""

    def __init__(self, objects: ObjectStore, *, folder: Path | None = None) -> None:
        self._objects = objects
        self._folder = folder

    @classmethod
    def open(cls, url: str) -> "Store":
        """A store at `file:///folder` (made when absent) or `s3://bucket/prefix` (credentials from AWS_* variables).

        Raises ValueError for any other form.
        """
        parts = urlsplit(url)
        if parts.scheme == "file" and parts.path and not parts.netloc:
            folder = Path(unquote(parts.path))
            (folder / INCOMING).mkdir(parents=True, exist_ok=True)
            return cls(LocalStore(folder), folder=folder)
        if parts.scheme == "s3" and parts.netloc:
            return cls(S3Store.from_url(url))
        raise ValueError(f"{url!r}: expected file:///folder or s3://bucket/prefix")

    def put(self, data: bytes, *, area: Area = "original") -> str:
        """Keep the bytes and return their SHA-256; keeping the same bytes again changes nothing. On return they are on disk."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._create(_path(area, sha256), data):
            self._check_kept(sha256, len(data), area)
        return sha256

    def put_thumb(self, display_sha256: str, data: bytes) -> None:
        """Keep the small copy of a display copy under that copy's name."""
        self._create(_path("thumb", display_sha256), data)

    def put_stream(
        self, chunks: Iterable[bytes], *, size_bytes_max: int, area: Area = "original"
    ) -> tuple[str, int]:
        """Keep a long file without holding it in memory; (SHA-256, size). TooLarge past the limit, nothing kept then."""
        digest, size = hashlib.sha256(), 0
        with self._spool() as spool:
            for chunk in chunks:
                size += len(chunk)
                if size > size_bytes_max:
                    raise TooLarge(limit_mb=size_bytes_max // 1_000_000)
                digest.update(chunk)
                spool.write(chunk)
            sha256 = digest.hexdigest()
            spool.seek(0)
            if not self._create(_path(area, sha256), spool):
                self._check_kept(sha256, size, area)
        return sha256, size

    def get(self, sha256: str, *, area: Area = "original") -> bytes:
        """The bytes, checked against their name; NotFound when absent, OutsideWorld (permanent) when damaged."""
        data = b"".join(self.stream(sha256, area=area))
        if area != "thumb" and hashlib.sha256(data).hexdigest() != sha256:
            raise OutsideWorld(f"the stored file {sha256} is damaged", permanent=True)
        return data

    def stream(self, sha256: str, *, area: Area = "original") -> Iterator[bytes]:
        """The bytes in pieces of about 1 MB, unchecked; NotFound at once when absent."""
        with _our_errors():
            found = obstore.get(self._objects, _path(area, sha256))
        return _pieces(found)

    def size(self, sha256: str, *, area: Area = "original") -> int | None:
        """How many bytes are kept under this name; None when nothing is."""
        try:
            with _our_errors():
                return int(obstore.head(self._objects, _path(area, sha256))["size"])
        except NotFound:
            return None

    def put_part(self, folder: str, offset: int, data: bytes) -> None:
        """Keep one piece of a file on its way; again at the same offset it takes the place of the first.

        Not synced to disk: a part lost in a power cut is found missing when the file is put together, and asked for again.
        """
        with _our_errors():
            obstore.put(self._objects, _part(folder, offset), data, use_multipart=False)

    def join_parts(self, folder: str, offsets: Iterable[int]) -> bytes:
        """The pieces of a file in order; NotFound where one is missing."""
        with _our_errors():
            return b"".join(
                bytes(obstore.get(self._objects, _part(folder, offset)).bytes()) for offset in offsets
            )

    def drop_parts(self, folder: str) -> None:
        """Forget the pieces of a file that is whole, or was put back to its beginning; somebody else may do so at once."""
        with contextlib.suppress(NotFound), _our_errors():
            names = [one["path"] for page in obstore.list(self._objects, f"{PART}/{folder}/") for one in page]
            if names:
                obstore.delete(self._objects, names)
        if self._folder is not None:
            shutil.rmtree(self._folder / PART / folder, ignore_errors=True)

    def part_offsets(self, folder: str) -> list[int]:
        """Where the pieces kept of a file begin, in order."""
        with _our_errors():
            found = [one["path"] for page in obstore.list(self._objects, f"{PART}/{folder}/") for one in page]
        return sorted(int(name.rsplit("/", 1)[1]) for name in found)

    def _create(self, path: str, source: bytes | IO[bytes]) -> bool:
        """Create the object; False when it was there before."""
        try:
            with _our_errors():
                if self._folder is not None:
                    _create_durably(self._folder, path, source)
                else:
                    obstore.put(self._objects, path, source, mode="create", use_multipart=False)
        except FileExistsError:
            return False
        return True

    def _check_kept(self, sha256: str, size: int, area: Area) -> None:
        # Only a disk that lost what it had acknowledged comes here; silence would make the loss permanent.
        if (kept := self.size(sha256, area=area)) != size:
            raise OutsideWorld(f"{sha256} is kept with {kept} bytes, not {size}: restore it", permanent=True)

    def _spool(self) -> IO[bytes]:
        if self._folder is not None:
            return tempfile.TemporaryFile(dir=self._folder / INCOMING)
        return tempfile.SpooledTemporaryFile(SPOOL_BYTES)


def _path(area: Area, sha256: str) -> str:
    if not _SHA256.match(sha256):
        raise NotFound(f"not a SHA-256: {sha256!r}")
    return f"{area}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _part(folder: str, offset: int) -> str:
    return f"{PART}/{folder}/{offset:012d}"


def _pieces(found: "GetResult") -> Iterator[bytes]:
    with _our_errors():
        for piece in found.stream(min_chunk_size=STREAM_CHUNK_BYTES):
            yield bytes(piece)


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise NotFound("no such file in the store") from error
    except AlreadyExistsError as error:
        raise FileExistsError from error
    except FileExistsError:
        raise
    except (BaseError, OSError) as error:
        raise OutsideWorld(f"the evidence store failed: {error}") from error


def _create_durably(folder: Path, path: str, source: bytes | IO[bytes]) -> None:
    """Write, sync and link into place: after a power cut the final name holds everything or does not exist.

    Raises FileExistsError when the name is taken; link, unlike rename, never overwrites.
    """
    final = folder / path
    if final.exists():
        raise FileExistsError
    waiting = folder / INCOMING / secrets.token_hex(16)
    try:
        with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440), "wb") as out:
            if isinstance(source, bytes):
                out.write(source)
            else:
                shutil.copyfileobj(source, out, STREAM_CHUNK_BYTES)
            out.flush()
            os.fsync(out.fileno())
        made = [parent for parent in (final.parent, *final.parent.parents) if not parent.exists()]
        final.parent.mkdir(parents=True, exist_ok=True)
        os.link(waiting, final)
    finally:
        waiting.unlink(missing_ok=True)
    for directory in {final.parent, *(parent.parent for parent in made)}:
        _sync_folder(directory)


def _sync_folder(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
