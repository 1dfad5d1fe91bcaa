"""Files that are not what they say, each refused before anybody decodes it."""

import io
import struct
import zipfile
import zlib

from tests.harness.photos import tiny_jpeg
from tests.harness.scenes import jpeg, scene

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
#: runs as a script where a browser takes it for one
GIF_SCRIPT = b"GIF89a/*" + b"\x00" * 40 + b"*/=1;alert(1);"


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims to be so large and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + _chunk(b"IEND", b"")
    )


def too_large_jpeg(size: int = 21_000_000) -> bytes:
    """More bytes than a photo may have."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * size


def with_archive(photo: bytes) -> bytes:
    """A photo with an archive behind it: one double click shows a picture, another unpacks a program."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("readme.exe", b"MZ")
    return photo + out.getvalue()


def cut_off(photo: bytes) -> bytes:
    """A photo whose second half never arrived."""
    return photo[: len(photo) // 2]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


#: name, bytes, status, code of the field's error
REFUSED = (
    ("photo.svg", SVG, 415, "evidence_kind_unsupported"),
    ("photo.jpg", SVG, 415, "evidence_kind_unsupported"),
    ("photo.jpg", HTML, 415, "evidence_kind_unsupported"),
    ("photo.gif", GIF_SCRIPT, 415, "evidence_kind_unsupported"),
    ("photo.jpg", GIF_SCRIPT, 415, "evidence_kind_unsupported"),
    ("photo.jpg", png_header(1, 1), 415, "evidence_ending_differs"),
    ("photo.png", png_header(30_000, 30_000), 413, "evidence_too_many_pixels"),
    ("photo.jpg", too_large_jpeg(), 413, "evidence_too_large"),
    ("photo.jpg", b"", 422, "evidence_empty"),
    ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00 and no more", 422, "evidence_unreadable"),
    ("photo.jpg", cut_off(jpeg(scene("cut off"))), 422, "evidence_unreadable"),
    ("photo.jpg", with_archive(tiny_jpeg()), 422, "evidence_two_in_one"),
    ("photo.jpg", tiny_jpeg()[:20] + HTML + tiny_jpeg()[20:], 422, "evidence_two_in_one"),
)
