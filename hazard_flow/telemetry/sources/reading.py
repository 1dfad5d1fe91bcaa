"""What every parser of JSON does alike: reading the body, texts that both databases take, levels and words out of strange hands."""

import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Problem, Raw

#: one request may name this many alerts or samples; real groups are far smaller
ALERTS_MAX = 5_000
#: brackets within brackets; more is nobody's message
DEPTH_MAX = 40
KEY_PART_MAX = 100
UNPACKED_BYTES_MAX = 8_000_000
CODE_LENGTH_MAX = 160
LABELS_MAX = 60
LABEL_LENGTH_MAX = 500
SUMMARY_LENGTH_MAX = 200


def read_json(raw: Raw) -> Any | Parsed:
    """The JSON of a message, or why there is none: not JSON, or nested without end."""
    try:
        body = json.loads(_unpacked(raw))
    except (ValueError, RecursionError) as error:
        return refused("not_json", str(error)[:200])
    return body if _shallow(body, DEPTH_MAX) else refused("too_deep")


def _unpacked(raw: Raw) -> bytes:
    """The body, unpacked where its sender packed it; never more than `UNPACKED_BYTES_MAX`, however small it came."""
    if word(raw.headers.get("Content-Encoding")).lower() not in ("gzip", "deflate"):
        return raw.body
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        body = unpacking.decompress(raw.body, UNPACKED_BYTES_MAX)
    except zlib.error as error:
        raise ValueError(f"not unpacked: {error}") from error
    if not unpacking.eof:
        raise ValueError("not unpacked: cut off or too large")
    return body


def refused(code: str, detail: str = "") -> Parsed:
    """A message of which nothing can be used."""
    return Parsed(problems=(Problem(code, detail),))


def word(value: object) -> str:
    """A text or number as text, without outer blanks; empty for anything else, and for what no database takes."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return f"{value:g}" if math.isfinite(value) else ""
    if isinstance(value, int):
        # Beyond this Python itself refuses to write the digits.
        return str(value) if value.bit_length() <= 128 else ""
    return value.strip() if isinstance(value, str) and storable(value) else ""


def first_word(*values: object) -> str:
    """The first of these that is a word."""
    return next((found for found in map(word, values) if found), "")


def code(*values: object) -> str | None:
    """The first word among these, as the code of a site or device; None where there is none."""
    found = first_word(*values)
    return (found if len(found) <= CODE_LENGTH_MAX else short(found)) or None


def texts(mapping: Any) -> dict[str, str]:
    """The entries of a mapping that are words, for rules to look at: a bounded number of bounded ones."""
    if not isinstance(mapping, dict):
        return {}
    found: dict[str, str] = {}
    for key, value in mapping.items():
        said = word(value)
        if said and isinstance(key, str) and storable(key) and len(found) < LABELS_MAX:
            found[key[:KEY_PART_MAX]] = said[:LABEL_LENGTH_MAX]
    return found


def table(value: object) -> Mapping[str, Any]:
    """The mapping itself, or an empty one."""
    return value if isinstance(value, dict) else {}


def short(part: str) -> str:
    """A part of a key, or its hash where somebody made it endless."""
    return part if len(part) <= KEY_PART_MAX else hashlib.sha256(part.encode("utf-8", "replace")).hexdigest()


def key_of(*parts: object) -> str:
    """A delivery key of these words."""
    return "|".join(short(word(part)) for part in parts)


def digest(*parts: object) -> str:
    """Thirty-two hex digits of these words: the name of something that has none of its own."""
    return hashlib.sha256("\x1f".join(word(part) for part in parts).encode("utf-8", "replace")).hexdigest()[
        :32
    ]


def level_of(*values: object) -> int | None:
    """Alarm level 1 or 2 as said; None where neither is."""
    said = next((found for found in map(word, values) if found in ("1", "2")), "")
    return int(said) if said else None


def number(value: object) -> float | None:
    """A finite number, also one written as text; None for anything else, truth values included."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def said_at(instant: datetime | None) -> str:
    """A remark with the sender's own time: its clock never orders anything, people may still want to know it."""
    return f"said={instant.isoformat(timespec='seconds')}" if instant is not None else ""


def storable(text: str) -> bool:
    """Whether both databases take the text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _shallow(body: Any, depth: int) -> bool:
    layer = [body]
    for _ in range(depth):
        layer = [
            inner
            for outer in layer
            for inner in (
                outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ()
            )
            if isinstance(inner, dict | list)
        ]
        if not layer:
            return True
    return False
