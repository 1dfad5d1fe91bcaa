"""Reads of posts: who holds which, how the signatures stand, and who has none."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work.posts.models import Post, PostDuties, PostHolder, PostSignature
from hazard_flow.daily_work.posts.standing import standing
from hazard_flow.identity.models import Membership, Organisation, Person
from hazard_flow.identity.roles import OPERATOR_ROLES
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session

LISTED_MAX = 1_000


@dataclass(frozen=True)
class Held:
    """A post somebody holds, and how the signature under its duties stands."""

    post: Post
    holder: PostHolder
    person: str
    standing: str


@dataclass(frozen=True)
class Without:
    """Somebody of an enterprise who holds no post."""

    person_id: uuid.UUID
    name: str
    unit: Organisation


def posts(session: Session, *, home_id: uuid.UUID | None = None) -> Sequence[Post]:
    """The posts in reach, by unit."""
    wanted = sa.select(Post).where(Post.ended_on.is_(None), _whole(session).where(Post.path, Post.division))
    if home_id is not None:
        wanted = wanted.where(Post.home_id == home_id)
    return session.scalars(wanted.order_by(Post.path, Post.created_at).limit(LISTED_MAX)).all()


def one(session: Session, post_id: uuid.UUID) -> Post | None:
    """One post, if the scope reaches it."""
    return session.scalar(
        sa.select(Post).where(Post.id == post_id, _whole(session).where(Post.path, Post.division))
    )


def duties(session: Session, post: Post) -> PostDuties | None:
    """The list that counts."""
    return session.get(PostDuties, (post.id, post.version))


def versions(session: Session, post: Post) -> Sequence[PostDuties]:
    """Every list the post ever had, the newest first."""
    return session.scalars(
        sa.select(PostDuties).where(PostDuties.post_id == post.id).order_by(PostDuties.version.desc())
    ).all()


def holders(session: Session, post_ids: Collection[uuid.UUID]) -> Sequence[PostHolder]:
    """Who holds these posts now."""
    return session.scalars(
        sa.select(PostHolder)
        .where(PostHolder.post_id.in_(list(post_ids)), PostHolder.until_on.is_(None))
        .order_by(PostHolder.since_on, PostHolder.id)
    ).all()


def signatures(session: Session, holder_ids: Collection[uuid.UUID]) -> Sequence[PostSignature]:
    """What was signed, the newest first."""
    return session.scalars(
        sa.select(PostSignature)
        .where(PostSignature.holder_id.in_(list(holder_ids)))
        .order_by(PostSignature.at.desc(), PostSignature.id)
    ).all()


def held(
    session: Session, *, now: datetime, home_id: uuid.UUID | None = None, post_id: uuid.UUID | None = None
) -> list[Held]:
    """Every holding in reach, what must be mended first standing first."""
    wanted = (
        sa.select(Post, PostHolder, Person.name)
        .join(PostHolder, PostHolder.post_id == Post.id)
        .join(Person, Person.id == PostHolder.person_id)
        .where(
            PostHolder.until_on.is_(None),
            Post.ended_on.is_(None),
            _whole(session).where(Post.path, Post.division),
        )
    )
    if home_id is not None:
        wanted = wanted.where(Post.home_id == home_id)
    if post_id is not None:
        wanted = wanted.where(Post.id == post_id)
    found = [
        Held(
            post,
            holder,
            name,
            standing(
                version=post.version,
                signed_version=holder.signed_version,
                signed_at=holder.signed_at,
                now=now,
            ),
        )
        for post, holder, name in session.execute(wanted.limit(LISTED_MAX))
    ]
    order = ("missing", "changed", "expired", "valid")
    return sorted(found, key=lambda one: (order.index(one.standing), one.post.path, one.person))


def without_post(session: Session, *, home_id: uuid.UUID | None = None) -> list[Without]:
    """People of enterprises in reach who do the operator's work and hold no post: the law asks for every one of them."""
    holds = sa.select(PostHolder.id).where(PostHolder.person_id == Person.id, PostHolder.until_on.is_(None))
    works = sa.select(Membership.id).where(
        Membership.person_id == Person.id,
        Membership.ended_at.is_(None),
        Membership.role.in_(OPERATOR_ROLES),
    )
    wanted = (
        sa.select(Person, Organisation)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(
            Person.active,
            ~Person.regulator,
            works.exists(),
            ~holds.exists(),
            _whole(session).where(Person.path, Person.division),
        )
        .order_by(Person.path, Person.name)
        .limit(LISTED_MAX)
    )
    if home_id is not None:
        wanted = wanted.where(Person.path.startswith(f"{home_id.hex}/"))
    return [Without(person.id, person.name, unit) for person, unit in session.execute(wanted)]


def counts(rows: Sequence[Held]) -> Mapping[str, int]:
    """How many stand how."""
    found = dict.fromkeys(("valid", "changed", "expired", "missing"), 0)
    for one in rows:
        found[one.standing] += 1
    return found


def _whole(session: Session) -> Scope:
    scope = scope_of_session(session)
    return Scope(paths=scope.homes or scope.paths, divisions=scope.divisions, everything=scope.everything)
