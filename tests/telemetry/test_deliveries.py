"""Requests that come together are committed together; each is answered for itself, and only after the commit."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import deliveries
from hazard_flow.telemetry.deliveries import Delivery, SourceRefused, Together, UnknownAddress
from hazard_flow.telemetry.operations import token_digest
from tests.telemetry.city import City


class Watched(Database):
    """A database that counts its commits and holds each until it is let go."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self.commits = 0
        self.open = threading.Event()
        self.entered = threading.Event()

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Session]:
        with super().transaction(scope) as session:
            yield session
            self.entered.set()
            assert self.open.wait(20)
        self.commits += 1


@pytest.fixture
def watched(city: City) -> Watched:
    return Watched(city.database.engine)


def delivery(city: City, *bodies: bytes, kind: str = "alertmanager", token: str = "") -> Delivery:
    return Delivery(
        kind=kind,
        token_digest=token_digest(token or city.alertmanager_token),
        bodies=bodies,
        received_at=city.now,
    )


def together(watched: Watched, asked: Sequence[Delivery]) -> list[Callable[[], Sequence[bool]]]:
    """All but the first come while the first one's commit is under way; their answers."""
    way = Together(watched)
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = [pool.submit(way.store, asked[0])]
        assert watched.entered.wait(20)
        answers += [pool.submit(way.store, one) for one in asked[1:]]
        until_queued(way, len(asked) - 1)
        assert not any(answer.done() for answer in answers)  # nothing is answered before its commit
        watched.open.set()
    return [answer.result for answer in answers]


def until_queued(way: Together, count: int) -> None:
    for _ in range(2000):
        if len(way._waiting) == count:
            return
        threading.Event().wait(0.005)
    raise AssertionError("they did not queue")


def test_what_comes_meanwhile_shares_one_commit(city: City, watched: Watched) -> None:
    bodies = [b"%d" % number for number in range(20)]
    answers = together(watched, [delivery(city, body) for body in bodies])
    assert [answer() for answer in answers] == [[True]] * 20
    assert watched.commits == 2
    assert sorted(message.body for message in city.messages()) == sorted(bodies)


def test_the_same_message_twice_in_one_commit_is_new_once(city: City, watched: Watched) -> None:
    answers = together(
        watched,
        [
            delivery(city, b"first"),
            *[delivery(city, b"same")] * 1,
            *(delivery(city, b"same") for _ in range(5)),
        ],
    )
    assert sorted(answer()[0] for answer in answers) == [False] * 5 + [True] * 2
    assert len(city.messages()) == 2


def test_a_wrong_address_among_them_is_refused_alone(city: City, watched: Watched) -> None:
    answers = together(
        watched,
        [
            delivery(city, b"1"),
            delivery(city, b"2", token="wrong"),
            delivery(city, b"3", kind="grafana"),
            delivery(city, b"4"),
        ],
    )
    with pytest.raises(UnknownAddress):
        answers[1]()
    with pytest.raises(SourceRefused):
        answers[2]()
    assert [answers[0](), answers[3]()] == [[True], [True]]
    assert sorted(message.body for message in city.messages()) == [b"1", b"4"]


def test_one_that_cannot_be_stored_fails_alone(
    city: City, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = deliveries.inbox.store_each

    def refuse(session: Session, arrivals: Sequence[deliveries.inbox.Arrival]) -> list[bool]:
        if any(arrival.body == b"poison" for arrival in arrivals):
            raise ValueError("cannot be stored")
        return real(session, arrivals)

    monkeypatch.setattr(deliveries.inbox, "store_each", refuse)
    answers = together(watched, [delivery(city, body) for body in (b"1", b"2", b"poison", b"3")])
    with pytest.raises(ValueError, match="cannot be stored"):
        answers[2]()
    assert [answers[place]() for place in (0, 1, 3)] == [[True]] * 3
    assert sorted(message.body for message in city.messages()) == [b"1", b"2", b"3"]


def test_a_storm_is_cut_into_commits_of_so_many(city: City, watched: Watched) -> None:
    watched.open.set()
    way = Together(watched, messages_max=3)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(way.store, [delivery(city, b"%d" % number) for number in range(64)]))
    assert answers == [[True]] * 64
    assert 64 / 3 <= watched.commits <= 64
    assert len(city.messages()) == 64
    assert not way._busy


def test_a_batch_is_answered_message_by_message(city: City, watched: Watched) -> None:
    watched.open.set()
    way = Together(watched)
    assert list(way.store(delivery(city, b"a", b"b", b"a"))) == [True, True, False]
    assert list(way.store(delivery(city, b"b", b"c"))) == [False, True]
    assert watched.commits == 2
