"""Coordinates as people write them: with letters, signs, degrees, minutes and seconds. Pure."""

import re

_WORDS = re.compile(r"DEGREES|DEG|DG|MINUTES|MINS|MIN|MN|SECONDS|SECS|SEC")
_SIGNS = re.compile(r"[\s°*'\"′″’”:]+")
_DOTTED = re.compile(r"(\d{1,3})[.-](\d{1,2})(?:[.-](\d{1,2}(?:\.\d+)?))?")
_LETTER = re.compile(r"([NSEW])?\s*(.*?)\s*([NSEW])?")
_MOST = {"N": 90, "S": 90, "E": 180, "W": 180}


def decimal_degrees(words: str, hemisphere: str) -> str:
    """Decimal degrees as text; `hemisphere` signs what carries neither letter nor minus.

    Raises ValueError for what could mean two things (`40519`), for seconds before minutes, and for more degrees than there are.
    """
    text = words.upper().strip()
    if 0 <= text.find("SEC") < text.find("MIN"):
        raise ValueError("seconds before minutes")
    found = _LETTER.fullmatch(_WORDS.sub(" ", text).strip())
    assert found is not None
    letter = found[1] or found[3] or hemisphere
    if (hemisphere in "NS" and letter in "EW") or (hemisphere in "EW" and letter in "NS"):
        raise ValueError("the other axis")
    is_negative = letter in "SW" or found[2].startswith("-")
    body = found[2].lstrip("+-").strip()
    number = _number(body)
    if number > _MOST[hemisphere]:
        raise ValueError("more degrees than there are")
    said = (
        body
        if "." in body and body.replace(".", "", 1).isdigit()
        else f"{number:.7f}".rstrip("0").rstrip(".")
    )
    return f"-{said}" if is_negative and number else said


def _number(body: str) -> float:
    dotted = _DOTTED.fullmatch(body)
    if dotted is not None and (dotted[3] is not None or "-" in body):
        parts = [part for part in dotted.groups() if part]
    else:
        parts = [part for part in _SIGNS.split(body) if part]
    if not 1 <= len(parts) <= 3 or not all(re.fullmatch(r"\d+(\.\d+)?", part) for part in parts):
        raise ValueError("no coordinate")
    values = [float(part) for part in parts]
    if any(part >= 60 for part in values[1:]):
        raise ValueError("sixty minutes are a degree")
    return sum(value / (1.0, 60.0, 3600.0)[power] for power, value in enumerate(values))
