"""Six people at work on the hazards that are due, each in a thread with a connection of their own, through the door.

A process of its own: `python -m tests.chaos.users JOURNAL SEED`, until its input ends.
"""

import os
import random
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow import app
from hazard_flow.errors import HazardFlowError
from hazard_flow.hazards import files, operations
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import actor_by_username
from hazard_flow.resources import PACKAGE
from hazard_flow.schedule.models import Timer
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from tests.chaos.journal import ACKNOWLEDGED, REFUSED, Entry, Journal, new_key
from tests.chaos.place import Place
from tests.harness.forms import GENERAL_BASIS

#: who works, and what they do to a hazard in each state
USERNAMES = ("he", "zhao", "wang", "li", "zhou", "meng")
ACTS = {
    "he": {"reported": ("assign", "acknowledge"), "assigned": ("acknowledge",)},
    "zhao": {"reported": ("assign", "acknowledge"), "assigned": ("acknowledge",)},
    "wang": {"reported": ("start_control",), "assigned": ("accept",), "rectifying": ("progress",)},
    "li": {"reported": ("start_control",), "assigned": ("start_control",)},
    "zhou": {"reported": ("start_control", "acknowledge"), "assigned": ("start_control",)},
    "meng": {"reported": ("assign",), "rectifying": ("acknowledge",)},
}  # fmt: skip
#: how far into what is due next a user looks: the nearer, the more they and the workers meet
AHEAD = 400
#: how many they take up before they look again
AT_ONCE = 25
PAUSE_SECONDS = 0.5


@dataclass
class User:
    """One of them."""

    application: app.Application
    actor: Actor
    username: str
    dice: random.Random
    journal: Journal
    _near: list[tuple[uuid.UUID, str]] = field(default_factory=list)

    def work(self, stop: threading.Event) -> None:
        """One act after the other."""
        while not stop.is_set():
            try:
                chosen = self._choose()
            except sa.exc.SQLAlchemyError:
                stop.wait(0.2)  # nobody was promised anything yet
                continue
            if chosen is None:
                stop.wait(0.1)
                continue
            self._act(*chosen)
            stop.wait(self.dice.uniform(0, PAUSE_SECONDS))

    def _choose(self) -> tuple[uuid.UUID, str] | None:
        """A hazard near to firing and an act that fitted its state when it was looked up."""
        if not self._near:
            self._near = self._look()
        if not self._near:
            return None
        hazard_id, state = self._near.pop()
        return hazard_id, self.dice.choice(ACTS[self.username][state])

    def _look(self) -> list[tuple[uuid.UUID, str]]:
        wanted = self.actor.scope.where(Hazard.path, Hazard.division, Hazard.parties)
        with self.application.database.reading(self.actor.scope) as session:
            rows = session.execute(
                sa.select(Hazard.id, Hazard.state)
                .join(Timer, Timer.subject_id == Hazard.id)
                .where(wanted, Hazard.state.in_(list(ACTS[self.username])))
                .order_by(Timer.due_at, Timer.id)
                .limit(AHEAD)
            ).all()
        near = [(row.id, row.state) for row in rows]
        return self.dice.sample(near, min(AT_ONCE, len(near)))

    def _act(self, hazard_id: uuid.UUID, action: str) -> None:
        now, key = self.application.clock.now(), new_key()
        entry = Entry(key, self.actor.key, action, str(hazard_id))
        self.journal.note(entry)

        def change(session: Session) -> Outcome:
            return operations.act(
                session,
                actor=self.actor,
                hazard_id=hazard_id,
                action=action,
                request_key=key,
                now=now,
                data=self._form(action, session),
            )

        try:
            outcome = files.carry_out(
                self.application.database, self.actor.scope, change, files=(), store=self.application.store
            )
        except HazardFlowError as refused:
            self.journal.note(replace(entry, outcome=REFUSED, error=refused.code))
        except Exception as error:
            self.journal.note(replace(entry, error=f"{type(error).__name__}: {error}"[:300]))
        else:
            assert outcome.event is not None
            self.journal.note(replace(entry, outcome=ACKNOWLEDGED, seq=outcome.event.seq))

    def _form(self, action: str, session: Session) -> dict[str, Any]:
        if action == "assign":
            ids = {name: str(_person(session, name).id) for name in ("wang", "he", "meng", "li")}
            closer = "meng" if self.username != "meng" else "he"
            return {
                "urgency": "B", "basis": [GENERAL_BASIS], "responsible": ids["wang"], "verifiers": [ids["li"]], "closer": ids[closer],
                "due_at": (self.application.clock.now() + timedelta(days=10)).date().isoformat(),
                "measures": "更换井盖并加固井圈，恢复警示标识",
            }  # fmt: skip
        if action == "start_control":
            return {"control": "GUARD"}
        return {"percent": 40, "note": "材料已到场，正在施工"} if action == "progress" else {}


def main() -> None:
    """Work until the input ends."""
    journal, seed = Journal(Path(sys.argv[1])), sys.argv[2]
    application = app.build(load_settings(os.environ))
    with application.database.reading(SYSTEM) as session:
        users = [
            User(application, _person(session, name), name, random.Random(f"{seed}/{name}"), journal)
            for name in USERNAMES
        ]
    stop = threading.Event()
    threads = [threading.Thread(target=user.work, args=(stop,), name=user.username) for user in users]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    application.database.dispose()


@contextmanager
def at_work(place: Place, seed: str) -> Iterator[Journal]:
    """The six at work in a process of their own until the block ends; the journal is whole after it."""
    file = place.folder / "users.journal"
    file.touch()
    command = [sys.executable, "-m", "tests.chaos.users", str(file), seed]
    log = place.folder / "users.log"
    whole = Journal()
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, cwd=PACKAGE.parent, env=place.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline().strip() == b"ready", log.read_text("utf-8")[-2000:]
            yield whole
            process.stdin.close()
            assert process.wait(120) == 0, log.read_text("utf-8")[-2000:]
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdin.close()
            process.stdout.close()
        whole.entries = Journal.read(file).entries


def _person(session: Session, username: str) -> Actor:
    actor = actor_by_username(session, username)
    assert actor is not None, username
    return actor


if __name__ == "__main__":
    main()
