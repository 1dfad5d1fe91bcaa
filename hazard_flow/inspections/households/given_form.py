"""A visit as it comes in: fields of a form or of a JSON body, and its files, as the values the operations take."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.inspections.handing_in import ITEM, Piece, Sent, instant_of, look_at, number_of
from hazard_flow.inspections.households.given import NOTICE, SIGNATURE, Picture, VisitGiven

#: input → stage and kind of what comes in it
KINDS: Mapping[str, tuple[str, str]] = {
    "signature": ("control", SIGNATURE),
    "notice": ("control", NOTICE),
    "photos": ("report", "PHOTO_BEFORE"),
    ITEM: ("report", "PHOTO_BEFORE"),
}
ANSWER = "answers."
YES = frozenset({"true", "yes", "on", "1"})


def files_of(sent: Sequence[Sent], *, received_at: datetime) -> tuple[Piece, ...]:
    """The files of a visit, judged."""
    return look_at(sent, KINDS, received_at=received_at)


def visit_of(raw: Mapping[str, Any], pieces: Sequence[Piece], *, zone: ZoneInfo, now: datetime) -> VisitGiven:
    """The visit these fields are; Refused for what cannot be read. Answers stand in `answers`, or one by one as `answers.<item>`."""
    answers = raw.get("answers")
    said = dict(answers) if isinstance(answers, Mapping) else {}
    said |= {name.removeprefix(ANSWER): value for name, value in raw.items() if name.startswith(ANSWER)}
    refused = raw.get("refused_to_sign")
    return VisitGiven(
        result=str(raw.get("result") or ""),
        visited_at=instant_of(raw.get("visited_at"), zone, field="visited_at") or now,
        answers=said,
        note=str(raw.get("note") or ""),
        instrument=str(raw.get("instrument") or ""),
        lon=number_of(raw.get("lon"), field="lon"),
        lat=number_of(raw.get("lat"), field="lat"),
        accuracy_m=number_of(raw.get("accuracy_m"), field="accuracy_m"),
        refused_to_sign=refused is True or str(refused).lower() in YES,
        witnesses=str(raw.get("witnesses") or ""),
        next_appointment_at=instant_of(raw.get("next_appointment_at"), zone, field="next_appointment_at"),
        pictures=[Picture(one.looked.item, one.shows) for one in pieces],
    )
