"""The desk as people meet it: the list, an alert's page, its forms and refusals, the figures; and the API beside it. In both languages."""

import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hazard_flow.clock import VirtualClock
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import LOCALES
from hazard_flow.identity.models import Person
from hazard_flow.identity.operations import add_token
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.desk import api, pages
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web
from tests.telemetry.desk_city import DeskCity


@pytest.fixture
def web(small_desk: DeskCity, tmp_path: Path) -> Flask:
    settings = load_settings({}, DATA_DIR=tmp_path, SECRET_KEY="k" * 40)
    kernel = Kernel(settings=settings, database=small_desk.city.database, clock=Follows(small_desk))
    return make_web(kernel, (pages.blueprint, api.blueprint))


class Follows(VirtualClock):
    """The city's own time."""

    def __init__(self, desk: DeskCity) -> None:
        super().__init__(desk.now)
        self.desk = desk

    def now(self):
        """Wherever the city has come to."""
        return self.desk.now


def client(desk: DeskCity, web: Flask, who: str = "duty_desk", rights: str = "read,write") -> "Someone":
    with desk.city.database.transaction(SYSTEM) as session:
        person = session.get_one(Person, desk.people[who].id)
        token = add_token(session, person=person, name=uuid.uuid4().hex, now=desk.now, rights=rights)
    return Someone(web.test_client(), token)


