"""What is known of a hazard, in the order an official reads it; what is not known is not listed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hazard_flow.assets.models import Asset
from hazard_flow.evidence.kinds import kind_name
from hazard_flow.hazards.classifying import CONDITIONAL
from hazard_flow.hazards.effects import NO_CONTROL
from hazard_flow.hazards.listed import row_kept
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.shown import Words, label, value_text
from hazard_flow.hazards.views import Fact

#: fields shown below the hazard's own columns, where some form gave them
_FIELDS = (
    "liable_party", "user_name", "user_number", "flat", "user_phone", "onsite_action", "basis", "clause", "measures", "funds_planned",
    "emergency_plan", "measures_done", "funds_used", "root_cause", "prevention", "current_state_and_cause", "harm_analysis", "opinion",
)  # fmt: skip
_NARROW = frozenset(
    {"liable_party", "user_name", "user_number", "flat", "user_phone", "funds_planned", "funds_used"}
)


def facts(words: Words, hazard: Hazard, asset: Asset | None, *, reporter: str) -> tuple[Fact, ...]:
    """The lines; `reporter` is what this reader may be told of who reported."""
    say, book = words.say, words.rules.fields
    row = row_kept(hazard)
    where = (
        f"WGS-84 {hazard.lat:.5f}, {hazard.lon:.5f}"
        if hazard.lat is not None and hazard.lon is not None
        else ""
    )
    source = book.sources[hazard.source].in_(words.locale) if hazard.source in book.sources else hazard.source
    found = [
        Fact(say("hazards.fact.description"), hazard.description, is_wide=True),
        Fact(say("hazards.fact.place"), hazard.place, note=where),
        Fact(say("hazards.fact.asset"), f"{asset.label.in_(words.locale)} {asset.code}" if asset else ""),
        Fact(say("hazards.fact.source"), source),
        Fact(
            say("hazards.fact.catalogue"),
            f"{row['code']} {row['title'][words.locale]}" if row else hazard.catalogue_code or "",
            note=row["basis"] if row else "",
        ),
        Fact(
            say("hazards.fact.proposed"),
            proposals(words, row) if row and hazard.stage == "reported" else "",
            is_wide=True,
        ),
        Fact(
            say("hazards.fact.reporter"),
            reporter,
            note=say("hazards.fact.protected") if hazard.protected_reporter_id else "",
        ),
        Fact(say("hazards.fact.verifiers"), words.joined(words.name_of(v) for v in hazard.verifier_ids)),
        Fact(say("hazards.fact.closer"), words.name(hazard.closer_id) if hazard.closer_id else ""),
    ]
    found += [
        Fact(label(words, name), value_text(words, name, hazard.details[name]), is_wide=name not in _NARROW)
        for name in _FIELDS
        if hazard.details.get(name) not in (None, "", [])
    ]
    return tuple(f for f in found if f.value)


def proposals(words: Words, row: Mapping[str, Any]) -> str:
    """What the catalogue proposes for a row (`snapshot`), in one line: level, first control, deadline, evidence."""
    say, days = words.say, int(row["deadline_days"])
    control = words.rules.fields.controls.get(row["interim_control"])
    parts = [
        say(f"hazards.tier.{row['urgency']}"),
        say("hazards.proposed.within", time=_span(words, str(row["response_hours"]))),
        say("hazards.proposed.days", n=days) if days else say("hazards.proposed.at_once"),
    ]
    if control is not None and row["interim_control"] != NO_CONTROL:
        parts.append(say("hazards.proposed.control", control=control.in_(words.locale)))
    if row["level"] == CONDITIONAL:
        parts.append(say("hazards.proposed.conditional"))
    evidence = words.joined(kind_name(code, words.locale) for code in row["evidence"])
    parts.append(say("hazards.proposed.evidence", evidence=evidence))
    return say("hazards.value.list").join(parts)


def _span(words: Words, hours: str) -> str:
    """Time to the first control on site: half an hour, 4 hours."""
    minutes = int(Decimal(hours) * 60)
    if minutes < 60:
        return words.say("web.duration.minutes", n=minutes)
    return words.say("web.duration.hours", n=minutes // 60)
