"""Which files an act's form asks for: photos, documents by their kind, what the catalogue wants of this hazard."""

from collections.abc import Sequence
from dataclasses import dataclass

from hazard_flow.errors import FieldError
from hazard_flow.evidence.kinds import KINDS, kind_name
from hazard_flow.hazards.drawing import Choices, Returned
from hazard_flow.hazards.rules import Rules
from hazard_flow.hazards.views import EvidenceSlot
from hazard_flow.i18n import text
from hazard_flow.workflow.permitted import AFTER, BEFORE, Allowed

PHOTOS, DOCUMENT, DOCUMENT_KIND = "photos", "document", "document_kind"
_PHOTO_KINDS = frozenset({BEFORE, AFTER})
#: a value of the form stands for these as well as a file does
_SAID_IN_FIELDS = frozenset({"LEAK_READING_BEFORE", "LEAK_READING_AFTER", "GPS_POINT"})
#: taken with the camera, though no before- or after-photo
_TAKEN = frozenset({"ABSENCE_NOTICE_PHOTO", "PUBLIC_NOTICE_PHOTO", *_SAID_IN_FIELDS})
_ANY = "any"


@dataclass(frozen=True)
class Asked:
    """The file inputs of one form; `any_kind` offers a document of a kind the reader names."""

    slots: tuple[EvidenceSlot, ...] = ()
    any_kind: Choices = ()


def asked(rules: Rules, one: Allowed, locale: str, back: Returned | None, *, paired: bool) -> Asked:
    """What the form asks for; `paired` photos are asked for one by one beside the before-photos."""
    rule = one.action.evidence
    if rule is None:
        return Asked(_photos(locale, 0, back)) if one.action.key == "progress" else Asked()
    still = {str(r.params.get("evidence")): int(r.params.get("needed", 1)) for r in one.still_needed}
    slots: list[EvidenceSlot] = []
    for word, count in rule.at_least.items():
        known = rules.fields.evidence[word]
        if word == _ANY or _PHOTO_KINDS & set(known.codes):
            slots += _photos(locale, 0 if paired or word == _ANY else count, back)
        else:
            slots.append(
                _document(known.codes[0], known.label.in_(locale), count, back, (word, *known.codes))
            )
    if rule.also == "catalogue":
        slots += _of_catalogue(list(still), locale, back)
    return Asked(tuple(slots), _kinds(locale) if _ANY in rule.at_least else ())


def _photos(locale: str, needed: int, back: Returned | None) -> tuple[EvidenceSlot, ...]:
    error = (
        back.wrong(
            lambda e: (
                e.field in (PHOTOS, "evidence")
                and _is_of(e, (BEFORE, AFTER, "photo", "before_photo", "after_photo", "any"))
            )
        )
        if back
        else ""
    )
    return (EvidenceSlot(name=PHOTOS, label=text("hazards.form.photos", locale), needed=needed, error=error),)


def _of_catalogue(still: Sequence[str], locale: str, back: Returned | None) -> list[EvidenceSlot]:
    """The documents of the chosen catalogue row that are not there yet."""
    wanted = [code for code in still if code in KINDS and code not in _PHOTO_KINDS]
    return [
        _document(code, kind_name(code, locale), 0 if code in _SAID_IN_FIELDS else 1, back, (code,))
        for code in wanted
    ]


def _document(
    code: str, label: str, needed: int, back: Returned | None, names: Sequence[str]
) -> EvidenceSlot:
    wrong = (
        back.wrong(lambda e: e.field == code or (e.field == "evidence" and _is_of(e, names))) if back else ""
    )
    return EvidenceSlot(name=code, label=label, needed=needed, is_photo=code in _TAKEN, error=wrong)


def _is_of(error: FieldError, names: Sequence[str]) -> bool:
    """Whether an error speaks of evidence of these names; one that names none speaks of all."""
    return str(error.params.get("evidence", names[0])) in names


def _kinds(locale: str) -> Choices:
    return tuple((code, kind_name(code, locale)) for code in KINDS if code not in _PHOTO_KINDS)
