"""Is it one file, and all of it? Two kinds in one (a photo that is also an archive or a page) and files cut off on their way are told apart.

Only the frame is read, nothing is unpacked. Photos may carry honest data after their last mark (a phone's second picture), so what is
looked for is another kind of file that some reader would open, not bytes that are left over.
"""

import struct
from typing import Literal

Fault = Literal["two_in_one", "cut_off"]

#: PDF readers take a header anywhere in so many bytes
_HEADER_BYTES = 1024
#: the end record of an archive, and how far from the end its comment lets it stand
_ZIP_END, _ZIP_END_BYTES, _ZIP_COMMENT_MAX = b"PK\x05\x06", 22, 65_535
#: what makes a browser or a server take bytes for a page or a program
_MARKUP = (b"<script", b"<html", b"<!doctype", b"<svg", b"<?php", b"<iframe")
_PDF_END, _PDF_END_BYTES = b"%%EOF", 4096
_BOX_BYTES = 8


def fault_of(data: bytes, family: str) -> Fault | None:
    """What is wrong with the frame of a file of this family (`image`, `document`, `video`); None for one whole file of one kind."""
    head = data[:_HEADER_BYTES].lower()
    if _is_archive(data) or any(word in head for word in _MARKUP):
        return "two_in_one"
    if family != "document" and b"%pdf-" in head:
        return "two_in_one"
    if family == "document" and _PDF_END not in data[-_PDF_END_BYTES:]:
        return "cut_off"
    if family == "video" and not _has_whole_boxes(data):
        return "cut_off"
    return None


def _is_archive(data: bytes) -> bool:
    """Whether an unpacker would open it: an end record whose comment reaches exactly to the end."""
    place = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_END_BYTES - _ZIP_COMMENT_MAX))
    while place >= 0:
        record = data[place : place + _ZIP_END_BYTES]
        if len(record) == _ZIP_END_BYTES:
            directory_bytes, comment_bytes = (
                struct.unpack_from("<I", record, 12)[0],
                record[20] | record[21] << 8,
            )
            if place + _ZIP_END_BYTES + comment_bytes == len(data) and directory_bytes <= place:
                return True
        place = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_END_BYTES - _ZIP_COMMENT_MAX), place)
    return False


def _has_whole_boxes(data: bytes) -> bool:
    """Whether the boxes of an MP4 or MOV fit the file exactly and one of them describes the film."""
    place, kinds = 0, set()
    while place < len(data):
        if len(data) - place < _BOX_BYTES:
            return False
        size, kind = struct.unpack_from(">I4s", data, place)
        if size == 1 and len(data) - place >= 2 * _BOX_BYTES:
            size = struct.unpack_from(">Q", data, place + _BOX_BYTES)[0]
        elif size == 0:
            size = len(data) - place
        if size < _BOX_BYTES or place + size > len(data):
            return False
        kinds.add(kind)
        place += size
    return b"moov" in kinds
