"""Questions over HTTP: put together, saved, shown, exported, sent; refused with every field; nothing foreign is found."""

import csv
import re
from io import StringIO

import pytest

from tests.harness.site import Site, small_site

__all__ = ["small_site"]


@pytest.fixture(scope="module")
def question(small_site: Site) -> str:
    """The id of a shared one, with hazards to count."""
    city = small_site.city
    for place in ("closed", "rectifying"):
        city.bring_to(city.report("<script>井盖破损</script>，须更换", asset="VW-1"), place)
    body = {"name": "各阶段 <b>", "filter": {"level": "general"}, "groups": ["stage"], "is_shared": True}
    answer = small_site.client("何安全").post("/api/v1/questions", body)
    assert answer.status == 201
    return str(answer.json["id"])


def test_a_question_is_shown_with_table_bars_and_files(small_site: Site, question: str):
    client = small_site.client("何安全")
    page = client.get(f"/questions/{question}").body.decode()
    assert "各阶段 &lt;b&gt;" in page
    assert "<b>各阶段" not in page
    assert "<svg viewBox=" in page
    assert 'role="img"' in page
    told = client.get(f"/api/v1/questions/{question}/answer").json
    assert {tuple(row["values"]): row["cells"]["count"]["value"] for row in told["rows"]} == {
        ("closed",): 1,
        ("rectifying",): 1,
    }
    for row in (*told["rows"], told["total"]):
        href = row["cells"]["count"]["href"]
        assert href.replace("&", "&amp;") in page
        assert client.get(href).status == 200
        listed = client.get(f"/api/v1{href}").json["items"]
        assert len(listed) == row["cells"]["count"]["value"]
    file = client.get(f"/questions/{question}/table.csv")
    assert "filename*=UTF-8''" in file.headers["Content-Disposition"]
    rows = list(csv.reader(StringIO(file.body.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["1", "1", "2"]
    book = client.get(f"/questions/{question}/table.xlsx")
    assert book.body.startswith(b"PK")


def test_it_is_put_together_tried_and_saved(small_site: Site, question: str):
    client = small_site.client("李巡检")
    tried = client.get(
        "/questions/new?group=team&group=urgency&measure=count&level=general&found_since=2020-01-01T00:00%2B08:00"
    )
    page = tried.body.decode()
    assert tried.status == 200
    assert "运行一班" in page
    assert re.search(r'type="checkbox" name="found_since"', page)
    key = re.search(r'name="request_key" value="([^"]+)"', page)
    assert key is not None
    kept = {"level": "general", "group": "team", "measure": "count", "name": "班组", "request_key": key[1]}
    saved = client.form("/questions", kept)
    assert saved.status == 303
    assert client.form("/questions", kept).headers["Location"] == saved.headers["Location"]
    assert client.get(saved.headers["Location"]).status == 200
    assert "班组" in client.get("/questions").body.decode()


def test_a_wrong_form_comes_back_with_everything(small_site: Site, question: str):
    client = small_site.client("何安全")
    answer = client.form("/questions", {"name": " ", "group": "mood", "stage": "nowhere"})
    assert answer.status == 422
    assert answer.body.decode().count("<li><a href=") >= 3
    wrong = client.post(
        "/api/v1/questions", {"name": "", "groups": ["mood"], "filter": {"stage": "nowhere", "hair": "red"}}
    )
    assert wrong.status == 422
    assert wrong.wrong == {
        ("name", "required"),
        ("group", "unknown_choice"),
        ("stage", "unknown_choice"),
        ("hair", "unknown_field"),
    }
    assert client.post("/api/v1/questions/answer", {"groups": ["mood"]}).status == 400
    assert client.get("/questions/new?stage=nowhere").status == 400
    assert client.get("/questions/table.csv?group=mood").status == 400


def test_what_is_not_shared_with_one_is_not_found(small_site: Site, question: str):
    for who in ("唐监管", "马安全"):
        client = small_site.client(who)
        for path in ("", "/table.csv", "/table.xlsx"):
            assert client.get(f"/questions/{question}{path}").status == 404, (who, path)
        assert client.get(f"/api/v1/questions/{question}/answer").status == 404
    assert small_site.client("李巡检").post(f"/api/v1/questions/{question}", {"name": "x"}).status == 403
    assert small_site.client("钱管理").get("/questions").status == 403


def test_it_is_sent_and_no_longer(small_site: Site, question: str):
    client = small_site.client("李巡检")
    made = client.post(f"/api/v1/questions/{question}/mails", {"often": "weekly"})
    assert made.status == 201
    assert made.json["due_at"]
    assert f"/questions/mail/{made.json['id']}/end" in client.get(f"/questions/{question}").body.decode()
    wrong = client.form(f"/questions/{question}/mail", {"often": "own", "rule": "FREQ=HOURLY"})
    assert wrong.status == 422
    id_ = made.json["id"]
    assert client.send("DELETE", f"/api/v1/questions/mails/{id_}").status == 204
    assert id_ not in client.get(f"/questions/{question}").body.decode()
    assert client.send("DELETE", "/api/v1/questions/mails/00000000-0000-0000-0000-000000000000").status == 404
