"""Who and what there is in the demo city, read from `city/*.yaml`: divisions, organisations, people, assets and their detectors."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hazard_flow.i18n import Label

CITY = Path(__file__).parent / "city"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class DivisionRow:
    """An administrative division; the codes 99xxxx exist nowhere."""

    code: str
    label: Label
    #: key of the organisation at which every ladder ends
    highest_regulator: str


@dataclass(frozen=True)
class OrganisationRow:
    """A regulator, an enterprise, or a unit of one."""

    key: str
    kind: str
    division: str
    label: Label
    parent: str | None = None
    uscc: str | None = None


@dataclass(frozen=True)
class PersonRow:
    """Somebody who works there."""

    username: str
    name: Label
    #: the unit they belong to
    organisation: str
    #: the unit their roles hold in, where it is a wider one
    holds_at: str
    roles: tuple[str, ...]
    #: the kind of account offered for signing in, if any
    account: str | None = None


@dataclass(frozen=True)
class AssetRow:
    """A place a hazard can be found at; WGS-84."""

    code: str
    kind: str
    owner: str
    label: Label
    address: str
    lon: float
    lat: float
    detectors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cast:
    """Everything that exists before anything happens."""

    divisions: tuple[DivisionRow, ...]
    organisations: tuple[OrganisationRow, ...]
    people: tuple[PersonRow, ...]
    assets: tuple[AssetRow, ...]


@cache
def load_cast() -> Cast:
    """The cast as shipped."""
    organisations = _read("organisations.yaml")
    return Cast(
        divisions=tuple(
            DivisionRow(row["code"], _label(row), row["highest_regulator"])
            for row in organisations["divisions"]
        ),
        organisations=tuple(_organisation(row) for row in organisations["organisations"]),
        people=tuple(_person(row) for row in _read("people.yaml")["people"]),
        assets=tuple(_asset(row) for row in _read("assets.yaml")["assets"]),
    )


def uscc(stem: str) -> str:
    """A unified social credit code: 17 characters and their check character (GB 32100-2015, weights 3^(i−1) mod 31)."""
    total = sum(_USCC_ALPHABET.index(mark) * pow(3, place, 31) for place, mark in enumerate(stem))
    return stem + _USCC_ALPHABET[(31 - total % 31) % 31]


def _organisation(row: Mapping[str, Any]) -> OrganisationRow:
    return OrganisationRow(
        key=row["key"],
        kind=row["kind"],
        division=row["division"],
        label=_label(row),
        parent=row.get("parent"),
        uscc=uscc(row["code"]) if "code" in row else None,
    )


def _person(row: Mapping[str, Any]) -> PersonRow:
    return PersonRow(
        username=row["username"],
        name=_label(row),
        organisation=row["organisation"],
        holds_at=row.get("at", row["organisation"]),
        roles=tuple(row["roles"]),
        account=row.get("account"),
    )


def _asset(row: Mapping[str, Any]) -> AssetRow:
    return AssetRow(
        code=row["code"],
        kind=row["kind"],
        owner=row["owner"],
        label=_label(row),
        address=row["address"],
        lon=row["lon"],
        lat=row["lat"],
        detectors=tuple(row.get("detectors", ())),
    )


def _label(row: Mapping[str, Any]) -> Label:
    return Label(zh=row["name"]["zh"], en=row["name"]["en"])


def _read(name: str) -> Any:
    return yaml.load((CITY / name).read_text("utf-8"), Loader=yaml.CSafeLoader)
