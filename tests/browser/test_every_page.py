"""Every page of the desk in both languages, light and dark, at a desk and on a tablet: readable by everybody, quiet, nothing untranslated.

A sampled run visits a third of the pages (drawn anew each time) in Chinese by day, some on the tablet and some at the desk, and a few in
each other look; a run that is not sampled visits all. With SHOTS_DIR set, a picture of each is left there for people to look at, and every
combination is visited.
"""

import itertools
import os
import random
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import pytest

from hazard_flow.hazards.models import Hazard
from hazard_flow.web.help import CHAPTERS
from tests.harness import oversight
from tests.harness.assets import registered, supplied
from tests.harness.browser import violations
from tests.harness.city import City
from tests.harness.desk import Desk, choose_language, sitting
from tests.harness.figures import figure_views
from tests.harness.local_rules import local_rules
from tests.harness.owing import owe
from tests.harness.questions_scene import questions_views
from tests.harness.radar_scene import radar_views
from tests.harness.site import Site
from tests.harness.waiting import wait_for
from tests.harness.work_views import work_views

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOTS = os.environ.get("SHOTS_DIR")
STATES = ("assigned", "rectifying", "submitted", "verified", "closed")
EVERYBODY = ["郑巡检", "何安全", "唐监管", "李巡检", "王班长", "赵经理", "韩总", "梁处长", "陈处长", "钱管理", "顾管理"]  # fmt: skip


class View(NamedTuple):
    """A page, who looks at it, and the status it answers with."""

    name: str
    path: str
    who: str | None
    status: int = 200


class Look(NamedTuple):
    """How it is looked at."""

    locale: Literal["zh", "en"]
    theme: Literal["light", "dark"]
    size: Literal["desk", "tablet"]


