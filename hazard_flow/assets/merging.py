"""What is stored and what was said of it, put together: a new asset's columns, or what a correction changes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hazard_flow.assets.kinds import AssetKind
from hazard_flow.assets.particulars import Particulars
from hazard_flow.errors import FieldError
from hazard_flow.storage.json_text import from_json, to_json

#: columns people say something about; the box follows from them
SAID = (
    "kind",
    "organisation_id",
    "division",
    "name_zh",
    "name_en",
    "address",
    "lon",
    "lat",
    "crs",
    "accuracy_m",
    "geometry",
)
BOX = ("west", "south", "east", "north")
_PLAIN = {
    "name_zh": "", "name_en": "", "address": "", "lon": None, "lat": None, "crs": "WGS84", "accuracy_m": None, "geometry": None,
    **dict.fromkeys(BOX),
}  # fmt: skip


@dataclass(frozen=True)
class Merged:
    """Columns to write, and what is told of it."""

    #: every column of a new asset; of a stored one, those that change
    columns: dict[str, Any]
    #: personal values as text, where they change; empty where none are left
    personal: str | None = None
    #: field → [before, after]; of a personal field an empty list
    changes: dict[str, Any] = field(default_factory=dict)


def fresh(code: str, kind: AssetKind, said: Particulars) -> tuple[Merged, Sequence[FieldError]]:
    """A new asset; one without a name is called by its kind and code."""
    columns = {**_PLAIN, **said.columns}
    zh, en = columns["name_zh"], columns["name_en"]
    if not zh or not en:
        own_zh, own_en = _name(code, kind, said)
        columns["name_zh"], columns["name_en"] = zh or en or own_zh, en or zh or own_en
    details = {name: value for name, value in said.details.items() if value is not None}
    if said.length_m is not None:
        details.setdefault("length_m", said.length_m)
    columns["details"] = _ordered(kind, details)
    personal = {name: value for name, value in said.personal.items() if value}
    return Merged(columns, _text(personal)), _missing(kind, details)


def merged(
    stored: Mapping[str, Any], personal: str | None, kind: AssetKind, said: Particulars
) -> tuple[Merged, Sequence[FieldError]]:
    """A correction of what is stored (the asset's columns by name, and its personal values as text)."""
    columns = {
        name: value for name, value in said.columns.items() if name in stored and stored[name] != value
    }
    for name in ("name_zh", "name_en"):
        if columns.get(name) == "":
            del columns[name]  # a name may be changed, never taken away
    changes = {name: [stored[name], value] for name, value in columns.items() if name in SAID}
    before: Mapping[str, Any] = stored["details"]
    details = {
        name: value
        for name, value in {**before, **said.details}.items()
        if name in kind.attributes and value is not None
    }
    if said.length_m is not None and ("length_m" not in details or "geometry" in columns):
        details["length_m"] = said.length_m
    if details != before:
        columns["details"] = _ordered(kind, details)
        changes |= {
            name: [before.get(name), details.get(name)]
            for name in (*before, *(one for one in details if one not in before))
            if before.get(name) != details.get(name)
        }
    known = read_personal(personal)
    after = {name: value for name, value in {**known, **said.personal}.items() if value}
    if after == known:
        return Merged(columns, None, changes), _missing(kind, details)
    changes |= {name: [] for name in said.personal if known.get(name, "") != after.get(name, "")}
    return Merged(columns, _text(after) or "", changes), _missing(kind, details)


def read_personal(text: str | None) -> Mapping[str, str]:
    """Personal values out of their one text."""
    found = from_json(text) if text else {}
    assert isinstance(found, dict)
    return found


def _text(personal: Mapping[str, str]) -> str | None:
    return to_json(dict(sorted(personal.items()))) if personal else None


def _ordered(kind: AssetKind, details: Mapping[str, Any]) -> dict[str, Any]:
    if len(details) < 2:
        return dict(details)
    return {name: details[name] for name in kind.attributes if name in details}


def _missing(kind: AssetKind, details: Mapping[str, Any]) -> Sequence[FieldError]:
    return [FieldError(name, "required") for name in kind.needed if name not in details]


def _name(code: str, kind: AssetKind, said: Particulars) -> tuple[str, str]:
    label = kind.label
    if kind.key == "user":  # `居民用户 10023` tells more than `用户 10023`
        choices = kind.attributes["user_type"].choices or {}
        label = choices.get(str(said.details.get("user_type")), label)
    return f"{label.zh} {code}", f"{label.en} {code}"
