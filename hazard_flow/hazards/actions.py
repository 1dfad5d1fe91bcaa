"""What this person may do with this hazard now, as forms in their groups; what they might expect to do but may not, with the reasons."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError
from hazard_flow.evidence.models import Evidence as EvidenceRow
from hazard_flow.hazards import queries, related, risk_links, slots
from hazard_flow.hazards.door_limits import DoorLimits, door_limits
from hazard_flow.hazards.drawing import Choices, Returned, conditions, draw, form_errors
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.grouping import Standing, changes_to, group_of, is_pointless, next_rank
from hazard_flow.hazards.icons import icon_of
from hazard_flow.hazards.judging import context_of, hazard_view
from hazard_flow.hazards.listed import row_kept
from hazard_flow.hazards.matter_views import Matter, Way
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality import explaining
from hazard_flow.hazards.originality.panel import JUDGEMENTS
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.shown import Words
from hazard_flow.hazards.views import ActionForm, Evidence
from hazard_flow.hazards.why import is_worth_saying, reasons
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory
from hazard_flow.identity.roles import REGULATOR_ROLES
from hazard_flow.storage.base import new_id
from hazard_flow.web.views import FormField
from hazard_flow.workflow import deadlines, forms
from hazard_flow.workflow.definition import Action, Duration, Workflow
from hazard_flow.workflow.needs import NeedContext
from hazard_flow.workflow.permitted import ActorView, Allowed, evaluate

#: below the last rank of the next steps
_BESIDE = 100


@dataclass(frozen=True)
class Desk:
    """Everything the forms are built from."""

    words: Words
    workflow: Workflow
    hazard: Hazard
    stored: Sequence[EvidenceRow]
    context: NeedContext
    people: Sequence[tuple[str, str, tuple[str, ...]]] = field(default=())
    #: open hazards this one may be merged into
    beside: Choices = ()
    #: risk points and measures it may be about, by field
    risks: Mapping[str, Choices] = field(default_factory=dict)

    @property
    def rules(self) -> Rules:
        """The rules in force."""
        return self.words.rules

    @property
    def standing(self) -> Standing:
        """The hazard as the order of its acts sees it."""
        found = read(self.hazard.proceedings)
        return Standing(self.hazard.state, set(found.open), set(self.hazard.marks), found.signed)


def allowed(session: Session, hazard: Hazard, actor: Actor, *, now: datetime) -> list[Allowed]:
    """Every action that starts from the hazard's state, with what keeps this actor from it."""
    rules = rules_of(session)
    facts: dict[str, object] = {}
    for provider in rules.facts:
        facts.update(provider(session, [hazard]).get(hazard.id, {}))
    limits = door_limits(rules, division=hazard.division, level=hazard.level, now=now)
    return judged(rules, hazard, actor, queries.evidence(session, hazard), facts, limits=limits, now=now)


def judged(
    rules: Rules,
    hazard: Hazard,
    actor: Actor,
    stored: Sequence[EvidenceRow],
    facts: Mapping[str, object],
    *,
    limits: DoorLimits,
    now: datetime,
) -> list[Allowed]:
    """The same out of what was loaded for many hazards at once: asks no database."""
    return evaluate(
        rules.pinned(hazard.workflow, hazard.workflow_version),
        actor_view(actor, hazard),
        hazard_view(rules, hazard, stored, facts=facts, limits=limits),
        vocabulary=rules.vocabulary,
        now=now,
    )


def actor_view(actor: Actor, hazard: Hazard) -> ActorView:
    """The actor as the language sees them towards this hazard."""
    return ActorView(
        id=None if actor.is_system else str(actor.id),
        roles=actor.roles_at(path=hazard.path, division=hazard.division),
    )


def ways(judged: Sequence[Allowed], locale: str) -> Callable[[str], Way | None]:
    """The forms this reader may use now, by action: links elsewhere on the page lead to them."""
    found = {
        one.action.key: Way(one.action.key, one.action.label.in_(locale)) for one in judged if one.allowed
    }
    return found.get


