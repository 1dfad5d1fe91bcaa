"""Looking at received bytes before anything is kept: what they are, how big, when and where taken. Stores nothing.

Order matters: magic bytes against an allow-list, the file name's claim, bytes, whether it is one kind of file only, the image header
alone (pixels); only then may anybody decode. A bomb of 900 megapixels is 109 kB on the wire and must never be unpacked.
"""

import hashlib
import io
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import PurePosixPath
from typing import IO, NoReturn
from zoneinfo import ZoneInfo

import filetype
from PIL import Image

from hazard_flow.errors import FieldError, HazardFlowError, Refused, TooLarge, UnsupportedMedia
from hazard_flow.evidence.exif import read_exif
from hazard_flow.evidence.two_in_one import is_two_in_one

FIELD = "evidence"
FILENAME_CHARS_MAX = 120
SNIFF_BYTES = 8192
MEGABYTE = 1_000_000
READ_CHUNK_BYTES = 256 * 1024

# Between 1 and 2 × MAX_IMAGE_PIXELS Pillow only warns. Set once for the process: filters are not safe to swap per thread.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
warnings.filterwarnings(
    "ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin"
)  # chats about broken EXIF


@dataclass(frozen=True)
class Kind:
    """One kind of file we take: its family, the endings that may claim it, Pillow's name for it."""

    family: str
    endings: tuple[str, ...]
    pillow: str | None = None


#: Everything else is refused: SVG and HTML can carry scripts, GIF and ZIP prove nothing.
ALLOWED: Mapping[str, Kind] = {
    "image/jpeg": Kind("image", ("jpg", "jpeg", "jpe"), "JPEG"),
    "image/png": Kind("image", ("png",), "PNG"),
    "image/webp": Kind("image", ("webp",), "WEBP"),
    "image/heic": Kind("image", ("heic", "heif"), "HEIF"),
    "application/pdf": Kind("document", ("pdf",)),
    "video/mp4": Kind("video", ("mp4", "m4v")),
    "video/quicktime": Kind("video", ("mov", "qt")),
}


@dataclass(frozen=True)
class Limits:
    """How big a file may be; a phone's 50-megapixel photo just fits."""

    image_bytes_max: int = 20 * MEGABYTE
    document_bytes_max: int = 20 * MEGABYTE
    video_bytes_max: int = 100 * MEGABYTE
    image_pixels_max: int = 50_000_000
    #: What an EXIF time without an offset means.
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def bytes_max(self, family: str) -> int:
        """The limit of one family of files, in bytes."""
        return {
            "image": self.image_bytes_max,
            "document": self.document_bytes_max,
            "video": self.video_bytes_max,
        }[family]


@dataclass(frozen=True)
class Examined:
    """What the bytes say about themselves."""

    sha256: str
    size: int
    mime: str
    filename: str
    width: int | None = None
    height: int | None = None
    exif_at: datetime | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None
    accuracy_m: Decimal | None = None
    #: Camera make, model and software, as far as the file names them.
    exif: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_image(self) -> bool:
        """Whether a display copy can be made."""
        return self.mime.startswith("image/")


def examine(data: bytes, filename: str, *, limits: Limits | None = None) -> Examined:
    """Decide whether we take this file, and read what it says about itself.

    Raises TooLarge (bytes or pixels), UnsupportedMedia (kind not taken, or name and content differ) or Refused (empty,
    unreadable), each with the code in `fields`.
    """
    limits = limits or Limits()
    name = clean_filename(filename)
    if not data:
        _refuse(Refused, "evidence_empty", filename=name)
    mime = sniff(data, name)
    kind = ALLOWED[mime]
    if len(data) > (most := limits.bytes_max(kind.family)):
        _refuse_size(len(data), most, name)
    if is_two_in_one(data, kind.family):
        _refuse(Refused, "evidence_two_in_one", filename=name)
    seen = Examined(sha256=hashlib.sha256(data).hexdigest(), size=len(data), mime=mime, filename=name)
    return _examine_image(data, seen, limits) if kind.family == "image" else seen


