"""Episodes for senders that name none: an alarm's key is used for ever, so where one episode ends and the next begins is ours to say.

Statements without an episode are taken in the order they arrived. Firing joins the alert's episode while that fires and its hazard is
open; after its end, or once a person has closed the hazard, it begins another. Resolved ends the episode that fires, if there is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.telemetry.episodes import latest_of
from hazard_flow.telemetry.placed import Placed
from hazard_flow.telemetry.signals import Status, fingerprint


@dataclass(frozen=True)
class Running:
    """An alert's newest episode as the next statement finds it."""

    episode: str
    takes_more: bool


def named(session: Session, said: Sequence[Placed]) -> list[Placed]:
    """The statements, each with an episode; a resolved one that ends nothing is left out."""
    nameless = {_name(p) for p in said if _is_nameless(p)}
    running = _running(session, nameless) if nameless else {}
    found: list[Placed] = []
    for p in said:
        if not _is_nameless(p):
            found.append(p)
            continue
        name = _name(p)
        episode = next_episode(running.get(name), p)
        if episode is not None:
            running[name] = Running(episode, p.signal.status is Status.FIRING)
            found.append(replace(p, signal=replace(p.signal, episode=episode)))
    return found


def next_episode(running: Running | None, p: Placed) -> str | None:
    """The episode a statement belongs to; None for an end of nothing."""
    if running is not None and running.takes_more:
        return running.episode
    if p.signal.status is Status.RESOLVED:
        return None
    # The delivery's own key keeps two episodes of one instant apart, and is the same when everything is replayed.
    return f"{p.signal.received_at.isoformat()} {fingerprint(p.signal.delivery_key)}"


def _is_nameless(p: Placed) -> bool:
    return p.meaning is not None and not p.signal.episode


def _name(p: Placed) -> str:
    return fingerprint(str(p.source.id), p.signal.identity)


def _running(session: Session, names: set[str]) -> dict[str, Running]:
    session.flush()
    latest = latest_of(session, names)
    closed = set(
        session.scalars(
            sa.select(Hazard.id).where(
                Hazard.id.in_({alert.hazard_id for alert in latest.values() if alert.hazard_id}),
                Hazard.closed_at.is_not(None),
            )
        )
    )
    return {
        name: Running(alert.episode, alert.condition == "firing" and alert.hazard_id not in closed)
        for name, alert in latest.items()
    }
