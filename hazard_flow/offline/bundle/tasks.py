"""One task as a tablet keeps it: where the hazard stands, all its facts in both languages, its photos, and what this person may do."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.actions import Desk, judged
from hazard_flow.hazards.case_views import Fact
from hazard_flow.hazards.facts import facts
from hazard_flow.hazards.forecast import Forecast
from hazard_flow.hazards.grouping import is_pointless
from hazard_flow.hazards.judging import context_of
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.shown import Words
from hazard_flow.hazards.story import limit_name
from hazard_flow.hazards.why import is_worth_saying, reasons
from hazard_flow.i18n import LOCALES
from hazard_flow.identity.actor import Actor
from hazard_flow.offline.bundle import forms
from hazard_flow.offline.bundle.forms import Asked, Json
from hazard_flow.offline.bundle.gathering import Gathered
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.permitted import Allowed

FIRINGS_SHOWN = 3
#: acts that settle nothing: whoever may do no more than this has no task
RECORDS = frozenset({"attach", "acknowledge", "progress"})


class Shaper:
    """Makes the tasks of one bundle for one person; keeps what all of them share."""

    def __init__(self, gathered: Gathered, actor: Actor, *, now: datetime) -> None:
        self._gathered = gathered
        self._actor = actor
        self._now = now
        # Proposed days move with the clock; by the hour they leave the bundle as it was, so that most fetches bring nothing.
        self._reckoned_at = now.replace(minute=0, second=0, microsecond=0)
        self._asked: dict[str, Asked] = {}

    def judge(self, hazard: Hazard) -> list[Allowed]:
        """Every act that starts from the hazard's state, with what keeps this person from it."""
        known = self._gathered
        return judged(
            known.rules,
            hazard,
            self._actor,
            known.stored.get(hazard.id, ()),
            known.facts.get(hazard.id, {}),
            limits=known.limits(hazard),
            now=self._now,
        )

    def task(self, hazard: Hazard, answers: Sequence[Allowed]) -> Json:
        """The task; `answers` is what `judge` said."""
        known = self._gathered
        workflow = known.rules.pinned(hazard.workflow, hazard.workflow_version)
        words = {locale: known.words(hazard, locale) for locale in LOCALES}
        desk = Desk(
            words["zh"],
            workflow,
            hazard,
            known.stored.get(hazard.id, ()),
            context_of(known.rules, hazard, now=self._reckoned_at, directory=known.directory),
            known.nameable[hazard.home_id, hazard.division],
        )
        open_ = [one for one in answers if one.allowed and not is_pointless(one.action, hazard)]
        shut = [one for one in answers if not one.allowed and is_worth_saying(workflow, hazard, one)]
        return {
            **_standing(hazard, known, workflow),
            "facts": _facts(words, hazard, known),
            "photos": [_photo(hazard, one) for one in desk.stored if one.display_sha256],
            "allowed_actions": [forms.acting(desk, one, self._known(workflow, one)) for one in open_],
            "refused": [
                {
                    "action": one.action.key,
                    "name": forms.both(one.action.label),
                    "because": _because(words, workflow, hazard, one),
                }
                for one in shut
            ],
            "next_timers": [_timer(words, one) for one in known.ahead.get(hazard.id, ())[:FIRINGS_SHOWN]],
        }

    def _known(self, workflow: Workflow, one: Allowed) -> Asked:
        key = f"{workflow.id}/{one.action.key}"
        if key not in self._asked:
            self._asked[key] = forms.asked(one.action)
        return self._asked[key]


def _standing(hazard: Hazard, known: Gathered, workflow: Workflow) -> Json:
    asset = known.assets.get(hazard.asset_id) if hazard.asset_id else None
    return {
        "number": hazard.number,
        "title": hazard.title,
        "stage": hazard.stage,
        "state": hazard.state,
        "state_name": forms.both(workflow.states[hazard.state].label),
        "level": hazard.level,
        "urgency": hazard.urgency,
        "place": hazard.place,
        "asset": asset.code if asset else None,
        "lon": hazard.lon,
        "lat": hazard.lat,
        "found_at": hazard.found_at.isoformat(),
        "due_at": hazard.due_at.isoformat() if hazard.due_at else None,
        "version": hazard.seq,
        "organisation": str(hazard.organisation_id),
    }


def _facts(words: Mapping[str, Words], hazard: Hazard, known: Gathered) -> list[Json]:
    """The facts of the hazard's page and who is responsible; who reported in confidence is told nowhere but at the desk."""
    told = {locale: _lines(one, hazard, known) for locale, one in words.items()}
    return [
        {
            "label": {"zh": zh.label, "en": en.label},
            "value": {
                "zh": _with_note(zh, "（{}）"),
                "en": _with_note(en, " ({})"),
            },
        }
        for zh, en in zip(told["zh"], told["en"], strict=True)
    ]


def _lines(words: Words, hazard: Hazard, known: Gathered) -> tuple[Fact, ...]:
    reporter = words.name(hazard.reporter_id) if hazard.reporter_id else ""
    if hazard.protected_reporter_id is not None:
        reporter = words.say("hazards.protected")
    unit = known.units.get(hazard.organisation_id)
    own = [
        Fact(words.say("offline.fact.organisation"), unit.label.in_(words.locale) if unit else ""),
        Fact(
            words.say("offline.fact.responsible"),
            words.name(hazard.responsible_id) if hazard.responsible_id else "",
        ),
    ]
    asset = known.assets.get(hazard.asset_id) if hazard.asset_id else None
    return (*(one for one in own if one.value), *facts(words, hazard, asset, reporter=reporter))


def _with_note(fact: Fact, form: str) -> str:
    return fact.value + (form.format(fact.note) if fact.note else "")


def _photo(hazard: Hazard, one: Evidence) -> Json:
    taken_at = one.exif_at or one.captured_at or one.received_at
    return {
        "sha256": one.sha256,
        "kind": one.kind,
        "display_url": f"/evidence/{hazard.number}/{one.display_sha256}/display",
        "captured_at": taken_at.isoformat(),
        "pair_of": one.pair_of,
    }


def _because(words: Mapping[str, Words], workflow: Workflow, hazard: Hazard, one: Allowed) -> list[Json]:
    told = [
        [r.text for r in reasons(words[locale], workflow, hazard, one, way=_no_way) if not r.is_met]
        for locale in LOCALES
    ]
    return [dict(zip(LOCALES, pair, strict=True)) for pair in zip(*told, strict=True)]


def _no_way(_action: str) -> None:
    """The field app leads to no form by a link in a sentence."""


def _timer(words: Mapping[str, Words], one: Forecast) -> Json:
    return {
        "name": one.name,
        "label": {locale: limit_name(words[locale], one.name) for locale in LOCALES},
        "level": one.level,
        "due_at": one.due_at.isoformat(),
        "to": _names(words["zh"], one),
    }


def _names(words: Words, one: Forecast) -> list[str]:
    found: Iterable[str] = (words.people.get(person, "") for person in one.people)
    return [name for name in found if name]
