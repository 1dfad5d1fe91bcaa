"""The one field that explains why a photo is used again: asked for only by a form that came back because of it."""

from hazard_flow.hazards.drawing import Returned
from hazard_flow.hazards.originality.reuse import CODES, REASON, REASON_LENGTH_MAX, REASON_LENGTH_MIN
from hazard_flow.i18n import text
from hazard_flow.web.views import FormField


def field(locale: str, back: Returned | None) -> tuple[FormField, ...]:
    """The field, where the form came back with a photo used again or with an explanation."""
    if back is None or not (back.values.get(REASON) or any(e.code in CODES for e in back.errors)):
        return ()
    return (
        FormField(
            name=REASON,
            type="textarea",
            label=text("originality.reuse_reason", locale),
            required=False,
            at_least=REASON_LENGTH_MIN,
            maximum=str(REASON_LENGTH_MAX),
            hint=text("originality.reuse_reason_hint", locale),
            value=str(back.values.get(REASON, "")),
            error=back.wrong(lambda e: e.field == REASON),
            is_kept=True,
        ),
    )
