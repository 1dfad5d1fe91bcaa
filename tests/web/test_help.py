"""The manual is there in both languages, for everybody, and its own Markdown cannot bring HTML in."""

import pytest

from hazard_flow.cli.listening import PORT, SECURE_PORT
from hazard_flow.identity.operations import FAILURES_BEFORE_LOCK
from hazard_flow.identity.roles import ROLE_LABELS, ROLES
from hazard_flow.identity.sessions import IDLE_MAX, SESSION_MAX, TABLET_IDLE_MAX, TABLET_SESSION_MAX
from hazard_flow.settings import Settings
from hazard_flow.web.help import CHAPTERS, read_chapter
from hazard_flow.web.tls.authority import SERVER_DAYS
from tests.web.office import Office


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_stands_in_both_languages(desk: Office, chapter, locale):
    page = desk.browser().get(f"/help/{chapter}?lang={locale}")

    assert page.status_code == 200
    assert read_chapter(chapter, locale)[0] in page.text


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fsettings", "start.md", "%00"])
def test_nothing_else_can_be_read(desk: Office, name):
    assert desk.browser().get(f"/help/{name}").status_code in (400, 404)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_roles_are_those_of_the_program(locale):
    body = read_chapter("roles", locale)[1].lower()
    officers = {"county_officer", "city_officer", "provincial_officer"}
    missing = [
        role for role in ROLES if role not in officers and ROLE_LABELS[role].in_(locale).lower() not in body
    ]

    assert missing == []


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_setting_is_explained(locale):
    body = read_chapter("settings", locale)[1]

    assert [name for name in Settings.model_fields if f"<code>{name}</code>" not in body] == []


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_limits_of_signing_in_are_those_of_the_program(locale):
    body = read_chapter("sign-in", locale)[1].lower()
    words = {"zh": {5: "5 次", 8: "8 小时", 7: "7 天"}, "en": {5: "five", 8: "eight hours", 7: "seven days"}}[
        locale
    ]

    assert words[FAILURES_BEFORE_LOCK] in body
    assert words[int(IDLE_MAX.total_seconds()) // 3600] in body
    assert words[SESSION_MAX.days] in body


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_what_is_said_of_tablets_is_what_the_program_does(locale):
    bodies = {name: read_chapter(name, locale)[1] for name in ("sign-in", "tablets")}
    days = {"zh": "{} 天", "en": "{} days"}[locale]

    for body in bodies.values():
        assert days.format(TABLET_IDLE_MAX.days) in body
        assert days.format(TABLET_SESSION_MAX.days) in body
    assert days.format(SERVER_DAYS) in bodies["tablets"]
    assert f"--http-port {PORT}" in bodies["tablets"]
    assert str(SECURE_PORT) in bodies["tablets"]
