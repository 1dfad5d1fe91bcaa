"""One way in for desk and tablet: the same count of wrong passwords, the same words that tell nobody which part was wrong."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.errors import SignInNeeded, TooMany
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.operations import sign_in
from hazard_flow.identity.queries import actor_of_session

USER_AGENT_LENGTH_MAX = 300


class SignInWrong(SignInNeeded):
    """Account and password do not belong together."""

    code = "sign_in_wrong"


class SignInLocked(TooMany):
    """So many wrong passwords in a row that the account rests; `minutes` says for how long."""

    code = "sign_in_locked"


@dataclass(frozen=True)
class Entry:
    """Somebody who has signed in, and the secret their cookie carries."""

    actor: Actor
    secret: str


def enter(
    session: Session,
    *,
    username: str,
    password: str,
    user_agent: str,
    now: datetime,
    kind: str = "desk",
    tablet_id: uuid.UUID | None = None,
) -> Entry | SignInWrong | SignInLocked:
    """Open a session of this kind; a refusal is returned, not raised, for its count of failures must be committed."""
    answer = sign_in(
        session,
        username=username,
        password=password,
        user_agent=user_agent[:USER_AGENT_LENGTH_MAX],
        now=now,
        kind=kind,
        tablet_id=tablet_id,
    )
    if not isinstance(answer, str):
        if answer.params.get("reason") == "locked":
            return SignInLocked("locked", minutes=answer.params["minutes"])
        return SignInWrong("wrong")
    found = actor_of_session(session, answer, now)
    assert found is not None, "a session just opened has a person"
    return Entry(actor=found[0], secret=answer)
