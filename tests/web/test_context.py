"""What views reach for."""

from hazard_flow.identity.models import Person
from hazard_flow.storage.scope import SYSTEM
from tests.web.office import Office


def test_what_was_read_stays_readable_after_its_session(desk: Office):
    with desk.kernel.database.reading(SYSTEM) as session:
        li = session.get_one(Person, desk.ids["li"])

    assert li.name == "李巡检"


def test_what_a_reader_changes_is_thrown_away(desk: Office):
    with desk.kernel.database.reading(SYSTEM) as session:
        session.get_one(Person, desk.ids["li"]).name = "changed"
        session.flush()

    with desk.kernel.database.reading(SYSTEM) as session:
        assert session.get_one(Person, desk.ids["li"]).name == "李巡检"
