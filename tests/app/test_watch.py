"""The whole application watched: sentences in both languages, figures Prometheus can read, a page for whoever is on duty, the heartbeat."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from hazard_flow import app
from hazard_flow.clock import VirtualClock
from hazard_flow.hazards.checks import NAMED_MAX
from hazard_flow.notifications.dispatch import drain
from hazard_flow.notifications.models import Errand
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.parking import park
from hazard_flow.timers.pulse import PulseKeeper
from hazard_flow.timers.scheduler import WorkerLoop
from hazard_flow.watching import JOBS, STUCK, failing, make_checks
from tests.harness.cast import PASSWORD, PEOPLE
from tests.harness.city import City, city, place
from tests.web.office import token_of

__all__ = ["city", "place"]

WANTED = {
    "hazard_flow_oldest_due_timer_seconds", "hazard_flow_timers_pending", "hazard_flow_timers_parked", "hazard_flow_timers_fired",
    "hazard_flow_firing_lateness_seconds", "hazard_flow_job_age_seconds", "hazard_flow_hazards_open",
    "hazard_flow_hazards_without_timer", "hazard_flow_outbox_age_seconds", "hazard_flow_messages_pending",
    "hazard_flow_messages_failed", "hazard_flow_deliveries", "hazard_flow_errands_open", "hazard_flow_errands_late",
    "hazard_flow_watch_failing", "hazard_flow_source_age_seconds", "hazard_flow_inbox_pending", "hazard_flow_inbox_age_seconds",
    "hazard_flow_inbox_dead",
}  # fmt: skip


class Whole:
    """The application over a story's city, at the story's time."""

    def __init__(self, city: City, folder: Path, **settings: str) -> None:
        url = city.database.engine.url.render_as_string(hide_password=False)
        chosen = load_settings({}, DATA_DIR=folder, DATABASE_URL=url, SECRET_KEY="k" * 40, **settings)
        self.city = city
        self.application = app.build(chosen, clock=city.clock)
        # at the story's time, on PostgreSQL too
        report = PulseKeeper(self.application.database, city.clock)
        self.loop = WorkerLoop(app.worker_jobs(self.application, city.clock), report=report)
        self.flask = app.create_web(self.application)

    def client(self, name: str = ""):
        client = self.flask.test_client()
        if name:
            username = next(m.username for m in PEOPLE if m.name == name)
            form = {"csrf_token": token_of(client, "/sign-in"), "username": username, "password": PASSWORD}
            assert client.post("/sign-in", data=form).status_code == 303
        return client

    def run(self, *jobs: str) -> None:
        """Each job of the worker once, as its loop would."""
        for job in self.loop.jobs:
            if job.name in (jobs or JOBS):
                self.loop._run_one(job)

    def figures(self) -> dict[str, dict[tuple[str, ...], float]]:
        """name → label values → value, read by prometheus_client's own parser."""
        answer = self.client().get("/metrics")
        assert answer.status_code == 200
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for family in text_string_to_metric_families(answer.text):
            for sample in family.samples:
                found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
        return found


@pytest.fixture
def whole(city: City, tmp_path: Path) -> Iterator[Whole]:
    made = Whole(city, tmp_path / "data")
    yield made
    made.application.database.dispose()


def test_prometheus_reads_every_figure_and_no_name_or_number_is_among_them(whole: Whole):
    hazard = whole.city.report("阀井漏气，读数偏高")
    whole.city.clock.advance(timedelta(minutes=50))
    whole.run("timers", "notifications")

    text = whole.client().get("/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}

    assert set(families) >= WANTED
    assert {f.type for f in families.values()} <= {"gauge", "counter", "histogram"}
    assert all(f.documentation for f in families.values())
    assert hazard.number not in text
    assert not any(member.name in text or member.username in text.split() for member in PEOPLE)


def test_the_figures_say_what_happened(whole: Whole):
    whole.city.report()
    whole.city.clock.advance(timedelta(minutes=50))
    whole.run("timers", "notifications", "originality", "ledger")
    told = whole.figures()

    assert told["hazard_flow_hazards_open"][()] == 1
    assert told["hazard_flow_hazards_without_timer"][()] == 0
    assert told["hazard_flow_timers_fired_total"][()] == 1
    buckets = told["hazard_flow_firing_lateness_seconds_bucket"]
    # due after 30 min, fired after 50 min: 1200 s late
    assert (buckets[("600",)], buckets[("3600",)], buckets[("+Inf",)]) == (0, 1, 1)
    assert told["hazard_flow_firing_lateness_seconds_sum"][()] == pytest.approx(1200, abs=1)
    assert told["hazard_flow_deliveries_total"][("phone", "handed")] == 2
    assert told["hazard_flow_errands_open"][("phone",)] == 2
    assert told["hazard_flow_job_age_seconds"][("timers",)] == 0
    assert set(told["hazard_flow_watch_failing"].values()) == {0.0}


def test_what_is_stuck_turns_figures_and_watch_red_and_clears_again(whole: Whole):
    city = whole.city
    hazard = city.report()
    whole.run()
    client = whole.client()
    assert client.get("/watchz").json == {"status": "ok", "problems": {}}

    with city.database.transaction(SYSTEM) as session:
        for timer in city.timers(hazard).values():
            park(session, timer.id, error="ValueError: broken", now=city.now)
        session.execute(
            sa.update(Outbox)
            .where(Outbox.subject_id == hazard.id)
            .values(state="failed", reason="no_mailbox")
        )
    red = client.get("/watchz")
    assert red.status_code == 503
    assert set(red.json["problems"]) == {"timers_parked", "hazards_silent", "messages_failed"}
    for sentence in red.json["problems"].values():
        assert any("\u4e00" <= c <= "\u9fff" for c in sentence["zh"])
        assert not any("\u4e00" <= c <= "\u9fff" for c in sentence["en"])
    assert hazard.number not in red.text
    told = whole.figures()
    assert told["hazard_flow_hazards_without_timer"][()] == 1
    assert told["hazard_flow_timers_parked"][()] == 2
    assert told["hazard_flow_messages_failed"][("message",)] == 1
    assert told["hazard_flow_watch_failing"][("timers_parked",)] == 1

    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Timer).values(parked_at=None))
        session.execute(sa.update(Outbox).where(Outbox.state == "failed").values(settled_at=city.now))
    assert client.get("/watchz").status_code == 200


