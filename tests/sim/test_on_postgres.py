"""The same city on a real PostgreSQL, row-level security and all."""

from tests.harness.postgres import PostgresBench
from tests.sim.episodes import live, random_seed
from tests.sim.place import postgres_place

STEPS = 500


def test_the_city_keeps_every_promise_on_postgresql(postgres_server: PostgresBench):
    seen = live(3, STEPS, place=postgres_place(postgres_server)).seen
    assert seen["taken"] > 0
    assert seen["fired"] > 0


def test_a_random_city_keeps_every_promise_on_postgresql(postgres_server: PostgresBench):
    live(random_seed(), STEPS, place=postgres_place(postgres_server))
