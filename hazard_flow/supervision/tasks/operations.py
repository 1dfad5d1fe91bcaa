"""Writes: a task is set, received, reported on, fed back, accepted or returned, cancelled. Each is one step, done once for its key."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.errors import Conflict, FieldError, NotAllowed, Refused, VersionConflict
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.numbers import take_number
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.roles import division_prefix
from hazard_flow.ladders.heads import head_of
from hazard_flow.storage.base import new_id
from hazard_flow.storage.journal import answered, digest_of
from hazard_flow.storage.unit import beyond_scope
from hazard_flow.supervision import files
from hazard_flow.supervision.issuing import (
    ANSWER,
    ORDER,
    demand_writing,
    issuer_for,
    officer_seats,
    organisation_of,
)
from hazard_flow.supervision.tasks import cycles, owing, queries
from hazard_flow.supervision.tasks.models import SupervisionStep, SupervisionTask
from hazard_flow.supervision.tasks.orders import TEXT_MAX, Order, due, judge


class TaskMovedOn(Conflict):
    """The task is in another state than this step starts from."""

    code = "task_moved_on"


def assign(
    session: Session, *, actor: Actor, order: Order, request_key: str, now: datetime,
    attached: Sequence[files.Given] = (), store: Store | None = None,
) -> SupervisionTask:  # fmt: skip
    """A task for an enterprise or for a regulator below the actor's own, due at the end of a day, once or by a rule.

    Raises Refused with everything wrong, NotAllowed for whom the actor is not set above.
    """
    demand_writing(actor, ORDER)
    digest = digest_of("assign", order, [one.data for one in attached])
    if (before := _earlier(session, actor, request_key, digest)) is not None:
        return before
    zone = rules_of(session).zone
    faults, due_at, starts_on, asset_id = judge(session, order, now, zone)
    try:
        to = organisation_of(session, order.organisation, kinds=("enterprise", "regulator"))
    except Refused as refused:
        faults += refused.fields
        raise Refused(fields=faults) from refused
    looked = files.look_at(attached)
    if faults or due_at is None:
        raise Refused(fields=faults)
    issuer = issuer_for(session, actor, to.division)
    if to.kind == "regulator" and (to.id == issuer.id or not _is_below(to, issuer)):
        raise Refused(fields=[FieldError("organisation", "not_below")])
    with beyond_scope(session):
        responsible = head_of(session, to)
    task = SupervisionTask(
        id=new_id(),
        home_id=to.root_id,
        organisation_id=to.id,
        path=to.path,
        division=to.division,
        parties=f",{responsible.hex}," if responsible else ",",
        issuer_id=issuer.id,
        issued_by=actor.id,
        number=take_number(session, "DB", to.division, now, zone),
        title=order.title.strip(),
        reach=order.reach.strip(),
        content=order.content.strip(),
        line=order.line,
        asset_id=asset_id,
        state="issued",
        due_at=due_at,
        rule=order.rule.strip() or None,
        starts_on=starts_on,
        responsible_id=responsible,
        origin_kind=order.origin_kind,
        origin_href=order.origin_href,
        issued_at=now,
        cycle=1,
        seq=0,
    )
    session.add(task)
    session.flush()
    _note(
        session,
        task,
        "issued",
        {"due_at": due_at.isoformat()},
        actor=actor,
        key=request_key,
        digest=digest,
        now=now,
    )
    if looked and store is not None:
        files.keep(
            session, store, looked, kind="task", owner_id=task.id, step_seq=task.seq, actor=actor, now=now
        )
    owing.owe_answer(session, task, actor=actor, now=now)
    return task


def receive(
    session: Session, *, actor: Actor, task_id: uuid.UUID, request_key: str, now: datetime,
    responsible_id: uuid.UUID | None = None,
) -> SupervisionTask:  # fmt: skip
    """Whoever answers says that it has arrived, and who does it."""
    digest = digest_of("receive", task_id, responsible_id)

    def work(task: SupervisionTask) -> None:
        _from(task, "issued", "returned")
        if responsible_id is not None:
            owing.hand_over(session, task, responsible_id, actor=actor, now=now)
        task.state, task.received_at = "received", now
        data = {"responsible": str(task.responsible_id) if task.responsible_id else None}
        _note(session, task, "received", data, actor=actor, key=request_key, digest=digest, now=now)

    return _answer(session, actor, task_id, request_key, digest, work)


def progress(
    session: Session, *, actor: Actor, task_id: uuid.UUID, words: str, request_key: str, now: datetime,
    attached: Sequence[files.Given] = (), store: Store | None = None,
) -> SupervisionTask:  # fmt: skip
    """How far it is; nothing is met by that."""
    return _say(session, actor, task_id, "progress", words, request_key, now, attached, store)


def feed_back(
    session: Session, *, actor: Actor, task_id: uuid.UUID, words: str, request_key: str, now: datetime,
    attached: Sequence[files.Given] = (), store: Store | None = None,
) -> SupervisionTask:  # fmt: skip
    """It is done: what came out, with its files. From here whoever set it owes a judgement."""
    return _say(session, actor, task_id, "fed_back", words, request_key, now, attached, store)


def accept(
    session: Session, *, actor: Actor, task_id: uuid.UUID, words: str, request_key: str, now: datetime,
    expected_version: int | None = None,
) -> SupervisionTask:  # fmt: skip
    """The answer holds: the task is closed, or, where it comes again, the next cycle is issued."""
    digest = digest_of("accept", task_id, words)

    def work(task: SupervisionTask) -> None:
        _from(task, "fed_back")
        zone = rules_of(session).zone
        following = None
        if task.rule and task.starts_on:
            following = cycles.next_due(task.rule, task.starts_on, task.due_at, now, zone)
        data = {
            "words": words[:TEXT_MAX],
            "cycle": task.cycle,
            "next_due_at": following.isoformat() if following else None,
        }
        owing.met(session, task, owing.JUDGING, actor=actor, now=now)
        if following is None:
            task.state, task.closed_at = "closed", now
        else:
            task.state, task.due_at, task.cycle = "issued", following, task.cycle + 1
            task.received_at = task.fed_back_at = None
        _note(session, task, "accepted", data, actor=actor, key=request_key, digest=digest, now=now)
        if following is not None:
            owing.owe_answer(session, task, actor=actor, now=now)

    return _judged(session, actor, task_id, request_key, digest, work, expected_version)


def send_back(
    session: Session, *, actor: Actor, task_id: uuid.UUID, words: str, due_on: str, request_key: str, now: datetime,
    expected_version: int | None = None,
) -> SupervisionTask:  # fmt: skip
    """The answer does not hold, for a reason, and is owed anew by another day."""
    digest = digest_of("send_back", task_id, words, due_on)

    def work(task: SupervisionTask) -> None:
        _from(task, "fed_back")
        faults: list[FieldError] = []
        zone = rules_of(session).zone
        due_at = due(due_on, "due_on", now, zone, faults)
        if not words.strip():
            faults.append(FieldError("words", "required"))
        if faults or due_at is None:
            raise Refused(fields=faults)
        owing.met(session, task, owing.JUDGING, actor=actor, now=now)
        task.state, task.due_at, task.fed_back_at = "returned", due_at, None
        data = {"words": words.strip()[:TEXT_MAX], "due_at": due_at.isoformat()}
        _note(session, task, "returned", data, actor=actor, key=request_key, digest=digest, now=now)
        owing.owe_answer(session, task, actor=actor, now=now)

    return _judged(session, actor, task_id, request_key, digest, work, expected_version)


def cancel(
    session: Session, *, actor: Actor, task_id: uuid.UUID, words: str, request_key: str, now: datetime,
    expected_version: int | None = None,
) -> SupervisionTask:  # fmt: skip
    """Nothing is asked any more, for a reason."""
    digest = digest_of("cancel", task_id, words)

    def work(task: SupervisionTask) -> None:
        if not task.is_open:
            raise TaskMovedOn(f"{task.number} is {task.state}", state=task.state)
        if not words.strip():
            raise Refused(fields=[FieldError("words", "required")])
        task.state, task.closed_at = "cancelled", now
        _note(
            session,
            task,
            "cancelled",
            {"words": words.strip()[:TEXT_MAX]},
            actor=actor,
            key=request_key,
            digest=digest,
            now=now,
        )
        owing.drop(session, task, actor=actor, now=now)

    return _judged(session, actor, task_id, request_key, digest, work, expected_version)


def may_answer(actor: Actor, task: SupervisionTask) -> bool:
    """Whether this person answers for the organisation that owes it: its heads, or an officer of that very regulator."""
    for h in actor.holdings:
        if h.regulator and h.organisation_id == task.organisation_id and h in officer_seats(actor):
            return True
        if not h.regulator and task.path.startswith(h.path) and h.role in _ANSWERERS:
            return True
    return actor.id is not None and actor.id == task.responsible_id


def may_judge(session: Session, actor: Actor, task: SupervisionTask) -> bool:
    """Whether this person speaks for the regulator that set it, or for one above that."""
    issuer = session.get(Organisation, task.issuer_id)
    return issuer is not None and any(
        h.organisation_id == issuer.id or (_prefix_above(h.division, issuer.division))
        for h in officer_seats(actor)
    )


_ANSWERERS = frozenset({"dept_manager", "safety_director", "enterprise_principal"})


def _say(
    session: Session, actor: Actor, task_id: uuid.UUID, act: str, words: str, request_key: str, now: datetime,
    attached: Sequence[files.Given], store: Store | None,
) -> SupervisionTask:  # fmt: skip
    digest = digest_of(act, task_id, words, [one.data for one in attached])

    def work(task: SupervisionTask) -> None:
        _from(task, "issued", "received", "returned")
        faults = [] if words.strip() else [FieldError("words", "required")]
        if len(words) > TEXT_MAX:
            faults.append(FieldError("words", "too_long", {"at_most": TEXT_MAX}))
        if faults:
            raise Refused(fields=faults)
        looked = files.look_at(attached)
        if task.received_at is None:
            task.received_at = now
        task.state = "fed_back" if act == "fed_back" else "received"
        data = {"words": words.strip(), "cycle": task.cycle, "files": len(looked)}
        if act == "fed_back":
            task.fed_back_at = now
            data["late"] = now > task.due_at
        _note(session, task, act, data, actor=actor, key=request_key, digest=digest, now=now)
        if looked and store is not None:
            files.keep(
                session, store, looked, kind="task", owner_id=task.id, step_seq=task.seq, actor=actor, now=now
            )
        if act == "fed_back":
            owing.met(session, task, owing.ANSWERING, actor=actor, now=now)
            owing.owe_judgement(session, task, actor=actor, now=now)

    return _answer(session, actor, task_id, request_key, digest, work)


def _answer(
    session: Session,
    actor: Actor,
    task_id: uuid.UUID,
    request_key: str,
    digest: bytes,
    work: Callable[[SupervisionTask], None],
) -> SupervisionTask:
    task = queries.one(session, task_id, lock=True)
    if not may_answer(actor, task):
        demand_writing(actor, ANSWER)
        raise NotAllowed("only whoever owes it answers", right=ANSWER)
    if not actor.may_write:
        raise NotAllowed("read-only token", right="write")
    return _once(session, actor, task, request_key, digest, work, None)


def _judged(
    session: Session, actor: Actor, task_id: uuid.UUID, request_key: str, digest: bytes,
    work: Callable[[SupervisionTask], None], expected_version: int | None,
) -> SupervisionTask:  # fmt: skip
    demand_writing(actor, ORDER)
    task = queries.one(session, task_id, lock=True)
    if not may_judge(session, actor, task):
        raise NotAllowed("only whoever set it judges it", right=ORDER)
    return _once(session, actor, task, request_key, digest, work, expected_version)


def _once(
    session: Session, actor: Actor, task: SupervisionTask, request_key: str, digest: bytes,
    work: Callable[[SupervisionTask], None], expected_version: int | None,
) -> SupervisionTask:  # fmt: skip
    if _earlier(session, actor, request_key, digest) is not None:
        return task
    if expected_version is not None and task.seq != expected_version:
        raise VersionConflict(f"{task.number} moved on", version=task.seq)
    work(task)
    session.flush()
    return task


def _from(task: SupervisionTask, *states: str) -> None:
    if task.state not in states:
        raise TaskMovedOn(f"{task.number} is {task.state}", state=task.state)


def _note(
    session: Session,
    task: SupervisionTask,
    act: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    key: str,
    digest: bytes,
    now: datetime,
) -> None:
    task.seq += 1
    session.add(
        SupervisionStep(
            subject_id=task.id, seq=task.seq, at=now, actor=actor.key, person_id=actor.id, act=act, data=dict(data),
            request_key=key, digest=digest,
        )
    )  # fmt: skip
    session.flush()


def _earlier(session: Session, actor: Actor, request_key: str, digest: bytes) -> SupervisionTask | None:
    found = answered(session, SupervisionStep, actor_key=actor.key, request_key=request_key, digest=digest)
    return queries.one(session, found) if found is not None else None


def _is_below(lower: Organisation, upper: Organisation) -> bool:
    return _prefix_above(upper.division, lower.division)


def _prefix_above(upper: str, lower: str) -> bool:
    """Whether one division lies wholly within another and is not it."""
    above, below = division_prefix(upper), division_prefix(lower)
    return below.startswith(above) and below != above