def test_without_any_worker_the_oldest_due_timer_is_seen_however_old(whole: Whole):
    whole.city.report()
    whole.city.clock.advance(timedelta(days=400))
    told = whole.figures()
    assert told["hazard_flow_oldest_due_timer_seconds"][()] > 399 * 86_400
    red = whole.client().get("/watchz").json["problems"]
    assert {"timers_late", "worker_silent"} <= set(red)


def test_a_check_that_breaks_is_not_taken_for_fine_and_takes_no_other_with_it(whole: Whole):
    def broken(_session, _now):
        raise ZeroDivisionError

    checks = whole.flask.extensions["hazard_flow"].checks
    checks.watch["timers_late"] = broken
    answer = whole.client().get("/watchz")
    assert answer.status_code == 503
    assert set(answer.json["problems"]) == {"timers_late"}
    assert whole.client("唐监管").get("/status").status_code == 200


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_page_for_whoever_is_on_duty_says_what_to_do(whole: Whole, locale: str):
    city = whole.city
    hazard = city.report()
    whole.run()
    officer = whole.client("唐监管")
    fine = officer.get(f"/status?lang={locale}").text
    assert {"zh": "系统运行正常", "en": "All is well"}[locale] in fine
    assert {"zh": "没有设置外部值守", "en": "No outside dead man"}[locale] in fine

    with city.database.transaction(SYSTEM) as session:
        for timer in city.timers(hazard).values():
            park(session, timer.id, error="ValueError: broken", now=city.now)
    page = officer.get(f"/status?lang={locale}")
    assert page.status_code == 200
    assert {"zh": "有 2 项异常", "en": "Please see to this: 2"}[locale] in page.text
    assert {"zh": "按错误说明排除故障后点“重试”", "en": "press “Try again”"}[locale] in page.text
    assert hazard.number not in page.text
    assert whole.client("李巡检").get("/status").status_code == 403
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Timer).values(parked_at=None))


def test_every_check_has_its_words_and_every_job_is_watched(whole: Whole):
    checks = make_checks(whole.application.settings)
    assert set(STUCK) <= set(checks.watch)
    assert tuple(job.name for job in whole.loop.jobs) == JOBS
    assert NAMED_MAX > 1


def test_the_heartbeat_beats_with_the_worker_only_where_a_switch_is_set(city: City, tmp_path: Path):
    without = Whole(city, tmp_path / "a")
    with_switch = Whole(city, tmp_path / "b", HEARTBEAT_URL="http://127.0.0.1:9/ping")
    assert "heartbeat" not in {job.name for job in without.loop.jobs}
    [job] = [job for job in with_switch.loop.jobs if job.name == "heartbeat"]
    assert job.seconds == 60
    with_switch.run("heartbeat")
    page = with_switch.client("唐监管").get("/status").text
    assert "外部值守没有应答" in page
    assert "127.0.0.1:9" not in page
    assert failing(city.database, make_checks(with_switch.application.settings), city.now) == []
    for made in (without, with_switch):
        made.application.database.dispose()


def test_a_drain_tells_its_worker_what_it_did(whole: Whole):
    whole.city.report()
    whole.run("notifications")
    assert whole.figures()["hazard_flow_deliveries_total"][("inbox", "sent")] == 2
    assert drain(whole.city.database, whole.city.now, _quiet()).tally() == {}
    assert whole.city.all(sa.select(Errand)) == []
    assert isinstance(whole.city.clock, VirtualClock)


def _quiet():
    from hazard_flow.notifications.dispatch import Post
    from tests.harness.founding import ZONE

    return Post(channels=(), zone=ZONE, public_url="")