def action_forms(
    session: Session,
    words: Words,
    hazard: Hazard,
    judged: Sequence[Allowed],
    *,
    now: datetime,
    pieces: Mapping[str, Evidence],
    matters: Sequence[Matter] = (),
    doubts: Sequence[str] = (),
    returned: Returned | None = None,
) -> tuple[ActionForm, ...]:
    """The forms of a hazard's page: next steps first and the first of them open, the others after; refused ones with their reasons."""
    desk = _desk(session, words, hazard, now=now)
    way = ways(judged, words.locale)
    shown = [
        one
        for one in judged
        if (one.allowed and not is_pointless(one.action, hazard))
        or is_worth_saying(desk.workflow, hazard, one)
    ]
    ranked = sorted(shown, key=lambda one: _rank(desk, one.action))
    said = {matter.key: matter.lines for matter in matters}
    found = [_form(desk, one, way, pieces=pieces, said=said, returned=returned) for one in ranked]
    found = [replace(f, doubts=tuple(doubts)) if f.action in JUDGEMENTS else f for f in found]
    if returned is None:
        first = next((f for f in found if f.allowed and f.is_next), None)
        found = [replace(f, is_open=True) if f is first else f for f in found]
    return tuple(found)


def _rank(desk: Desk, action: Action) -> int:
    rank = next_rank(desk.workflow, action, desk.standing)
    return _BESIDE if rank is None else rank


def _desk(session: Session, words: Words, hazard: Hazard, *, now: datetime) -> Desk:
    rules = words.rules
    directory = Directory.load(session, paths=[hazard.path], people={p for _, p in parts(hazard)})
    workflow = rules.pinned(hazard.workflow, hazard.workflow_version)
    return Desk(
        words,
        workflow,
        hazard,
        queries.evidence(session, hazard),
        context_of(rules, hazard, now=now, directory=directory),
        people_to_name(session, hazard),
        _beside(session, hazard, workflow, rules),
        risk_links.offered(session, hazard.asset_id, words.locale),
    )


def people_to_name(session: Session, hazard: Hazard) -> list[tuple[str, str, tuple[str, ...]]]:
    """Who may be named on a hazard: everybody of its enterprise and the officers of its division, with their roles."""
    root = hazard.home_id.hex + "/"
    found = [(str(p.id), p.name, roles) for p, roles in identity.people_within(session, root)]
    return found + [(str(p.id), p.name, roles) for p, roles in identity.officers_of(session, hazard.division)]


def _beside(session: Session, hazard: Hazard, workflow: Workflow, rules: Rules) -> Choices:
    """Asked for only where some act names another hazard."""
    fields = rules.fields.fields
    names_one = any(
        fields[need.field].type == "hazard"
        for action in workflow.actions.values()
        if hazard.state in (action.from_states or ())
        for need in action.needs
    )
    found = related.merge_candidates(session, hazard) if names_one else []
    return tuple((h.number, f"{h.title} · {h.place}") for h in found)


def _form(
    desk: Desk,
    one: Allowed,
    way: Callable[[str], Way | None],
    *,
    pieces: Mapping[str, Evidence],
    said: Mapping[str, Sequence[str]],
    returned: Returned | None,
) -> ActionForm:
    action, locale = one.action, desk.words.locale
    back = returned if returned is not None and returned.action == action.key else None
    pairs = _pairs(desk, pieces) if action.evidence is not None and action.evidence.pair_each else ()
    files = slots.asked(desk.rules, one, locale, back, paired=bool(pairs))
    fields = (*form_fields(desk, action, back), *explaining.field(desk.words.locale, back))
    return ActionForm(
        action=action.key,
        label=action.label.in_(locale),
        icon=icon_of(action.key),
        fields=fields,
        evidence_kinds=files.slots,
        document_kinds=files.any_kind,
        pair_with=pairs,
        pair_errors=_pair_errors(pairs, back),
        allowed=one.allowed,
        refused_because=() if one.allowed else reasons(desk.words, desk.workflow, desk.hazard, one, way=way),
        request_key=back.request_key if back and back.request_key else str(new_id()),
        hint=_hint(desk, action, said),
        is_open=back is not None,
        is_next=next_rank(desk.workflow, action, desk.standing) is not None,
        group=group_of(desk.workflow, action),
        errors=form_errors(back, _ids(fields, files, pairs)),
    )


def form_fields(desk: Desk, action: Action, back: Returned | None) -> tuple[FormField, ...]:
    """The fields of an act, with people to name, proposals and conditions."""
    when = conditions(action)
    drawn = []
    for plain in forms.form_fields(action, desk.words.locale, context=desk.context):
        f = _with_the_row_s_days(desk, action, plain)
        one = draw(f, desk.context.zone, back, choices=choices_for(desk, action, f))
        one = _suggested(desk, action, one, back)
        linked = risk_links.drawn(one, desk.risks, desk.hazard.details)
        if linked is not None:
            drawn.append(replace(linked, when=when.get(f.name)))
    return tuple(drawn)


