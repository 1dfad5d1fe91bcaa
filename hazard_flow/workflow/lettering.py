"""How wide words are and where they may be broken, for drawings made without a font at hand. Pure."""

import unicodedata

#: stands between parts of a text that are not to be broken: a span keeps its number and unit together
SEAM = "\u200b"


def wrap(text: str, size: float, width: float) -> tuple[str, ...]:
    """A text in lines no wider than `width`: at its seams where it has some, else between words and any two Chinese characters."""
    lines, line = [], ""
    for piece in _parts(text, size, width):
        if line and measure(line + piece.rstrip(), size) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return (*lines, line.rstrip()) if line.strip() else tuple(lines)


def measure(text: str, size: float) -> float:
    """About how wide a text is, in the fonts people have; a little too wide rather than too narrow."""
    return sum(
        size if unicodedata.east_asian_width(c) in "WF" else size * (0.66 if c.isupper() else 0.52)
        for c in text
    )


def _parts(text: str, size: float, width: float) -> list[str]:
    if SEAM not in text:
        return _pieces(text)
    parts = text.split(SEAM)
    return [one for part in parts for one in ([part] if measure(part, size) <= width else _pieces(part))]


def _pieces(text: str) -> list[str]:
    """What must stay together: a Latin word with the blank after it, a Chinese character with the punctuation after it."""
    found: list[str] = []
    for char in text:
        is_wide = unicodedata.east_asian_width(char) in "WF"
        closes = unicodedata.category(char) in ("Pe", "Po", "Pf") and char not in "“‘（"
        if not found or (not closes and (is_wide or found[-1].endswith(" ") or _is_wide(found[-1][-1]))):
            found.append(char)
        else:
            found[-1] += char
    return found


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
