"""The pages of people: the list for administrators, language for everybody."""

from tests.web.office import Office


def test_administrators_see_their_people(desk: Office):
    page = desk.browser("gao").get("/people")

    assert page.status_code == 200
    assert "李巡检" in page.text
    assert "安检员" in page.text
    assert "Zhao" not in page.text


def test_others_do_not(desk: Office):
    assert desk.browser("li").get("/people").status_code == 403


def test_a_signed_in_person_is_sent_on_from_the_sign_in_page(desk: Office):
    assert desk.browser("gao").get("/sign-in?next=/people").location == "/people"


def test_the_language_returns_to_the_page_and_nowhere_else(desk: Office):
    client = desk.browser("gao")

    assert desk.post(client, "/language", locale="en", next="/people?limit=5").location == "/people?limit=5"
    assert desk.post(client, "/language", locale="en", next="//evil.example").location == "/"
    assert desk.post(client, "/language", locale="xx", next="/people").status_code == 303
