"""The page of the alarm rules: versions, each rule in words, what it did of late, and the outcome of tries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template

from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.rulefile import released_rules, shipped_rules
from hazard_flow.telemetry.rules import NoData, Rules, Ruling, Storm, all_rules
from hazard_flow.telemetry.ruling import queries
from hazard_flow.telemetry.ruling.queries import Deeds
from hazard_flow.telemetry.ruling.wording import in_words
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now
from hazard_flow.web.locale import current_locale

blueprint = Blueprint("alarm_rules", __name__, template_folder="templates")

RIGHT = "workflows.read"


@dataclass(frozen=True)
class RuleRow:
    """One rule as the page shows it."""

    id: str
    label: str
    words: str
    family: str
    alert_class: str
    deeds: Deeds


@dataclass(frozen=True)
class VersionRow:
    """One released file."""

    version: int
    sha256: str
    is_newest: bool
    rules: int
    firing: int


@dataclass(frozen=True)
class TrialRow:
    """One try."""

    name: str
    at: datetime
    outcome: Mapping[str, Any]


@blueprint.get("/telemetry/rules")
def index() -> str:
    require(RIGHT)
    # Of the alerts their number, nothing else: whoever looks after the rules must know what they do.
    with kernel().database.reading(SYSTEM) as session:
        deeds = queries.deeds(session, now=now())
        firing = queries.open_by_version(session)
        trials = [TrialRow(row.name, row.made_at, row.outcome) for row in queries.latest_trials(session)]
    rules = shipped_rules()
    return render_template(
        "ruling/index.html",
        rules=[_row(rule, rules, deeds) for rule in all_rules(rules)],
        versions=[_version(one, firing) for _, one in sorted(released_rules().items(), reverse=True)],
        trials=trials,
        days=queries.COUNTED.days,
        version=rules.version,
    )


def _row(rule: Ruling, rules: Rules, deeds: Mapping[str, Deeds]) -> RuleRow:
    locale = current_locale()
    family = rules.families[rule.family].label.in_(locale)
    if isinstance(rule, NoData) and rule.grouped_family != rule.family:
        family = f"{family} / {rules.families[rule.grouped_family].label.in_(locale)}"
    return RuleRow(
        id=rule.id,
        label=rule.label.in_(locale),
        words=in_words(rule, rules).in_(locale),
        family=family,
        alert_class="process" if isinstance(rule, Storm) else rule.alert_class,
        deeds=deeds.get(rule.id, Deeds()),
    )


def _version(rules: Rules, firing: Mapping[int, int]) -> VersionRow:
    return VersionRow(
        version=rules.version,
        sha256=rules.sha256,
        is_newest=rules is shipped_rules() or rules.version == shipped_rules().version,
        rules=len(all_rules(rules)),
        firing=firing.get(rules.version, 0),
    )