def sniff(data: bytes, filename: str) -> str:
    """The MIME type by magic bytes; refused when it is not one of ours or the name's ending claims another."""
    mime = filetype.guess_mime(data[:SNIFF_BYTES])
    if mime not in ALLOWED:
        _refuse(UnsupportedMedia, "evidence_kind_unsupported", filename=filename, found=mime or "?")
    ending = PurePosixPath(filename).suffix.lstrip(".").lower()
    if ending and ending not in ALLOWED[mime].endings:
        _refuse(UnsupportedMedia, "evidence_ending_differs", filename=filename, ending=ending, found=mime)
    return str(mime)


def read_limited(stream: IO[bytes], *, size_bytes_max: int, filename: str = "") -> bytes:
    """All bytes of an upload; TooLarge as soon as one byte more than the limit arrives, never holding more than that."""
    taken = bytearray()
    while chunk := stream.read(READ_CHUNK_BYTES):
        taken += chunk
        if len(taken) > size_bytes_max:
            _refuse_size(len(taken), size_bytes_max, clean_filename(filename))
    return bytes(taken)


def clean_filename(filename: str) -> str:
    """The bare name without folders, control and direction-changing characters, at most 120 characters; never a path."""
    bare = filename.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in unicodedata.normalize("NFC", bare) if unicodedata.category(c)[0] != "C")
    stem, dot, ending = kept.strip(" .").rpartition(".")
    if dot and len(ending) <= 8:
        return f"{stem[: FILENAME_CHARS_MAX - len(ending) - 1]}.{ending}"
    return kept.strip(" .")[:FILENAME_CHARS_MAX]


@contextmanager
def open_image(data: bytes, mime: str) -> Iterator[Image.Image]:
    """The image by its header, pixels still packed; only the sniffed format's decoder is tried, and a bomb is an error."""
    if mime == "image/heic":
        _register_heif()
    pillow = ALLOWED[mime].pillow
    with Image.open(io.BytesIO(data), formats=[pillow] if pillow else []) as image:
        yield image


def unreadable(filename: str) -> NoReturn:
    """Refuse a file whose content does not decode."""
    _refuse(Refused, "evidence_unreadable", filename=filename)


def _examine_image(data: bytes, seen: Examined, limits: Limits) -> Examined:
    try:
        with open_image(data, seen.mime) as image:
            width, height = image.size
            if width * height > limits.image_pixels_max:
                _refuse_pixels(seen.filename, limits, pixels=width * height)
            found = read_exif(image, limits.zone)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        _refuse_pixels(seen.filename, limits, pixels=None)
    except HazardFlowError:
        raise
    except Exception:  # a decoder fed by strangers raises anything: struct.error, KeyError, SyntaxError …
        unreadable(seen.filename)
    return Examined(
        sha256=seen.sha256,
        size=seen.size,
        mime=seen.mime,
        filename=seen.filename,
        width=width,
        height=height,
        exif_at=found.at,
        lon=found.lon,
        lat=found.lat,
        accuracy_m=found.accuracy_m,
        exif=found.camera,
    )


def _register_heif() -> None:
    import pillow_heif  # 8 MB of decoder that most processes never need

    pillow_heif.register_heif_opener(thumbnails=False)


def _refuse_size(size: int, most: int, filename: str) -> NoReturn:
    _refuse(TooLarge, "evidence_too_large", filename=filename, limit_mb=most // MEGABYTE)


def _refuse_pixels(filename: str, limits: Limits, *, pixels: int | None) -> NoReturn:
    limit = limits.image_pixels_max // 1_000_000
    found = f"{pixels / 1_000_000:.0f}" if pixels else f">{limit}"
    _refuse(TooLarge, "evidence_too_many_pixels", filename=filename, megapixels=found, limit=limit)


def _refuse(error: type[HazardFlowError], code: str, **params: str | int) -> NoReturn:
    raise error(code, fields=[FieldError(FIELD, code, dict(params))], **params)
