"""The rail: which pages have an entry of their own, and which stand as tabs under another."""

from hazard_flow.accidents import pages as accidents_pages
from hazard_flow.assets import pages as assets_pages
from hazard_flow.assets.map import pages as map_pages
from hazard_flow.assets.supply import pages as supply_pages
from hazard_flow.audits import pages as audits_pages
from hazard_flow.inspections.panels import pages as rounds_pieces
from hazard_flow.ladders import pages as ladders_pages
from hazard_flow.notifications import pages as notifications_pages
from hazard_flow.offline.submissions import pages as submissions_pages
from hazard_flow.offline.tablets import pages as tablets_pages
from hazard_flow.public_reports import pages as public_pages
from hazard_flow.risk.area import pages as risk_area_pages
from hazard_flow.supervision.tasks import pages as supervision_tasks_pages
from hazard_flow.telemetry.desk import pages as desk_pages
from hazard_flow.telemetry.devices import pages as devices_pages
from hazard_flow.telemetry.quarantine import pages as quarantine_pages
from hazard_flow.timers import pages as timers_pages
from hazard_flow.web.panels import Count, Navigation

#: an icon a tab needs and nobody sees
_TAB = "point"


def register_rail(rail: Navigation) -> None:
    """Every entry, in order; eighteen at most stand below each other for whoever may see everything."""
    _hazards(rail)
    _daily(rail)
    _inbox(rail)
    _oversight(rail)
    _foot(rail)


def _hazards(rail: Navigation) -> None:
    read, figures = "hazards.read", "assessment.read"
    rail.register(
        "figures", href="/overview", icon="layout-dashboard", label="overview.nav", order=5, right=figures
    )
    _tab(rail, "figures", "scorecards", "/scorecards", "figures.nav", 0, right=figures)
    rail.register("work", href="/", icon="home", label="web.nav.work", order=10, right=read)
    rail.register(
        "board", href="/hazards/board", icon="layout-kanban", label="web.nav.board", order=20, right=read
    )
    rail.register("map", href="/map", icon="map-2", label="map.nav", order=25, right=map_pages.READ)
    rail.register("list", href="/hazards", icon="table", label="web.nav.list", order=30, right=read)
    _tab(rail, "list", "questions", "/questions", "questions.nav", 0, right=read)
    rail.register(
        "alarms", href="/alarms", icon="bell-ringing", label="alarm_desk.nav", order=35, right="alarms.read", count=desk_pages.waiting
    )  # fmt: skip
    rail.register(
        "report", href="/hazards/new", icon="camera-plus", label="web.nav.report", order=40, right="hazards.report"
    )  # fmt: skip


def _daily(rail: Navigation) -> None:
    rail.register(
        "rounds", href="/rounds", icon="checklist", label="rounds.nav", order=41, right="rounds.read", count=rounds_pieces.owed
    )  # fmt: skip
    for order, (key, href, label, right) in enumerate((
        ("households", "/households", "households.nav", "assets.read"),
        ("construction", "/construction", "construction.nav", "assets.read"),
        ("daily_work", "/work", "daily_work.nav", "work.read"),
        ("roster", "/work/duty/roster", "daily_work.duty.title", "work.read"),
        ("posts", "/posts", "posts.nav", "work.read"),
    )):  # fmt: skip
        _tab(rail, "rounds", key, href, label, order, right=right)
    rail.register(
        "assets", href="/assets", icon="stack-2", label="assets.nav", order=42, right=assets_pages.READ
    )
    _tab(rail, "assets", "supply", "/supply", "supply.title", 0, right=supply_pages.READ)
    rail.register(
        "devices", href="/devices", icon="access-point", label="devices.nav", order=45, right=devices_pages.READ,
        count=devices_pages.in_trouble,
    )  # fmt: skip
    rail.register(
        "risk", href="/risk", icon="shield-half", label="risk.nav", order=46, right="risk.read", count=risk_area_pages.due_count
    )  # fmt: skip


