"""The whole loop by six people, each in a browser of their own, through the pages only."""

import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from pypdf import PdfReader

from tests.harness.desk import Desk, choose, choose_language, photo, sitting
from tests.harness.site import Site
from tests.harness.stranger import faults
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PEOPLE = ["李巡检", "何安全", "王班长", "徐复查", "孟安全", "唐监管"]
RECTIFIED = {"zh": "整改销号", "en": "Rectified"}


def stage(desk: Desk) -> str:
    """How far the page shows the hazard to have come: the last of the five stages that is not still to do."""
    return str(desk.page.locator("ol.steps > li:not(.todo)").count())


# each language and each database once
@pytest.mark.parametrize(
    ("site", "locale"),
    [
        pytest.param("sqlite", "zh", marks=pytest.mark.always),
        pytest.param("postgres", "en", marks=pytest.mark.postgres),
    ],
    indirect=["site"],
)
def test_six_people_close_a_hazard_in_their_browsers(
    browser: "Browser", site: Site, tmp_path: Path, locale: Literal["zh", "en"]
):
    city = site.city
    choose_language(site, PEOPLE, locale)
    complaints: list[str] = []

    with sitting(browser, site, locale=locale, size="tablet") as inspector:
        inspector.sign_in(site.username("李巡检"))
        inspector.follow("a[href='/hazards/new']")
        form = inspector.page.locator("#form-report")
        choose(form, {
            "title": "阀井漏气", "description": "阀井内有气味，读数偏高", "place": "青梧路 12 号", "asset_id": "VW-1",
            "suspected_urgency": "B", "leak_reading": "12.5", "leak_unit": "pct_lel",
        })  # fmt: skip
        form.locator("input[name=photos]").set_input_files([photo("before-1.jpg"), photo("before-2.jpg")])
        assert inspector.send(form, "/hazards") in (200, 303)
        inspector.page.wait_for_url(re.compile(r"/hazards/YH-"))
        number = inspector.page.url.rsplit("/", 1)[-1]
        assert stage(inspector) == "1"
        complaints += inspector.complaints

    with sitting(browser, site, locale=locale) as director:
        director.sign_in(site.username("何安全"))
        director.follow(f"a[href='/hazards/{number}']")
        form = director.form("assign")
        due_on = (city.now + timedelta(days=10)).date().isoformat()
        choose(form, {
            "urgency": "B", "basis": "VLV-G03", "responsible": city.person("王班长"), "closer": city.person("孟安全"),
            "verifiers": [str(city.person("徐复查"))], "due_at": due_on, "measures": "更换阀门填料，复测气密性合格",
        })  # fmt: skip
        assert director.send(form) in (200, 303)
        assert stage(director) == "2"
        complaints += director.complaints

    with sitting(browser, site, locale=locale, size="tablet") as fitter:
        fitter.sign_in(site.username("王班长"))
        fitter.follow(f"a[href='/hazards/{number}']")
        assert fitter.send(fitter.form("accept")) in (200, 303)
        form = fitter.form("progress")
        choose(form, {"percent": "60", "note": "填料已到货"})
        assert fitter.send(form) in (200, 303)
        form = fitter.form("submit")
        choose(form, {"measures_done": "已更换阀门填料，复测气密性合格", "funds_used": "1200.50"})
        completed = form.locator("[name=completed_at]")
        if not completed.input_value():
            completed.fill((city.now + timedelta(hours=8, minutes=-1)).strftime("%Y-%m-%dT%H:%M"))
        answers = form.locator("input[type=file][name^=after_for_]")
        assert answers.count() == 2
        for n in range(2):
            answers.nth(n).set_input_files(photo(f"after-{n + 1}.jpg"))
        assert fitter.send(form) in (200, 303)
        assert stage(fitter) == "3"
        assert fitter.page.locator("#action-pass").count() == 0
        label = city_label(site, "pass", locale)
        why = fitter.page.locator(
            "ul.deny > li", has=fitter.page.get_by_role("heading", name=label, exact=True)
        )
        assert why.locator(".need .no").count() >= 1
        complaints += fitter.complaints

    with sitting(browser, site, locale=locale, size="tablet") as checker:
        checker.sign_in(site.username("徐复查"))
        checker.follow(f"a[href='/hazards/{number}']")
        form = checker.form("pass")
        choose(form, {"on_site": True, "opinion": "整改到位，同意"})
        form.locator("input[name=photos]").set_input_files(photo("recheck.jpg"))
        assert checker.send(form) in (200, 303)
        assert stage(checker) == "4"
        complaints += checker.complaints

    with sitting(browser, site, locale=locale) as closer:
        closer.sign_in(site.username("孟安全"))
        closer.follow(f"a[href='/hazards/{number}']")
        form = closer.form("close")
        choose(form, {"opinion": "同意销号"})
        assert closer.send(form) in (200, 303)
        assert closer.page.locator("header.headline").inner_text().count(RECTIFIED[locale]) == 1
        assert stage(closer) == "5"
        complaints += closer.complaints

    with sitting(browser, site, locale=locale) as officer:
        officer.sign_in(site.username("唐监管"))
        officer.open(f"/hazards?q={number}")
        officer.follow(f"a[href='/hazards/{number}']")
        assert officer.page.locator("#evidence ~ *, .pairs [data-pair]").count() >= 2
        href = officer.page.locator("a[href$='closure.pdf']").first.get_attribute("href")
        assert href == f"/hazards/{number}/closure.pdf"
        file = wait_for(lambda: officer.page.request.get(site.url + str(href)), lambda a: a.status == 200)
        on_disk = tmp_path / f"{number}.pdf"
        on_disk.write_bytes(file.body())
        complaints += officer.complaints

    subprocess.run(["qpdf", "--check", str(on_disk)], check=True, capture_output=True)
    record = json.loads(PdfReader(on_disk).attachments["record.json"][0])
    assert faults(record) == []
    assert [e["data"]["action"] for e in record["events"]] == [
        "report",
        "assign",
        "accept",
        "progress",
        "submit",
        "pass",
        "close",
    ]
    pairs = [p for e in record["events"] for p in e["data"].get("evidence", []) if p.get("pair_of")]
    assert len({p["pair_of"] for p in pairs}) == 2
    assert complaints == []


def city_label(site: Site, action: str, locale: str) -> str:
    """What the workflow calls an action."""
    return site.application.rules.newest("general").actions[action].label.in_(locale)


def test_a_form_gone_stale_shows_the_conflict_and_keeps_what_was_typed(browser: "Browser", site: Site):
    hazard = site.city.bring_to(site.city.report("过期表单冲突样本"), "rectifying")
    choose_language(site, ["王班长"], "zh")
    with sitting(browser, site) as fitter:
        fitter.sign_in(site.username("王班长"))
        fitter.open(f"/hazards/{hazard.number}")
        form = fitter.form("progress")
        choose(form, {"percent": "40", "note": "填料已拆除"})
        site.city.act("何安全", hazard, "acknowledge")

        status = fitter.send(form)

        assert status == 409
        assert fitter.page.locator("#act [role=alert]").first.inner_text()
        again = fitter.form("progress")
        assert again.locator("[name=percent]").input_value() == "40"
        assert again.locator("[name=note]").input_value() == "填料已拆除"
        assert fitter.send(again) in (200, 303)
        assert site.city.actions(hazard)[-1] == "progress"
        assert fitter.complaints == []
