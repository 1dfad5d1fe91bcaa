"""The fields a question is put together with, filled with what it asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hazard_flow.assessment.questions.asking import DIMENSIONS, MEASURES, PERIODS, Question
from hazard_flow.assessment.questions.operations import OFTEN
from hazard_flow.assets.kinds import asset_kinds
from hazard_flow.catalogue.rows import CATEGORY_LABELS
from hazard_flow.hazards import filtering, narrowing
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import Label, text
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.web.views import FormField
from hazard_flow.workflow.definition import STAGES, URGENCIES

#: words of the filter the form asks for; others that are set stand there ticked, to be dropped
ASKED = ("organisation", "stage", "level", "urgency", "source", "category", "asset_kind", "liable")


@dataclass(frozen=True)
class Kept:
    """A word of the filter that came along from a list."""

    name: str
    value: str
    label: str


def filter_fields(session: Session, question: Question, locale: str) -> list[FormField]:
    """Which hazards."""
    fields, words = rules_of(session).fields, question.words
    units = identity.enterprises(session)
    choices: dict[str, list[tuple[str, str]]] = {
        "organisation": [(str(one.id), one.label.in_(locale)) for one in units],
        "stage": [(one, text(f"web.stage.{one}", locale)) for one in STAGES],
        "level": [(one, text(f"hazards.level.{one}", locale)) for one in ("general", "major")],
        "urgency": [(one, text(f"hazards.tier.{one}", locale)) for one in URGENCIES],
        "source": _labels(fields.sources, locale),
        "category": _labels(CATEGORY_LABELS, locale),
        "asset_kind": _labels({key: kind.label for key, kind in asset_kinds().items()}, locale),
        "liable": _labels(fields.fields[narrowing.LIABLE].choices, locale),
    }
    found = [
        _select(name, f"questions.dimension.{name}", own, words.get(name, ""), locale)
        for name, own in choices.items()
        if name != "organisation" or len(own) > 1 or name in words
    ]
    periods = [(one, text(f"questions.period.{one}", locale)) for one in PERIODS]
    return [*found, _select("period", "questions.period", periods, question.period, locale)]


def group_fields(question: Question, locale: str) -> list[FormField]:
    """By what, and what is measured."""
    dimensions = [(one, text(f"questions.dimension.{one}", locale)) for one in DIMENSIONS]
    groups = (*question.groups, "", "")
    measures = tuple((one, text(f"questions.measure.{one}", locale)) for one in MEASURES)
    return [
        _select("group", "questions.group_1", dimensions, groups[0], locale),
        _select("group", "questions.group_2", dimensions, groups[1], locale),
        FormField(
            name="measure",
            type="many",
            label=text("questions.measures", locale),
            choices=measures,
            value=question.measures,
        ),
    ]


def kept(session: Session, question: Question, locale: str) -> list[Kept]:
    """What else the filter says."""
    words, labels = question.words, filtering.labels(session, question.filter, locale)
    return [Kept(name, value, labels[name]) for name, value in words.items() if name not in ASKED]


def mail_fields(
    session: Session, actor: Actor, path: str, locale: str, *, may_add: bool, errors: Mapping[str, str]
) -> list[FormField]:
    """How often it is sent, and to whom."""
    often = tuple((one, text(f"questions.often.{one}", locale)) for one in (*OFTEN, "own"))
    fields = [
        FormField(
            name="often", type="radio", label=text("questions.often", locale), choices=often, value="weekly",
            error=errors.get("often", ""),
        ),
        FormField(
            name="rule", type="text", label=text("questions.rule", locale), required=False,
            hint=text("questions.rule.hint", locale), when=("often", "own"), error=errors.get("rule", ""),
        ),
    ]  # fmt: skip
    if may_add:
        people = [
            (str(one.id), one.name) for one, _ in identity.people_within(session, path) if one.id != actor.id
        ]
        fields.append(
            FormField(
                name="person", type="select", label=text("questions.person", locale), required=False,
                choices=tuple(people), hint=text("questions.person.hint", locale), error=errors.get("person", ""),
            )
        )  # fmt: skip
    return fields


def _select(name: str, label: str, choices: Sequence[tuple[str, str]], value: str, locale: str) -> FormField:
    known = {one for one, _ in choices}
    also = ((value, text("questions.none", locale)),) if value == narrowing.NONE else ()
    return FormField(
        name=name,
        type="select",
        label=text(label, locale),
        required=False,
        choices=(*choices, *also),
        value=value if value in known or also else "",
    )


def _labels(labels: Mapping[str, Label], locale: str) -> list[tuple[str, str]]:
    return [(key, label.in_(locale)) for key, label in labels.items()]