class Someone:
    """Requests with a person's token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def page(self, path: str, language: str = "en"):
        """A page in a language, as text."""
        return self.client.get(path, headers={**self.headers, "Accept-Language": language})

    def get(self, path: str):
        """What the API answers."""
        return self.client.get(f"/api/v1/alerts{path}", headers=self.headers)

    def post(self, path: str, **body):
        """What the API answers to a JSON body."""
        return self.client.post(f"/api/v1/alerts{path}", json=body, headers=self.headers)

    def send(self, path: str, **form):
        """A form of the pages."""
        return self.client.post(f"/alarms{path}", data=form, headers=self.headers)


@pytest.mark.parametrize("language", LOCALES)
def test_every_view_of_the_desk_is_drawn_empty_and_full(
    small_desk: DeskCity, web: Flask, language: str
) -> None:
    me = client(small_desk, web)
    paths = [f"/alarms?view={one}" for one in ("active", "open", "hidden", "archived", "all")]
    paths += [f"/alarms/performance?days={one}" for one in (1, 7, 30)]
    for path in paths:
        assert me.page(path, language).status_code == 200
    alert = small_desk.alarm()
    other = small_desk.alarm("G-900", 60, 60, 60)
    for path in (*paths, f"/alarms/{alert.id}", f"/alarms/{other.id}", f"/alarms?alert={alert.id}"):
        answer = me.page(path, language)
        assert answer.status_code == 200, path
        assert not re.search(r"\balarm_desk\.[a-z_]+", answer.text)


def test_the_list_shows_place_value_limit_and_what_makes_doubtful(small_desk: DeskCity, web: Flask) -> None:
    alert = small_desk.alarm()
    small_desk.city.deliver("gas/demo/VW-1/G-101/status", b'{"status": "offline"}')
    small_desk.city.drain()
    page = client(small_desk, web).page("/alarms").text
    assert "Valve well VW-1" in page
    assert "30 %LEL" in page
    assert f'data-until="{small_desk.row(alert).duty.due_at.isoformat()}"' in page
    assert "blind" in page
    assert '<svg class="spark up"' in page


def test_level_2_has_no_way_to_be_hidden(small_desk: DeskCity, web: Flask) -> None:
    manager = client(small_desk, web, "dept_manager")
    low, high = small_desk.alarm(), small_desk.alarm("G-900", 60, 60, 60)
    assert "/hiding" in manager.page(f"/alarms/{low.id}").text
    page = manager.page(f"/alarms/{high.id}").text
    assert "/hiding" not in page
    assert "Level 2 is never hidden" in page
    refused = manager.send(f"/{high.id}/hiding", kind="shelved", reason="too noisy", hours="2")
    assert refused.status_code == 409
    assert "never hidden" in refused.text or "不得搁置" in refused.text


def test_forms_walk_the_chain_and_a_refusal_keeps_what_was_typed(small_desk: DeskCity, web: Flask) -> None:
    me, alert = client(small_desk, web), small_desk.alarm()
    here = f"/{alert.id}"
    assert me.send(f"{here}/acknowledgement", back="desk").headers["Location"] == f"/alarms?alert={alert.id}"
    assert me.send(f"{here}/response", note="北片班到场").headers["Location"] == f"/alarms/{alert.id}"
    refused = me.send(f"{here}/feedback", form="feed_back", cause="biogas", note="像是沼气", unit="%LEL")
    assert refused.status_code == 422
    assert 'id="feed_back-reading-error"' in refused.text
    assert "像是沼气" in refused.text
    assert me.send(f"{here}/feedback", cause="biogas", reading="1.2", unit="%LEL").status_code == 303
    assert small_desk.steps(alert) == ["published", "acknowledged", "responded", "fed_back"]
    page = me.page(f"/alarms/{alert.id}").text
    assert "False alarm" in page
    assert "Reading on site 1.2 %LEL" in page


def test_a_storm_is_one_line_and_level_2_stands_beside_it(small_desk: DeskCity, web: Flask) -> None:
    me = client(small_desk, web)
    for number in range(6):
        small_desk.city.deliver(f"gas/demo/VW-1/N-{number}/status", b'{"status": "online"}')
    for number in range(6):
        small_desk.city.measure(f"N-{number}", 30, 30, 30, every=5)
    small_desk.city.measure("G-101", 60, 60, 60, every=5)
    small_desk.city.drain()
    page = me.page("/alarms").text
    assert page.count('class="folded"') == 1
    assert "6 / 6" in page
    assert page.index("G-101") < page.index('class="folded"')  # the soonest due first
    ids = re.findall(r'name="alert" value="([^"]+)"', page)
    assert len(ids) == 6
    level_2 = small_desk.alert("G-101").id
    done = me.client.post(
        "/alarms/acknowledgements", data={"alert": [*ids, str(level_2)]}, headers=me.headers
    )
    assert done.status_code == 303
    assert small_desk.row(small_desk.alert("G-101")).duty.is_asked
    assert not small_desk.row(small_desk.alert("N-0")).duty.is_asked


def test_a_flood_is_said_and_drawn(small_desk: DeskCity, web: Flask) -> None:
    for number in range(12):
        small_desk.city.measure(f"N-{number}", 60, 60, 60, every=2)
    small_desk.city.drain()
    small_desk.city.pass_time(seconds=5)
    me = client(small_desk, web)
    assert "Alarm flood" in me.page("/alarms").text
    figures = me.get("/figures").json
    assert (figures["alarms"], len(figures["floods"]), figures["floods"][0]["ended_at"]) == (12, 1, None)
    assert figures["mix"]["high"]["percent"] == 100
    small_desk.city.pass_time(minutes=11)
    assert "Alarm flood" not in me.page("/alarms").text


def test_the_api_lists_pages_and_acts(small_desk: DeskCity, web: Flask) -> None:
    me = client(small_desk, web)
    alerts = [small_desk.alarm(device) for device in ("G-101", "G-102", "G-900")]
    first = me.get("?limit=2").json
    rest = me.get(f"?limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in first["items"] + rest["items"]] == [str(one.id) for one in reversed(alerts)]
    assert rest["next_cursor"] is None
    here = f"/{alerts[0].id}"
    heard = me.post(f"{here}/acknowledgement", note="收到", expected_version=1)
    assert (heard.status_code, heard.json["stage"], heard.headers["ETag"]) == (200, "received", '"2"')
    assert heard.json["offered"] == ["respond", "hide"]
    assert [one["kind"] for one in heard.json["steps"]] == ["published", "acknowledged"]
    assert me.post(f"{here}/response", note="北片班", expected_version=1).status_code == 409
    assert me.post(f"{here}/response", note="北片班到场").json["stage"] == "responded"
    assert (
        me.post(f"{here}/feedback", cause="leak", reading="30", unit="%LEL").json["verdict"] == "true_alarm"
    )
    assert me.post(f"{here}/archive").status_code == 409
    hidden = me.post(f"{here}/hiding", kind="shelved", reason="等待检修", hours=2)
    assert hidden.json["hiding"]["until_at"][:16] == (small_desk.now + timedelta(hours=2)).isoformat()[:16]
    assert [one["id"] for one in me.get("?view=hidden").json["items"]] == [str(alerts[0].id)]
    assert me.post(f"{here}/showing").json["hiding"] is None


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("?view=forgotten", None, 400),
        ("?level=3", None, 400),
        ("?cursor=x", None, 400),
        ("/figures?since=yesterday", None, 400),
        ("/figures?since=2026-01-01T00:00:00Z", None, 400),
        ("/00000000-0000-0000-0000-000000000000", None, 404),
        ("/{id}/hiding", {"kind": "shelved", "reason": "r", "hours": 10**30}, 422),
        ("/{id}/hiding", {"kind": "asleep", "reason": "long enough", "hours": 1}, 400),
        ("/{id}/response", {}, 400),
        ("/{id}/response", {"note": "x" * 501}, 409),
        ("/{id}/acknowledgement", {"note": "x" * 501}, 422),
    ],
)
def test_what_makes_no_sense_is_refused_to_its_face(
    small_desk: DeskCity, web: Flask, path: str, body: dict | None, status: int
) -> None:
    me, alert = client(small_desk, web), small_desk.alarm()
    path = path.format(id=alert.id)
    answer = me.get(path) if body is None else me.post(path, **body)
    assert answer.status_code == status, answer.text
    assert small_desk.steps(alert) == ["published"]


def test_who_may_look_and_who_may_act(small_desk: DeskCity, web: Flask) -> None:
    alert = small_desk.alarm()
    assert client(small_desk, web, "inspector").get("").status_code == 403
    assert client(small_desk, web, "administrator").page("/alarms").status_code == 403
    stranger = client(small_desk, web, "stranger")
    assert stranger.get("").json["items"] == []
    assert stranger.get(f"/{alert.id}").status_code == 404
    assert stranger.post(f"/{alert.id}/acknowledgement").status_code == 404
    reader = client(small_desk, web, rights="read")
    assert reader.post(f"/{alert.id}/acknowledgement").status_code == 403
    assert client(small_desk, web).post(
        f"/{alert.id}/hiding", kind="out_of_service", reason="更换探头", hours=2, work_order="W"
    ).status_code == 403  # fmt: skip
    assert small_desk.steps(alert) == ["published"]


@pytest.mark.parametrize(("language", "word"), [("en", "False alarm"), ("zh", "误报")])
def test_a_hazards_page_tells_how_far_the_desk_is(
    small_desk: DeskCity, web: Flask, language: str, word: str
) -> None:
    alert = small_desk.alarm()
    hazard = small_desk.city.hazard()

    def card(who: str) -> str | None:
        actor = small_desk.people[who]
        with (
            web.test_request_context("/", headers={"Accept-Language": language}),
            small_desk.city.database.reading(actor.scope) as session,
        ):
            return pages.hazard_panel(session, actor, session.get_one(Hazard, hazard.id), language)

    assert f"/alarms/{alert.id}" in str(card("duty_desk"))
    small_desk.to_the_end(alert)
    assert word in str(card("duty_desk"))
    assert card("inspector") is None


def test_no_words_of_a_sender_become_markup(small_desk: DeskCity, web: Flask) -> None:
    from tests.telemetry.payloads import bodies

    small_desk.city.post(bodies("01")[0].replace(b"G-101 30 %LEL >= 25", b"<img src=x onerror=alert(1)>"))
    page = client(small_desk, web).page("/alarms").text
    assert "<img" not in page
    assert "&lt;img" in page


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("zh-CN", ("可燃气体浓度超限", "浓度快速上升")),
        ("en", ("Combustible gas above the limit", "Concentration rising fast")),
    ],
)
def test_two_alerts_of_one_detector_are_told_apart_by_their_rules(
    small_desk: DeskCity, web: Flask, language: str, says: tuple[str, str]
) -> None:
    # up and up again within minutes: the limit and the rise both speak
    small_desk.alarm("G-101", 30, 30, 30, 58, 58, 70, 70, 70)

    page = client(small_desk, web).page("/alarms", language)

    shown = page.get_data(as_text=True)
    assert all(f"<span>{one}</span>" in shown for one in says)
