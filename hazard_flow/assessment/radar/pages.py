"""The radar: a card for each signal, enterprises and hazards by what was found of them; one signal whole."""

from flask import Blueprint, render_template, request

from hazard_flow.assessment.radar import queries, views
from hazard_flow.assessment.radar.asking import READ, WINDOWS, Asked, read_asked
from hazard_flow.assessment.radar.rules import SIGNALS, radar_rules
from hazard_flow.errors import NotFound
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.base import new_id
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.locale import current_locale

blueprint = Blueprint("radar", __name__, template_folder="templates")

#: findings on a card, and rows of the two rankings
CARD, RANKED = 3, 20
#: findings on the page of one signal
WHOLE = 200


@blueprint.get("/radar")
def radar() -> str:
    actor, locale = require(READ), current_locale()
    asked = _asked(actor)
    with reading(actor) as session:
        found = queries.look(session, asked)
        units = identity.enterprises(session)
        said = views.words(
            session, {one.subject_id for one in found.enterprises}, locale, asked.zone, asked.now
        )
    return render_template(
        "radar/radar.html",
        asked=asked,
        found=found,
        cards={key: [said.finding(one) for one in own[:CARD]] for key, own in found.findings.items()},
        enterprises=views.enterprise_rows(found, said)[:RANKED],
        hazards=views.hazard_rows(found.hazards[:RANKED], said),
        organisations=[(str(one.id), one.label.in_(locale)) for one in units],
        **_frame(actor),
    )


@blueprint.get("/radar/signals/<signal>")
def signal(signal: str) -> str:
    actor, locale = require(READ), current_locale()
    if signal not in SIGNALS:
        raise NotFound(f"signal {signal}")
    asked = _asked(actor)
    with reading(actor) as session:
        found = queries.look(session, asked, (signal,))
        units = identity.enterprises(session)
        said = views.words(
            session, {one.subject_id for one in found.enterprises}, locale, asked.zone, asked.now
        )
    own = found.findings[signal]
    return render_template(
        "radar/signal.html",
        asked=asked,
        signal=signal,
        rows=[said.finding(one) for one in own[:WHOLE]],
        total=len(own),
        thresholds=views.thresholds(asked.rules, signal, locale),
        organisations=[(str(one.id), one.label.in_(locale)) for one in units],
        **_frame(actor),
    )


def _asked(actor: Actor) -> Asked:
    return read_asked(request.args, actor, rules=radar_rules(), now=now(), zone=kernel().settings.zone)


def _frame(actor: Actor) -> dict[str, object]:
    """What both pages are drawn with. Each button that takes a file to be audited is a request of its own."""
    return {
        "windows": WINDOWS,
        "may_audit": may(actor, "audits.judge"),
        "may_see_audits": may(actor, "audits.read"),
        "new_key": lambda: str(new_id()),
        "regulates": any(one.regulator for one in actor.holdings),
    }
