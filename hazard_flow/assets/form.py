"""The form of an asset: what any asset has, the attributes of its kind, and what is kept apart, with what is wrong beside each."""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from hazard_flow.assets.frames import FRAMES
from hazard_flow.assets.kinds import AssetKind, Attribute
from hazard_flow.assets.merging import read_personal
from hazard_flow.assets.models import Asset
from hazard_flow.assets.particulars import (
    ADDRESS_LENGTH_MAX,
    CODE_LENGTH_MAX,
    COMMON,
    FIRST_DAY,
    LAST_DAY,
    NAME_LENGTH_MAX,
)
from hazard_flow.assets.shapes import Shape
from hazard_flow.errors import FieldError
from hazard_flow.i18n import known, text
from hazard_flow.identity.models import Division, Organisation
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FieldType, FormError, FormField

_COLON = {"zh": "：", "en": ": "}
_TYPES: Mapping[str, FieldType] = {
    "text": "text", "number": "number", "whole": "number", "day": "date", "choice": "select", "flag": "select",
}  # fmt: skip
_LONG_TEXT = 300


def names(kind: AssetKind) -> tuple[str, ...]:
    """Every name the form sends."""
    return (*COMMON, *kind.attributes, *(kind.personal or {}))


def stored(asset: Asset, personal: str | None) -> dict[str, str]:
    """What is known of an asset, as its form shows it."""
    told = {name: _shown(getattr(asset, name)) for name in COMMON if name not in ("organisation", "geometry")}
    told["organisation"] = str(asset.organisation_id)
    told["geometry"] = Shape.stored(asset.geometry).wkt() if asset.geometry else ""
    told |= {name: _shown(value) for name, value in asset.details.items()}
    return told | dict(read_personal(personal))


class Form:
    """Draws the fields in one language."""

    def __init__(
        self, given: Mapping[str, str], faults: Sequence[FieldError], *, locale: str, zone: ZoneInfo
    ) -> None:
        self._given, self._locale, self._zone = given, locale, zone
        self._faults = faults
        self._wrong = {fault.field: field_sentence(fault, locale, zone) for fault in faults}

    def errors(self, kind: AssetKind) -> list[FormError]:
        """The summary above the form."""
        return [
            FormError(
                fault.field,
                f"{self._label(fault.field, kind)}{_COLON[self._locale]}{field_sentence(fault, self._locale, self._zone)}",
            )
            for fault in self._faults
        ]

    def common(
        self, kind: AssetKind, units: Iterable[Organisation], places: Iterable[Division], *, is_new: bool
    ) -> list[FormField]:
        """What any asset has; the code of one that is known is its key and is not asked."""
        fields = []
        if is_new:
            fields.append(self._text("code", CODE_LENGTH_MAX, required=True, hint="assets.hint.code"))
        fields += [
            self._text("name_zh", NAME_LENGTH_MAX),
            self._text("name_en", NAME_LENGTH_MAX),
            self._select(
                "organisation", [(str(one.id), one.label.in_(self._locale)) for one in units], required=True
            ),
            self._select(
                "division", [(one.code, f"{one.label.in_(self._locale)} {one.code}") for one in places]
            ),
            self._text("address", ADDRESS_LENGTH_MAX, hint="assets.hint.address" if kind.personal else ""),
        ]
        fields += self._place(kind)
        return fields

    def attributes(self, kind: AssetKind) -> list[FormField]:
        """What assets of this kind have."""
        return [self._attribute(one, kind) for one in kind.attributes.values()]

    def personal(self, kind: AssetKind) -> list[FormField]:
        """What is kept apart."""
        return [self._attribute(one, kind) for one in (kind.personal or {}).values()]

    def _place(self, kind: AssetKind) -> list[FormField]:
        fields = []
        if kind.shape != "point":
            fields.append(
                FormField(
                    "geometry", "textarea", self._label("geometry", kind), required=False, value=self._given.get("geometry", ""),
                    error=self._wrong.get("geometry", ""), hint=text("assets.hint.geometry", self._locale), is_kept=True,
                )
            )  # fmt: skip
        frames = tuple((frame, text(f"assets.frame.{frame}", self._locale)) for frame in FRAMES)
        fields += [self._text("lon", 20), self._text("lat", 20)]
        fields.append(
            FormField(
                "crs", "select", self._label("crs", kind), required=False, choices=frames,
                value=self._given.get("crs") or FRAMES[0], error=self._wrong.get("crs", ""),
            )
        )  # fmt: skip
        fields.append(self._text("accuracy_m", 12))
        return fields

    def _attribute(self, one: Attribute, kind: AssetKind) -> FormField:
        choices: tuple[tuple[str, str], ...] = ()
        if one.type == "choice":
            choices = tuple((word, said.in_(self._locale)) for word, said in (one.choices or {}).items())
        elif one.type == "flag":
            choices = tuple((word, text(f"assets.flag.{word}", self._locale)) for word in ("yes", "no"))
        is_day = one.type == "day"
        return FormField(
            one.name,
            "textarea" if one.type == "text" and one.most > _LONG_TEXT else _TYPES[one.type],
            one.label.in_(self._locale),
            required=one.name in kind.needed,
            choices=choices,
            unit=one.unit,
            minimum=FIRST_DAY.isoformat() if is_day else None,
            maximum=LAST_DAY.isoformat() if is_day else str(one.most) if one.type == "text" else None,
            value=self._given.get(one.name, ""),
            error=self._wrong.get(one.name, ""),
            hint=self._range(one),
            is_kept=True,
        )

    def _range(self, one: Attribute) -> str:
        if one.minimum is None or one.maximum is None:
            return ""
        return text("assets.hint.range", self._locale, low=one.minimum, high=one.maximum, unit=one.unit)

    def _text(self, name: str, most: int, *, required: bool = False, hint: str = "") -> FormField:
        return FormField(
            name, "text", text(f"assets.field.{name}", self._locale), required=required, value=self._given.get(name, ""),
            error=self._wrong.get(name, ""), maximum=str(most), hint=text(hint, self._locale) if hint else "", is_kept=True,
        )  # fmt: skip

    def _select(self, name: str, choices: Sequence[tuple[str, str]], *, required: bool = False) -> FormField:
        return FormField(
            name, "select", text(f"assets.field.{name}", self._locale), required=required, choices=tuple(choices),
            value=self._given.get(name, ""), error=self._wrong.get(name, ""), is_kept=True,
        )  # fmt: skip

    def _label(self, name: str, kind: AssetKind) -> str:
        if known(f"assets.field.{name}"):
            return text(f"assets.field.{name}", self._locale)
        one = kind.attributes.get(name) or (kind.personal or {}).get(name)
        return one.label.in_(self._locale) if one else name


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