LOOKS = [Look(*one) for one in itertools.product(("zh", "en"), ("light", "dark"), ("desk", "tablet"))]  # type: ignore[arg-type]
#: of all pages, those a sampled run visits
SHARE = 1 / 3
#: sampled pages of each look but Chinese by day
SAMPLE = 3
#: a key of a sentence instead of the sentence
KEY = re.compile(
    r"(?<!hazard_flow\.)\b(?:web|hazards|people|assets|supply|alarm_desk|audits|timers|reports|public_reports|map|tablets|tls|telemetry"
    r"|notifications|rulebook|catalogue|import|drills|watch|notice"
    r"|risk|radar|questions|accidents|supervision|ladders|rounds|households|construction|daily_work|posts|checks|spots|figures|overview|error|field_error|refusal|guard|workflow)\.(?!(?:svg|csv)\b)[a-z_]+(?:\.[a-z_]+)*\b"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def views(small_site: Site) -> list[View]:
    """All pages of a city in which something has happened."""
    city = small_site.city
    local_rules(small_site.database)
    numbers = {"reported": city.report("阀井漏气，读数偏高", asset="VW-1").number}
    for state in STATES:
        numbers[state] = city.bring_to(city.report(f"调压箱锈蚀，门锁损坏（{state}）"), state).number
    numbers["major"] = city.report("管线上方违章建筑占压", major=True).number
    way = _on_the_way(city)
    owed = owe(city, uuid.uuid4(), hours=6)
    officer = small_site.client("唐监管")
    wait_for(
        lambda: officer.get(f"/api/v1/hazards/{numbers['closed']}/closure.pdf"), lambda a: a.status == 200
    )
    return [
        View("sign-in", "/sign-in", None),
        *(View(*one) for one in work_views(city)),
        *(View(*one) for one in figure_views(city)),
        *(View(*one) for one in radar_views(city)),
        *(View(*one) for one in questions_views(city)),
        View("work-inspector", "/", "李巡检"),
        View("work-responsible", "/", "王班长"),
        View("work-director", "/", "何安全"),
        View("work-officer", "/", "唐监管"),
        View("list", "/hazards", "何安全"),
        View("list-filtered", "/hazards?stage=closed&q=nothing", "何安全"),
        View("board", "/hazards/board", "何安全"),
        View("report", "/hazards/new", "李巡检"),
        *(View(f"hazard-{state}", f"/hazards/{number}", "何安全") for state, number in numbers.items()),
        View("hazard-rectifying-responsible", f"/hazards/{numbers['rectifying']}", "王班长"),
        View("hazard-submitted-responsible", f"/hazards/{numbers['submitted']}", "王班长"),
        *(View(f"way-{name}", f"/hazards/{hazard.number}", who) for (name, who), hazard in way.items()),
        View("report-protected", "/hazards/new/protected", "李巡检"),
        View("report-relapse", f"/hazards/new?reopen_of={numbers['closed']}", "李巡检"),
        View("list-marks", "/hazards?open=1&flag=control", "何安全"),
        View("list-protected", "/hazards?protected=1", "唐监管"),
        View("work-principal", "/", "韩总"),
        View(
            "bulk-assign",
            f"/hazards/bulk?action=assign&number={numbers['reported']}&number={numbers['assigned']}",
            "何安全",
        ),
        View("bulk-nothing-left", f"/hazards/bulk?action=assign&number={numbers['closed']}", "何安全"),
        View("inbox", "/inbox", "何安全"),
        *(View(f"help-{one}", f"/help/{one}", None) for one in CHAPTERS),
        View("help-workflows", "/help/workflows", "何安全"),
        View("help-workflow-general", "/help/workflows/general", "何安全"),
        View("help-workflow-major", "/help/workflows/major", "李巡检"),
        View("help-workflow-unseen", "/help/workflows/general", "钱管理"),
        View("workflows", "/workflows", "何安全"),
        View("workflows-administrator", "/workflows", "钱管理"),
        View("replay", "/workflows/replay?from=general.v1", "何安全"),
        View("list-by-state", "/hazards?workflow=general.v1&state=submitted&open=1", "何安全"),
        View("people", "/people", "钱管理"),
        View("catalogue", "/catalogue", "李巡检"),
        View("catalogue-nothing", "/catalogue?q=nothing", "何安全"),
        View("catalogue-row", "/catalogue/RES-M01", "李巡检"),
        View("catalogue-local", "/catalogue/PIP-G51", "顾管理"),
        View("policy", "/policy", "何安全"),
        View("policy-elsewhere", "/policy?division=310105&on=2026-11-02", "唐监管"),
        View("policy-key", "/policy/extension_apply_before?division=990102", "何安全"),
        View("calendar", "/calendar?year=2026", "李巡检"),
        View("calendar-provisional", "/calendar?year=2027", "何安全"),
        View("rules-import", "/rules/import?kind=calendar", "顾管理"),
        View("rules-import-refused", "/rules/import", "钱管理", 403),
        View("parked", "/timers/parked", "唐监管"),
        View("status", "/status", "唐监管"),
        View("undelivered", "/notices/undelivered", "唐监管"),
        View("errands", "/errands", "何安全"),
        View("alarms-none", "/alarms", "何安全"),
        View("alarms-performance-none", "/alarms/performance", "何安全"),
        View("alarm-rules", "/telemetry/rules", "何安全"),
        View("sources", "/sources", "钱管理"),
        View("quarantine-empty", "/quarantine", "钱管理"),
        View("devices", "/devices", "何安全"),
        View("devices-map", "/devices/map", "何安全"),
        View("device-new", "/devices/new", "何安全"),
        View("limits-none", "/limits", "孙巡检"),
        View("limits", "/limits", "王班长"),
        View("limit", f"/limits/{owed.id}", "王班长"),
        *assets_views(small_site),
        View("map", "/map", "何安全"),
        View("map-ground", "/map/ground", "顾管理"),
        View("public-reports-none", "/public-reports", "何安全"),
        View("street", "/r", None),
        View("street-state", "/r/state", None),
        View("tablets-none", "/tablets", "赵经理"),
        *(View(name, f"/tablets/{id_}", "何安全") for name, id_ in _tablets(small_site).items()),
        View("tablets", "/tablets", "何安全"),
        View("risk-none", "/risk", "何安全"),
        View("risk-tasks-none", "/risk/tasks", "唐监管"),
        View("risk-distribution-none", "/risk/distribution", "李巡检"),
        View("tls", "/tls", None),
        View("alarms-forbidden", "/alarms", "李巡检", 403),
        View("audits", "/audits", "唐监管"),
        View("audits-nothing", "/audits?q=nothing", "卢主任"),
        View("audit", f"/audits/{_audit(small_site, numbers['closed'])}", "唐监管"),
        View("audits-done", "/audits/done", "唐监管"),
        View("audit-plans", "/audits/plans", "唐监管"),
        View("audit-exports", "/audits/exports", "唐监管"),
        View("drills", "/drills", "唐监管"),
        View("drill", f"/drills/{_drill(small_site)}", "唐监管"),
        View("verify", f"/verify/{_document(small_site)}", None),
        View("verify-unknown", "/verify/" + "0" * 24, None, 404),
        *(View(name, path, who) for name, (path, who) in oversight.scene(city).items()),
        View("error-404", "/hazards/YH-000000-20200101-0001", "何安全", 404),
        View("error-403", "/people", "何安全", 403),
        View("error-400", "/hazards?stage=nonsense", "何安全", 400),
    ]


def assets_views(site: Site) -> list[View]:
    """The register and what belongs to it."""
    shown = registered(site)
    supplied(site)
    return [
        View("assets", "/assets", "何安全"),
        View("assets-nothing", "/assets?q=nothing", "何安全"),
        View("assets-users", "/assets?kind=user", "唐监管"),
        *(View(f"asset-{name}", f"/assets/{id_}", "何安全") for name, id_ in shown.items()),
        View("asset-user-seen-by-others", f"/assets/{shown['user']}", "郑巡检"),
        View("asset-kinds", "/assets/new", "何安全"),
        View("asset-new", "/assets/new?kind=user", "何安全"),
        View("asset-edit", f"/assets/{shown['pipe']}/edit", "何安全"),
        View("asset-labels", "/assets/labels", "何安全"),
        View("asset-import", "/assets/import", "何安全"),
        View("supply", "/supply", "何安全"),
        View("supply-of-all", "/supply", "唐监管"),
    ]


def _tablets(site: Site) -> dict[str, str]:
    """One that is fine, and one whose clock is off and that was lost with something on it; and the way to trust the server."""
    from datetime import UTC, datetime, timedelta

    from hazard_flow.offline.tablets.operations import mark_lost
    from hazard_flow.storage.scope import SYSTEM
    from hazard_flow.web.tls.authority import make
    from hazard_flow.web.tls.naming import read

    now = datetime.now(UTC)
    make(site.folder / "tls", read(["gas-server"]), now=now)
    found = {"tablet": str(uuid.uuid4()), "tablet-lost": str(uuid.uuid4())}
    for id_, unsent, ahead in ((found["tablet"], "0", 0), (found["tablet-lost"], "3", 400)):
        headers = {
            "X-HF-Tablet": id_,
            "X-HF-Unsent": unsent,
            "X-HF-Device-At": (now + timedelta(seconds=ahead)).isoformat(),
        }
        told = site.client("孟安全").send("POST", "/api/v1/field/contact", headers=headers)
        assert told.status == 200, told.body
    with site.database.transaction(SYSTEM) as session:
        mark_lost(session, site.city.actor("何安全"), uuid.UUID(found["tablet-lost"]), now=now)
    return found


def _audit(site: Site, number: str) -> str:
    """A file somebody has taken."""
    taken = site.client("唐监管").post("/api/v1/audits", {"number": number})
    assert taken.status == 201, taken.body
    return str(taken.json["id"])


def _drill(site: Site) -> str:
    """A drill of one team, filed as the command files it."""
    from hazard_flow.drills import operations
    from hazard_flow.drills.holding import hold
    from hazard_flow.notifications.dispatch import post_of
    from hazard_flow.storage.scope import SYSTEM

    settings, now = site.application.settings, site.application.clock.now()
    rungs = hold(site.database, post_of(settings), now, within=site.city.founded.paths["运行一班"])
    with site.database.transaction(SYSTEM) as session:
        return operations.file_record(
            session,
            rungs,
            actor="operator:root",
            started_at=now,
            finished_at=now,
            sent=True,
            zone=settings.zone,
        ).number


def _on_the_way(city: City) -> dict[tuple[str, str], Hazard]:
    """Hazards with something open beside their state, each by what it shows and who looks."""
    asked = city.bring_to(
        city.report("阀井渗水，井圈开裂", asset="VW-1", catalogue_code="VLV-G03"), "rectifying"
    )
    city.control(asked)
    city.request_extension(asked)
    blocked = city.bring_to(city.report("调压箱基础下沉，须占道施工"), "rectifying")
    city.control(blocked)
    city.suspend(blocked)
    listed = city.bring_to(city.report("中压管线上方违章建筑占压", major=True), "rectifying")
    city.report_regulator(listed)
    city.submit_plan(listed)
    city.list_(listed)
    city.request_transfer(listed)
    signed = city.bring_to(city.report("管廊内燃气管线无报警装置", major=True), "submitted")
    city.verify(signed, by="唐监管")
    household = city.household()
    city.record_absence(household)
    city.stop_gas(household)
    protected = city.report_protected()
    taken_up = city.report_protected("巡线记录造假，多处未到现场")
    city.take_up(taken_up)
    split = city.bring_to(city.report("阀井两处毛病"), "assigned")
    city.split(split)
    city.merge(city.report("同一阀井又报一次"), split)
    return {
        ("extension", "王班长"): asked,
        ("extension-decided-by", "何安全"): asked,
        ("blocked", "何安全"): blocked,
        ("listed", "何安全"): listed,
        ("listed-manager", "赵经理"): listed,
        ("listed-principal", "韩总"): listed,
        ("listed-officer", "唐监管"): listed,
        ("signed", "梁处长"): signed,
        ("household", "李巡检"): household,
        ("protected", "唐监管"): protected,
        ("protected-own", "李巡检"): protected,
        ("protected-taken-up", "何安全"): taken_up,
        ("related", "何安全"): split,
    }


def _document(site: Site) -> str:
    import sqlalchemy as sa

    from hazard_flow.reports.models import Document
    from hazard_flow.storage.scope import SYSTEM

    with site.database.reading(SYSTEM) as session:
        return str(session.scalars(sa.select(Document.name).order_by(Document.issued_at)).first())


@pytest.fixture(scope="module")
def seats(browser: "Browser", small_site: Site) -> dict[str, Any]:
    """The cookies of everybody who looks, signed in once."""
    found: dict[str, Any] = {}
    for name in EVERYBODY:
        with sitting(browser, small_site) as desk:
            desk.sign_in(small_site.username(name))
            found[name] = desk.page.context.storage_state()
    return found


@pytest.fixture(scope="module")
def by_size(views: list[View], request: pytest.FixtureRequest) -> dict[str, list[View]]:
    """The pages visited on the tablet and those visited at the desk, each page at most once."""
    share = SHARE if request.config.getoption("sampled") else 1
    drawn = random.sample(views, int(len(views) * share))
    half = len(drawn) // 2
    return {"tablet": drawn[:half], "desk": drawn[half:]}


def chosen(views: list[View], by_size: dict[str, list[View]], look: Look) -> list[View]:
    """The pages a run visits in this look."""
    if SHOTS:
        return views
    if (look.locale, look.theme) != ("zh", "light"):
        return random.sample(views, SAMPLE)
    return by_size[look.size]


@pytest.mark.always
@pytest.mark.timeout(600)
@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_pages_can_be_read_by_everybody(
    browser: "Browser",
    small_site: Site,
    views: list[View],
    by_size: dict[str, list[View]],
    seats: dict[str, Any],
    look: Look,
):
    choose_language(small_site, EVERYBODY, look.locale)
    faults: list[str] = []
    pages = chosen(views, by_size, look)
    for who in sorted({view.who or "" for view in pages}):
        with sitting(browser, small_site, **look._asdict(), storage=seats.get(who)) as desk:
            for view in (v for v in pages if (v.who or "") == who):
                faults += [f"{view.name}: {fault}" for fault in seen(desk, view, look)]
    assert faults == []


def seen(desk: Desk, view: View, look: Look) -> list[str]:
    """What is wrong with a page as it stands in the browser."""
    desk.complaints.clear()
    status = desk.open(view.path)
    page = desk.page
    faults = [f"status {status}"] if status != view.status else []
    faults += [f"{v['rule']} ({v['impact']}) {v['where'][:3]}" for v in violations(page)]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        faults.append(f"{wide} px too wide")
    text = cast("str", page.locator("body").inner_text())
    faults += [f"untranslated {key}" for key in set(KEY.findall(text))]
    if page.locator("html").get_attribute("lang") != ("zh-CN" if look.locale == "zh" else "en"):
        faults.append("another language")
    # a record is named by what its writer called it; what is ours speaks the reader's language
    title = page.title()
    own_words = next(iter(page.locator("h1").all_inner_texts()), "")
    if not title or (look.locale == "en" and CHINESE.search(title.replace(own_words, ""))):
        faults.append(f"title {title!r}")
    faults += desk.complaints
    if SHOTS:
        folder = Path(SHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{view.name}.{'.'.join(look)}.png", full_page=True)
    return faults
