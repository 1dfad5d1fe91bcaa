"""Writes of posts: a post is made, its duties change, people take and leave it, and each signs the list he reads."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work.posts import queries
from hazard_flow.daily_work.posts.models import Post, PostDuties, PostHolder, PostSignature
from hazard_flow.daily_work.posts.standing import asked_by
from hazard_flow.daily_work.posts.templates_file import Duty, templates
from hazard_flow.errors import Conflict, FieldError, NotAllowed, NotFound, Refused
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import LOCALES, Label, text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.rights import demand
from hazard_flow.ladders import operations as limits
from hazard_flow.storage.json_text import to_json
from hazard_flow.storage.unit import beyond_scope

RIGHT = "work.plan"
HOLDER, LIMIT, LADDER = "post_holder", "duty_signature", "work_overdue"
NAME_MAX, DUTIES_MAX, DUTY_MAX = 60, 40, 300


def make(
    session: Session, *, organisation: Organisation, template: str, name: str, actor: Actor, now: datetime
) -> Post:
    """A post of a unit, with the duties of a template. Raises `Refused` with everything wrong, NotFound for a unit out of scope."""
    demand(actor, RIGHT)
    if not actor.scope.sees(path=organisation.path, division=organisation.division):
        raise NotFound(f"organisation {organisation.id}")
    faults = []
    if template not in templates():
        faults.append(FieldError("template", "unknown_choice", {"field": "template", "value": template[:40]}))
    if len(name) > NAME_MAX:
        faults.append(FieldError("name", "too_long", {"at_most": NAME_MAX}))
    if faults:
        raise Refused(fields=faults)
    proposed = templates()[template]
    post = Post(
        home_id=organisation.root_id,
        organisation_id=organisation.id,
        path=organisation.path,
        division=organisation.division,
        name_zh=name.strip() or proposed.label.zh,
        name_en=name.strip() or proposed.label.en,
        template=template,
        version=0,
        created_at=now,
    )
    session.add(post)
    session.flush()
    _write(session, post, proposed.duties, actor=actor, now=now, why="")
    return post


def change_duties(
    session: Session, post_id: uuid.UUID, duties: Sequence[Duty], *, actor: Actor, now: datetime, why: str
) -> Post:
    """Another list of duties, for a reason: everybody who holds the post is asked to sign anew. The same list changes nothing."""
    post = _mine(session, post_id, actor)
    faults = []
    if not 1 <= len(duties) <= DUTIES_MAX:
        faults.append(FieldError("duties", "out_of_range", {"minimum": 1, "maximum": DUTIES_MAX}))
    if any(
        not one.text.zh.strip() or len(one.text.zh) > DUTY_MAX or len(one.text.en) > DUTY_MAX
        for one in duties
    ):
        faults.append(FieldError("duties", "too_long", {"at_most": DUTY_MAX}))
    if len(why.strip()) < 2:
        faults.append(FieldError("why", "required"))
    if faults:
        raise Refused(fields=faults)
    known = queries.duties(session, post)
    if known is not None and known.sha256 == sha256_of(duties):
        return post
    _write(session, post, duties, actor=actor, now=now, why=why.strip())
    for holder in queries.holders(session, [post.id]):
        _ask(session, post, holder, actor=actor, now=now)
    return post


def appoint(
    session: Session, post_id: uuid.UUID, person_id: uuid.UUID, *, actor: Actor, now: datetime
) -> PostHolder:
    """A person of the enterprise takes the post and is asked to sign its duties."""
    post = _mine(session, post_id, actor)
    home = session.get_one(Organisation, post.home_id)
    person = session.scalar(
        sa.select(Person).where(
            Person.id == person_id, Person.active, Person.path.startswith(home.path, autoescape=True)
        )
    )
    if person is None:
        raise Refused(fields=[FieldError("person", "person_unknown")])
    if any(one.person_id == person_id for one in queries.holders(session, [post.id])):
        raise Refused(fields=[FieldError("person", "work_holds_post")])
    holder = PostHolder(
        post_id=post.id,
        person_id=person_id,
        home_id=post.home_id,
        path=post.path,
        division=post.division,
        since_on=rules_of(session).day_of(now),
    )
    session.add(holder)
    session.flush()
    _ask(session, post, holder, actor=actor, now=now)
    return holder


def relieve(session: Session, holder_id: uuid.UUID, *, actor: Actor, now: datetime) -> PostHolder:
    """The person holds the post no longer; what was signed stays."""
    holder = session.get(PostHolder, holder_id)
    if holder is None:
        raise NotFound(f"holder {holder_id}")
    _mine(session, holder.post_id, actor)
    if holder.until_on is not None:
        raise Conflict("left already")
    holder.until_on = rules_of(session).day_of(now)
    session.flush()
    with beyond_scope(session):
        limits.drop(session, HOLDER, holder.id, LIMIT, actor=actor, now=now, why="relieved")
        session.flush()
    return holder


def sign(
    session: Session, holder_id: uuid.UUID, *, sha256: str, actor: Actor, now: datetime
) -> PostSignature:
    """A holder signs the list he has read, named by its hash: a list that changed while he read it is not signed.

    Raises NotFound for nobody's post, NotAllowed for another's, Conflict where the list is another one by now.
    """
    holder = session.get(PostHolder, holder_id)
    if holder is None or holder.until_on is not None:
        raise NotFound(f"holder {holder_id}")
    if actor.id != holder.person_id:
        raise NotAllowed("only who holds the post signs")
    post = session.get_one(Post, holder.post_id)
    known = queries.duties(session, post)
    if known is None or known.sha256 != sha256:
        raise Conflict("the list changed")
    made = PostSignature(holder_id=holder.id, version=post.version, sha256=sha256, at=now, actor=actor.key)
    session.add(made)
    holder.signed_version, holder.signed_at = post.version, now
    session.flush()
    with beyond_scope(session):
        limits.meet(session, HOLDER, holder.id, LIMIT, actor=actor, now=now)
        session.flush()
    _ask(session, post, holder, actor=actor, now=now)
    return made


def sha256_of(duties: Sequence[Duty]) -> str:
    """What a signature is under."""
    return hashlib.sha256(to_json([one.kept() for one in duties]).encode()).hexdigest()


def _ask(session: Session, post: Post, holder: PostHolder, *, actor: Actor, now: datetime) -> None:
    """The holder owes a signature by a day: a week after taking the post or a change, a year after the last one."""
    by = asked_by(
        version=post.version, signed_version=holder.signed_version, signed_at=holder.signed_at, now=now
    )
    session.flush()
    with beyond_scope(session):
        limits.open_limit(
            session,
            limits.LimitOf(
                kind=HOLDER,
                subject_id=holder.id,
                name=LIMIT,
                ladder=LADDER,
                due_at=by,
                title=Label(*(text("posts.limit", one, post=post.label.in_(one)) for one in LOCALES)),
                href=f"/posts/{post.id}",
                organisation=session.get_one(Organisation, post.organisation_id),
                responsible_id=holder.person_id,
            ),
            actor=actor,
            now=now,
        )
        session.flush()


def _write(
    session: Session, post: Post, duties: Sequence[Duty], *, actor: Actor, now: datetime, why: str
) -> None:
    post.version += 1
    session.add(
        PostDuties(
            post_id=post.id,
            version=post.version,
            duties=[one.kept() for one in duties],
            sha256=sha256_of(duties),
            at=now,
            by=actor.id,
            why=why,
        )
    )
    session.flush()


def _mine(session: Session, post_id: uuid.UUID, actor: Actor) -> Post:
    demand(actor, RIGHT)
    post = queries.one(session, post_id)
    if post is None:
        raise NotFound(f"post {post_id}")
    if not actor.scope.sees(path=post.path, division=post.division):
        raise NotAllowed(RIGHT, right=RIGHT)
    return post