def _inbox(rail: Navigation) -> None:
    rail.register(
        "inbox", href="/inbox", icon="inbox", label="web.nav.inbox", order=50, count=notifications_pages.unread
    )  # fmt: skip
    _tab(
        rail,
        "inbox",
        "limits",
        "/limits",
        "ladders.nav",
        0,
        right="hazards.read",
        count=ladders_pages.late_ones,
    )
    _tab(
        rail, "inbox", "public_reports", "/public-reports", "public_reports.nav", 1, right=public_pages.READ,
        count=public_pages.waiting,
    )  # fmt: skip
    _tab(
        rail, "inbox", "submissions", "/submissions", "submissions.nav", 2, right="hazards.read",
        count=submissions_pages.waiting,
    )  # fmt: skip
    _tab(
        rail, "inbox", "errands", "/errands", "notice.errands.nav", 3, right="errands.do",
        count=notifications_pages.errands_open,
    )  # fmt: skip


def _oversight(rail: Navigation) -> None:
    rail.register(
        "audits", href="/audits", icon="file-certificate", label="audits.nav", order=57, right="audits.read",
        count=audits_pages.in_hand,
    )  # fmt: skip
    _tab(rail, "audits", "audit_plans", "/audits/plans", "audits.plans.title", 0, right="audits.read")
    _tab(rail, "audits", "audit_exports", "/audits/exports", "audits.exports.title", 1, right="audits.read")
    rail.register(
        "supervision", href="/supervision", icon="building-factory-2", label="supervision.nav", order=58, right="supervision.read"
    )  # fmt: skip
    for order, (word, count) in enumerate(
        (("tasks", supervision_tasks_pages.waiting), ("checks", None), ("spots", None))
    ):
        _tab(
            rail, "supervision", f"supervision_{word}", f"/supervision/{word}", f"supervision.{word}", order,
            right="supervision.read", count=count,
        )  # fmt: skip
    _tab(rail, "supervision", "radar", "/radar", "radar.nav", 3, right="radar.read")
    rail.register(
        "accidents", href="/accidents", icon="alert-octagon", label="accidents.nav", order=59, right="accidents.read",
        count=accidents_pages.open_ones,
    )  # fmt: skip
    rail.register("people", href="/people", icon="users", label="people.nav", order=60, right="people.write")
    rail.register("rules", href="/catalogue", icon="scale", label="catalogue.nav", order=70)
    _tab(rail, "rules", "workflows", "/workflows", "rulebook.nav", 0, right="workflows.read")
    _tab(rail, "rules", "alarm_rules", "/telemetry/rules", "telemetry.rules.title", 1, right="workflows.read")


def _foot(rail: Navigation) -> None:
    rail.register(
        "status", href="/status", icon="shield-check", label="web.status.nav", order=80, right="status.read", at_foot=True
    )  # fmt: skip
    for order, (key, href, label, right, count) in enumerate((
        ("parked", "/timers/parked", "timers.parked.title", "deadletters.read", timers_pages.waiting),
        ("undelivered", "/notices/undelivered", "notice.undelivered.title", "deadletters.read", notifications_pages.dead),
        ("quarantine", "/quarantine", "quarantine.title", "quarantine.read", quarantine_pages.waiting),
        ("sources", "/sources", "senders.title", "sources.write", None),
        ("drills", "/drills", "drills.title", "drills.read", None),
        ("ledger", "/ledger", "ledger.page.title", "status.read", None),
        ("tablets", "/tablets", "tablets.title", "tablets.read", tablets_pages.in_trouble),
    )):  # fmt: skip
        _tab(rail, "status", key, href, label, order, right=right, count=count)
    rail.register("help", href="/help/", icon="help-circle", label="web.nav.help", order=90, at_foot=True)


def _tab(
    rail: Navigation,
    under: str,
    key: str,
    href: str,
    label: str,
    order: int,
    *,
    right: str,
    count: Count | None = None,
) -> None:
    rail.register(key, href=href, icon=_TAB, label=label, order=order, right=right, count=count, under=under)