def _ids(fields: Sequence[FormField], asked: slots.Asked, pairs: Sequence[Evidence]) -> dict[str, str]:
    """Where on the form an error of each name stands."""
    files = [slot.name for slot in asked.slots]
    names = [
        *(f.name for f in fields),
        *files,
        *((slots.DOCUMENT_KIND, slots.DOCUMENT) if asked.any_kind else ()),
    ]
    found = {name: name for name in names}
    found |= {f"after_for_{p.sha256}": f"after_for_{p.sha256}" for p in pairs}
    first = f"after_for_{pairs[0].sha256}" if pairs else files[0] if files else ""
    return found | ({"evidence": first} if first else {})


def _pair_errors(pairs: Sequence[Evidence], back: Returned | None) -> dict[str, str]:
    if back is None:
        return {}
    found = {p.sha256: back.wrong(lambda e, p=p: _is_about(e, p.sha256)) for p in pairs}  # type: ignore[misc]
    return {sha256: sentence for sha256, sentence in found.items() if sentence}


def _is_about(error: FieldError, before: str) -> bool:
    """Whether an error belongs to the photo that answers this before-photo."""
    return error.field == f"after_for_{before}" or error.params.get("pair_of") == before


def _hint(desk: Desk, action: Action, said: Mapping[str, Sequence[str]]) -> str:
    """What whoever acts should know first: the request they answer, that others must sign as well."""
    words = desk.words
    if action.quorum > 1:
        have = len(set(desk.standing.signed.get(action.key, ())))
        return words.say("hazards.form.quorum", needed=action.quorum, have=have)
    return words.say("hazards.value.list").join(said.get(action.shuts or "", ()))


def _with_the_row_s_days(desk: Desk, action: Action, f: forms.FormField) -> forms.FormField:
    """Whoever classifies is offered the deadline of the catalogue row: its days from the report, never later than allowed, nor past."""
    row = row_kept(desk.hazard)
    if f.type != "deadline" or not row or not _classifies(action):
        return f
    days = Duration(int(row["deadline_days"]), "day")
    due_at = deadlines.add(
        days, desk.hazard.reported_at, zone=desk.context.zone, calendar=desk.context.calendar
    )
    due_at = min(due_at, f.latest_at or due_at)
    return replace(f, default_at=due_at) if due_at > desk.context.now else f


def _classifies(action: Action) -> bool:
    return any(need.field == "basis" for need in action.needs)


def _suggested(desk: Desk, action: Action, drawn: FormField, back: Returned | None) -> FormField:
    """What the reporter thought is proposed to whoever classifies."""
    row = row_kept(desk.hazard)
    known = {"urgency": desk.hazard.urgency, "basis": desk.hazard.catalogue_code, "clause": _major_code(desk)}
    known = known if _classifies(action) else {"control": row["interim_control"] if row else None}
    proposed = known.get(drawn.name)
    if back is not None or drawn.value or proposed is None:
        return drawn
    offered = not drawn.choices or proposed in dict(drawn.choices)
    return replace(drawn, value=proposed) if offered else drawn


def _major_code(desk: Desk) -> str | None:
    return desk.hazard.catalogue_code if desk.hazard.level == "major" else None


def _pairs(desk: Desk, pieces: Mapping[str, Evidence]) -> tuple[Evidence, ...]:
    """Before-photos that still lack their answer."""
    fresh = {e.pair_of for e in desk.stored if e.pair_of and e.event_seq >= desk.hazard.state_seq}
    return tuple(
        pieces[e.sha256]
        for e in desk.stored
        if e.kind == "PHOTO_BEFORE" and e.sha256 not in fresh and e.sha256 in pieces
    )


def choices_for(desk: Desk, action: Action, f: forms.FormField) -> Choices:
    """Who may be named in a field, each with their role; the hazards one may be merged into."""
    if f.type == "hazard":
        return desk.beside
    if f.type not in ("person", "people"):
        return tuple(c for c in f.choices if c[0] in changes_to(action, desk.hazard, f.name, dict(f.choices)))
    asked = {need.field for need in action.needs}
    # whoever holds a part that this very form may give to somebody else is not ruled out
    barred = {p for part in f.other_than if part not in asked for p in desk.context.relations.get(part, ())}
    officers, wanted = set(REGULATOR_ROLES), set(f.person.roles)
    found: dict[str, str] = {}
    for id_, name, roles in desk.people:
        held = [r for r in roles if r in wanted] if wanted else [r for r in roles if r != "administrator"]
        fits = bool(held) and (bool(wanted) or not officers & set(roles))
        if fits and id_ not in barred:
            found.setdefault(id_, f"{name} · {desk.words.roles(held)}")
    return tuple(found.items())
