"""Every refusal is one clear answer, in the reader's language; our own faults show an id and nothing else."""

from structlog.testing import capture_logs

from tests.web.office import Office


def test_everything_that_is_missing_is_listed_in_the_readers_language(desk: Office):
    answer = desk.browser().post(
        "/api/v1/notes", json={"text": "refuse"}, headers={**desk.bearer("li"), "Accept-Language": "en"}
    )

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert [one["code"] for one in answer.json["errors"]] == ["too_short", "needs_role"]
    assert "At least 5 characters" in answer.json["errors"][0]["message"]
    assert "Inspector" in answer.json["errors"][1]["message"]
    assert set(answer.json) == {"type", "status", "code", "title", "detail", "errors"}


def test_a_conflict_carries_what_holds_now(desk: Office):
    answer = desk.browser().post("/api/v1/notes", json={"text": "conflict"}, headers=desk.bearer("li"))

    assert answer.status_code == 409
    assert answer.json["current"] == {"text": "present"}


def test_our_own_fault_shows_its_id_only(desk: Office):
    page = desk.browser("li").get("/sample/broken")

    assert page.status_code == 500
    assert "4711" not in page.text
    with capture_logs() as logged:
        problem = desk.browser().get(
            "/sample/broken", headers={**desk.bearer("li"), "Accept": "application/json"}
        )
    assert problem.status_code == 500
    assert "4711" not in problem.text
    assert [line["reference"] for line in logged] == [problem.json["reference"]]


def test_an_outside_fault_hides_its_address(desk: Office):
    page = desk.browser("li").get("/sample/outside")

    assert page.status_code == 502
    assert "secret" not in page.text


def test_pages_and_programs_hear_of_absence_in_their_own_way(desk: Office):
    client = desk.browser("li")

    page, problem = client.get("/nowhere"), client.get("/api/v1/nowhere")

    assert (page.status_code, problem.status_code) == (404, 404)
    assert page.content_type.startswith("text/html")
    assert problem.json["code"] == "not_found"
    wrong_method = client.delete("/sample", headers={"Accept": "application/json"})
    assert wrong_method.status_code == 405
    assert "GET" in wrong_method.headers["Allow"]


def test_malformed_bodies_are_refused_as_malformed(desk: Office):
    client = desk.browser()
    headers = {**desk.bearer("li"), "Content-Type": "application/json"}
    bodies = [b"{", b"[]", b"\xff", b'{"text": NaN}', b'{"text": "\\u0000"}', b'{"text": "\\ud800"}', b'{"text": 5}', b"{}",
              b'{"text": "a", "count": "many"}', b"[" * 5000]  # fmt: skip

    codes = [client.post("/api/v1/notes", data=body, headers=headers).status_code for body in bodies]

    assert codes == [400] * len(bodies)
    assert client.post("/api/v1/notes", data=b"text=a", headers=desk.bearer("li")).status_code == 415


def test_a_control_character_in_the_query_is_refused(desk: Office):
    assert desk.browser("li").get("/sample?q=%00").status_code == 400


def test_a_database_that_is_away_is_no_fault_of_ours(desk: Office):
    client, programs = desk.browser("li"), desk.browser()
    file = desk.kernel.settings.DATA_DIR / "hazard_flow.db"
    desk.kernel.database.dispose()
    file.rename(file.with_suffix(".away"))
    file.mkdir()

    page = client.get("/sample")
    problem = programs.get("/api/v1/notes", headers={**desk.bearer("li"), "Accept-Language": "en"})

    assert (page.status_code, problem.status_code) == (503, 503)
    assert page.content_type.startswith("text/html")
    assert "数据库暂时没有应答" in page.text
    assert problem.content_type == "application/problem+json"
    assert (problem.json["code"], bool(problem.json["reference"])) == ("unavailable", True)
    assert "The database does not answer" in problem.json["title"]
    assert page.headers["Retry-After"] == problem.headers["Retry-After"] == "5"


def test_a_full_disk_is_named(desk: Office):
    client = desk.browser("li")

    page = client.get("/sample/full")

    assert page.status_code == 507
    assert "存储空间已满" in page.text
    assert client.get("/sample/elsewhere").status_code == 500
