"""Who may name whom: an enterprise its own people, a regulator those of its division, nobody the others'."""

import pytest

from tests.web.office import Office


def names(desk: Office, username: str, query: str = "") -> set[str]:
    answer = desk.browser().get(f"/api/v1/people{query}", headers=desk.bearer(username))
    assert answer.status_code == 200, answer.text
    return {one["username"] for one in answer.json["items"]}


def test_an_enterprise_names_its_own_people(desk: Office):
    assert names(desk, "li") == {"li", "gao"}
    assert names(desk, "zhao") == {"zhao"}


def test_a_regulator_names_the_people_of_its_division(desk: Office):
    assert names(desk, "chen") == {"chen", "li", "gao"}


def test_an_administrator_names_its_whole_organisation(desk: Office):
    assert names(desk, "gao") == {"li", "gao"}


def test_people_of_a_unit(desk: Office):
    assert names(desk, "gao", f"?organisation={desk.ids['team']}") == {"li"}
    foreign = desk.browser().get(
        f"/api/v1/people?organisation={desk.ids['other']}", headers=desk.bearer("gao")
    )
    assert foreign.status_code == 404


@pytest.mark.parametrize(
    "path", ["people/{zhao}", "organisations/{other}", "people/00000000-0000-0000-0000-000000000000"]
)
def test_what_lies_outside_is_absent(desk: Office, path):
    answer = desk.browser().get("/api/v1/" + path.format(**desk.ids), headers=desk.bearer("li"))

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_organisations_come_in_pages(desk: Office):
    client, header = desk.browser(), desk.bearer("chen")

    first = client.get("/api/v1/organisations?limit=2", headers=header).json
    rest = client.get(f"/api/v1/organisations?limit=2&cursor={first['next_cursor']}", headers=header).json

    assert [one["names"]["en"] for one in first["items"] + rest["items"]] == [
        "East Bureau",
        "Hengchuan Gas",
        "Patrol",
    ]
    assert rest["next_cursor"] is None
    assert [
        one["kind"] for one in client.get("/api/v1/organisations?kind=team", headers=header).json["items"]
    ] == ["team"]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=%21", "kind=castle"])
def test_wrong_parameters_are_refused(desk: Office, query):
    assert (
        desk.browser().get(f"/api/v1/organisations?{query}", headers=desk.bearer("chen")).status_code == 400
    )


def test_i_see_who_i_am(desk: Office):
    me = desk.browser().get("/api/v1/me", headers=desk.bearer("li")).json

    assert me["name"] == "李巡检"
    assert me["holdings"] == [{"role": "inspector", "organisation_id": str(desk.ids["team"])}]


def test_nothing_private_leaves(desk: Office):
    text = desk.browser().get("/api/v1/people", headers=desk.bearer("gao")).text

    assert not {"password", "email", "phone", "digest"} & set(text.replace('"', " ").split())
