"""`/livez`, `/readyz`, `/watchz`, `/metrics`: each says one thing."""

from datetime import timedelta

from hazard_flow.schedule.models import Timer
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.checks import late_timers, parked_timers
from hazard_flow.timers.meters import timer_figures
from tests.web.office import Office


def plan(desk: Office, **changes: object) -> None:
    now = desk.clock.now()
    values = {
        "home_id": new_id(), "subject_kind": "hazard", "subject_id": new_id(), "name": "unassigned", "level": 0, "cycle": 0,
        "due_at": now, "expires_at": now, "started_at": now, "fence": 1, "created_at": now,
    }  # fmt: skip
    wanted = {name: value for name, value in (values | changes).items() if hasattr(Timer, name)}
    with desk.kernel.database.transaction(SYSTEM) as session:
        session.add(Timer(**wanted))


def test_strangers_may_ask_how_it_is(desk: Office):
    client = desk.browser()

    assert [client.get(path).status_code for path in ("/livez", "/readyz", "/watchz")] == [200, 200, 200]


def test_a_timer_nobody_fires_is_seen_after_a_minute(desk: Office):
    desk.kernel.checks.register("timers_late", late_timers)
    plan(desk)
    client = desk.browser()
    desk.clock.advance(timedelta(seconds=59))
    assert client.get("/watchz").status_code == 200

    desk.clock.advance(timedelta(seconds=2))

    failing = client.get("/watchz")
    assert failing.status_code == 503
    assert list(failing.json["problems"]) == ["timers_late"]
    assert client.get("/readyz").status_code == 200, "this process can still serve"


def test_a_parked_timer_is_seen(desk: Office):
    desk.kernel.checks.register("timers_parked", parked_timers)
    plan(desk, parked_at=desk.clock.now(), error="broken")

    assert desk.browser().get("/watchz").status_code == 503


def test_a_database_that_does_not_answer_is_not_ready(desk: Office):
    desk.kernel.database.dispose()
    (desk.kernel.settings.DATA_DIR / "hazard_flow.db").rename(desk.kernel.settings.DATA_DIR / "gone.db")
    (desk.kernel.settings.DATA_DIR / "hazard_flow.db").mkdir()
    client = desk.browser()

    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200


def test_figures_are_for_this_machine_and_for_tokens(desk: Office):
    desk.kernel.checks.register_meter(timer_figures)
    plan(desk)
    desk.clock.advance(timedelta(minutes=2))
    client = desk.browser()

    here = client.get("/metrics")
    there = client.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"})
    through_a_proxy = client.get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"})
    with_a_token = client.get(
        "/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"}, headers=desk.bearer("chen")
    )

    assert [r.status_code for r in (here, there, through_a_proxy, with_a_token)] == [200, 403, 403, 200]
    assert "hazard_flow_oldest_due_timer_seconds 120.0" in here.text
    assert "hazard_flow_timers_pending 1.0" in here.text
