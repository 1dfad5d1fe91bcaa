"""The form of a device's particulars: its fields drawn from what is stored or was typed, with what is wrong beside each."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.assets.queries import choices as asset_choices
from hazard_flow.errors import FieldError
from hazard_flow.i18n import text
from hazard_flow.telemetry.devices.kinds import device_kinds
from hazard_flow.telemetry.devices.operations import DAYS, EVERY, FIELDS, FIRST_DAY, LAST_DAY, LENGTH_MAX
from hazard_flow.telemetry.devices.queries import Found
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError, FormField

_NEEDED = ("code", "site", "kind")
_HINTED = ("code", "gateway", EVERY)


def stored(found: Found) -> dict[str, str]:
    """What is known of a device, as its form shows it."""
    record = found.record
    known = {"code": found.device.code, "site": found.site.code, "kind": found.device.kind}
    for name in FIELDS:
        if name not in known:
            value = found.device.expect_every_seconds if name == EVERY else getattr(record, name, None)
            known[name] = str(value) if value else ""
    return known


def fields(
    session: Session,
    given: Mapping[str, str],
    faults: Sequence[FieldError],
    *,
    is_new: bool,
    locale: str,
    zone: ZoneInfo,
) -> list[FormField]:
    """The fields in their order; the code of a device that is known already cannot be changed and is not asked."""
    wrong = {fault.field: field_sentence(fault, locale, zone) for fault in faults}
    return [
        _field(session, name, given.get(name, ""), wrong.get(name, ""), locale)
        for name in FIELDS
        if is_new or name != "code"
    ]


def errors(faults: Sequence[FieldError], *, locale: str, zone: ZoneInfo) -> list[FormError]:
    """The summary above the form."""
    return [
        FormError(
            fault.field,
            f"{text(f'devices.field.{fault.field}', locale)}{_COLON[locale]}{field_sentence(fault, locale, zone)}",
        )
        for fault in faults
    ]


_COLON = {"zh": "：", "en": ": "}


def _field(session: Session, name: str, value: str, error: str, locale: str) -> FormField:
    if name in DAYS:
        return FormField(
            name, "date", _label(name, locale), required=False, value=value, error=error,
            minimum=FIRST_DAY.isoformat(), maximum=LAST_DAY.isoformat(), is_kept=True,
            hint=text("devices.hint.due", locale) if name == "calibration_due_on" else "",
        )  # fmt: skip
    if name == "kind":
        kinds = tuple((kind.key, kind.label.in_(locale)) for kind in device_kinds().values())
        return FormField(name, "select", _label(name, locale), choices=kinds, value=value, error=error)
    if name in ("site", "upstream"):
        sites = tuple((asset.code, asset.label.in_(locale)) for asset in asset_choices(session))
        hint = text("devices.hint.upstream", locale) if name == "upstream" else ""
        return FormField(
            name,
            "asset",
            _label(name, locale),
            required=name in _NEEDED,
            choices=sites,
            value=value,
            error=error,
            hint=hint,
        )
    return FormField(
        name, "text", _label(name, locale), required=name in _NEEDED, value=value, error=error,
        maximum=str(LENGTH_MAX), is_kept=True, hint=text(f"devices.hint.{name}", locale) if name in _HINTED else "",
    )  # fmt: skip


def _label(name: str, locale: str) -> str:
    return text(f"devices.field.{name}", locale)
