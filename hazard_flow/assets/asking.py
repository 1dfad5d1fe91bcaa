"""Which assets an address asks for: the filters of the list, judged. Pure."""

from collections.abc import Mapping, Sequence

from hazard_flow.assets.kinds import kind_book
from hazard_flow.assets.queries import Wanted
from hazard_flow.errors import BadRequest, FieldError

SEARCH_LENGTH_MAX = 100
IN_USE = ("yes", "no", "all")


def wanted(raw: Mapping[str, str], *, path: str = "") -> Wanted:
    """The filters `q kind division tier user_type in_use`; raises BadRequest for what is none."""
    words = raw.get("q", "").strip()
    if len(words) > SEARCH_LENGTH_MAX or "\0" in words:
        raise BadRequest("q", fields=[FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX})])
    division = raw.get("division", "").strip()
    if division and not (division.isascii() and division.isdigit() and 2 <= len(division) <= 12):
        raise BadRequest("division", fields=[FieldError("division", "not_a_division")])
    book = kind_book()
    return Wanted(
        q=words,
        kind=_one_of(raw, "kind", tuple(book.kinds)),
        path=path,
        division=division,
        tier=_one_of(raw, "tier", tuple(book.attributes["pressure_tier"].choices or ())),
        user_type=_one_of(raw, "user_type", tuple(book.attributes["user_type"].choices or ())),
        in_use=_one_of(raw, "in_use", IN_USE) or "yes",
    )


def _one_of(raw: Mapping[str, str], name: str, allowed: Sequence[str]) -> str:
    value = raw.get(name, "")
    if value and value not in allowed:
        raise BadRequest(name, fields=[FieldError(name, "not_a_choice", {"choices": ", ".join(allowed)})])
    return value
