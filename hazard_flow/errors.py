"""Every way a request can be refused: a stable code, an HTTP status and the facts a person needs to mend it.

Which one to raise: the caller's bytes make no sense → `BadRequest`; the thing is there but this person may not → `NotAllowed`; it is
outside the person's scope or absent → `NotFound` (never tell which); somebody else was first → `Conflict`; the rules ask for more →
`Refused`, with *every* missing thing in `fields`; a mail server, broker or store failed → `OutsideWorld`; the database did →
`Unavailable` or `StorageFull`, which `web.errors` makes of its errors.
Texts live in messages.yaml under `error.<code>` and `field_error.<code>`, zh and en.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong: where, what (a code), and the values the sentence needs."""

    field: str
    code: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


class HazardFlowError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", *, fields: Iterable[FieldError] = (), **params: Any) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.fields = list(fields)
        self.params = params


class BadRequest(HazardFlowError):
    """The request cannot be read."""

    code = "bad_request"
    status = 400


class SignInNeeded(HazardFlowError):
    """Nobody is signed in."""

    code = "sign_in_needed"
    status = 401


class NotAllowed(HazardFlowError):
    """The person may not do this here."""

    code = "not_allowed"
    status = 403


class NotFound(HazardFlowError):
    """There is no such thing, or none this person may know of."""

    code = "not_found"
    status = 404


class Conflict(HazardFlowError):
    """The world moved on since the caller looked."""

    code = "conflict"
    status = 409


class StateConflict(Conflict):
    """The action does not start from the hazard's present state."""

    code = "state_conflict"


class VersionConflict(Conflict):
    """The hazard has a newer version than the caller expected."""

    code = "version_conflict"


class KeyReused(Conflict):
    """The same request key came with another content."""

    code = "key_reused"


class TooLarge(HazardFlowError):
    """The body or file is over its limit."""

    code = "too_large"
    status = 413


class UnsupportedMedia(HazardFlowError):
    """The file is of a kind we do not take."""

    code = "unsupported_media"
    status = 415


class Refused(HazardFlowError):
    """Fields, evidence or guards are missing; `fields` lists all of them."""

    code = "refused"
    status = 422


class TooMany(HazardFlowError):
    """Too many attempts in a short time."""

    code = "too_many"
    status = 429


class OutsideWorld(HazardFlowError):
    """A service outside failed; `permanent` says whether trying again can help."""

    code = "outside_world"
    status = 502

    def __init__(self, detail: str = "", *, permanent: bool = False, **params: Any) -> None:
        super().__init__(detail, **params)
        self.permanent = permanent


class Unavailable(HazardFlowError):
    """The database does not answer, or others were in the way for longer than anybody waits."""

    code = "unavailable"
    status = 503


class RulesUnknown(Unavailable):
    """The hazard runs under rules that this version of the program does not have."""

    code = "rules_unknown"


class StorageFull(HazardFlowError):
    """There is no room left to keep anything."""

    code = "storage_full"
    status = 507
