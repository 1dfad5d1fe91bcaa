"""Is it one kind of file only? A photo that is also an archive, a page or a document shows one thing here and another elsewhere.

Only the frame is read, nothing is unpacked. Photos may carry honest data after their last mark (a phone's second picture), so what is
looked for is another kind of file that some reader would open, not bytes that are left over.
"""

import struct

#: PDF readers take a header anywhere in so many bytes
_HEADER_BYTES = 1024
#: the end record of an archive, and how far from the end its comment lets it stand
_ZIP_END, _ZIP_END_BYTES, _ZIP_COMMENT_MAX = b"PK\x05\x06", 22, 65_535
#: what makes a browser or a server take bytes for a page or a program
_MARKUP = (b"<script", b"<html", b"<!doctype", b"<svg", b"<?php", b"<iframe")


def is_two_in_one(data: bytes, family: str) -> bool:
    """Whether a file of this family (`image`, `document`, `video`) would also open as something else."""
    head = data[:_HEADER_BYTES].lower()
    is_page = any(word in head for word in _MARKUP)
    is_document = family != "document" and b"%pdf-" in head
    return is_page or is_document or _is_archive(data)


def _is_archive(data: bytes) -> bool:
    """Whether an unpacker would open it: an end record whose comment reaches exactly to the end."""
    first = max(0, len(data) - _ZIP_END_BYTES - _ZIP_COMMENT_MAX)
    place = data.rfind(_ZIP_END, first)
    while place >= 0:
        record = data[place : place + _ZIP_END_BYTES]
        if len(record) == _ZIP_END_BYTES:
            directory_bytes, _, comment_bytes = struct.unpack_from("<IIH", record, 12)
            if place + _ZIP_END_BYTES + comment_bytes == len(data) and directory_bytes <= place:
                return True
        place = data.rfind(_ZIP_END, first, place)
    return False
