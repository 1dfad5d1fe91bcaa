"""What features hand down to pages: in order, for those who may see it, and nothing where there is nothing."""

from typing import Any

from markupsafe import Markup

from hazard_flow.identity.actor import Actor, Holding
from hazard_flow.storage.base import new_id
from hazard_flow.web.panels import Navigation, Panels

ANY: Any = None


def actor(role: str) -> Actor:
    holding = Holding(role, new_id(), "a/", "990101", regulator=False)
    return Actor(kind="person", key="person:1", id=new_id(), holdings=(holding,))


def test_pieces_stand_in_their_order_and_empty_ones_not_at_all():
    panels = Panels()
    panels.register("hazard", 20, lambda *_: Markup("second"))
    panels.register("hazard", 10, lambda *_: Markup("first"))
    panels.register("hazard", 30, lambda *_: None)
    panels.register("home", 1, lambda *_: Markup("elsewhere"))

    assert panels.pieces("hazard", ANY, actor("inspector"), ANY, "zh") == ["first", "second"]
    assert panels.pieces("asset", ANY, actor("inspector"), ANY, "zh") == []


def test_the_rail_shows_what_a_person_may_open_and_what_waits_there():
    rail = Navigation()
    rail.register("people", href="/people", icon="users", label="people.nav", order=2, right="people.write")
    rail.register("inbox", href="/inbox", icon="inbox", label="web.nav.inbox", order=1, count=lambda *_: 7)
    rail.register("help", href="/help/", icon="help", label="web.nav.help", order=3, at_foot=True)

    inspector = rail.items(ANY, actor("inspector"), "en", at_foot=False)
    administrator = rail.items(ANY, actor("administrator"), "en", at_foot=False)

    assert [(one.key, one.count) for one in inspector] == [("inbox", 7)]
    assert [one.key for one in administrator] == ["inbox", "people"]
    assert [one.label for one in rail.items(ANY, actor("inspector"), "zh", at_foot=True)] == ["帮助"]


def test_entries_under_another_are_its_tabs_and_count_with_it():
    rail = Navigation()
    rail.register("status", href="/status", icon="x", label="web.status.nav", order=1)
    rail.register(
        "parked", href="/p", icon="x", label="timers.parked.title", order=2, right="deadletters.read",
        count=lambda *_: 3, under="status",
    )  # fmt: skip
    rail.register("help", href="/help/", icon="x", label="web.nav.help", order=3)

    keeper = rail.items(ANY, actor("administrator"), "en", at_foot=False)
    worker = rail.items(ANY, actor("worker"), "en", at_foot=False)

    assert [(one.key, one.count) for one in keeper] == [("status", 3), ("help", 0)]
    assert [(one.key, one.count) for one in worker] == [("status", 0), ("help", 0)]
    tabs = rail.tabs(ANY, actor("administrator"), "en")
    assert {key: [one.key for one in found] for key, found in tabs.items()} == {
        "status": ["status", "parked"]
    }
    assert rail.tabs(ANY, actor("worker"), "en") == {}
