"""The rectification clock runs on from assignment to acceptance: same deadline, same reminders already given."""

from tests.harness.city import City


def test_accepting_does_not_restart_the_deadline(city: City):
    hazard = city.report()
    city.control(hazard)
    city.assign(hazard)
    ordered = city.timers(hazard)["rectify"]
    city.fast_forward(hours=5)

    city.accept(hazard)

    running = city.timers(hazard)["rectify"]
    assert running.id == ordered.id
    assert (running.due_at, running.expires_at, running.started_at) == (
        ordered.due_at, ordered.expires_at, ordered.started_at,
    )  # fmt: skip
    assert city.look(hazard).original_due_at == city.look(hazard).due_at == running.expires_at


def test_what_fired_before_acceptance_does_not_fire_again(city: City):
    hazard = city.report()
    city.control(hazard)
    city.assign(hazard)
    city.fast_forward(days=7)  # past half of the ten days
    reminded = [e.firing for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "rectify"]

    city.accept(hazard)
    city.fast_forward(days=2, hours=20)

    again = [e.firing for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "rectify"]
    assert reminded == [("rectify", -2, 0)]
    assert again == [("rectify", -2, 0), ("rectify", -1, 0)]


def test_an_overdue_ladder_goes_on_where_it_stood(city: City):
    hazard = city.report()
    city.control(hazard)
    city.assign(hazard, due_at=city.day(1))
    city.fast_forward(days=2)  # overdue since midnight
    assert [f.level for f in city.firings(hazard, "rectify")] == [0]

    city.accept(hazard)
    city.fast_forward(days=2)

    assert [f.level for f in city.firings(hazard, "rectify")] == [0, 1]
    assert city.look(hazard).colour == "yellow"


def test_leaving_the_state_ends_its_own_timers(city: City):
    hazard = city.report()
    city.control(hazard)
    names = [city.timers(hazard).keys()]
    for step in (city.assign, city.accept, city.submit, city.verify):
        step(hazard)
        names.append(city.timers(hazard).keys())

    assert names == [{"classify"}, {"accept", "rectify"}, {"rectify", "progress"}, {"verify"}, {"close"}]


def test_reporting_progress_restarts_only_the_progress_clock(city: City):
    hazard = city.report()
    city.control(hazard)
    city.bring_to(hazard, "rectifying")
    rectify, progress = city.timers(hazard)["rectify"], city.timers(hazard)["progress"]
    city.fast_forward(days=3)

    city.act("王班长", hazard, "progress", percent=40, note="备件已到")

    later = city.timers(hazard)
    assert later["rectify"].id == rectify.id
    assert later["progress"].expires_at > progress.expires_at
