"""The web of an application: its features' pages, what they show of each other, and the rail."""

from flask import Flask

from hazard_flow.accidents import api as accidents_api
from hazard_flow.accidents import pages as accidents_pages
from hazard_flow.accidents.lessons import FollowUp
from hazard_flow.app.application import Application
from hazard_flow.app.following import follow_up
from hazard_flow.app.kinds import file_kinds
from hazard_flow.app.lines import lines_of
from hazard_flow.app.rail import register_rail
from hazard_flow.app.work import Worker
from hazard_flow.assessment import pages as assessment_pages
from hazard_flow.assessment.indicators import api as figures_api
from hazard_flow.assessment.indicators import pages as figures_pages
from hazard_flow.assessment.overview import pages as overview_pages
from hazard_flow.assessment.questions import api as questions_api
from hazard_flow.assessment.questions import pages as questions_pages
from hazard_flow.assessment.radar import api as radar_api
from hazard_flow.assessment.radar import pages as radar_pages
from hazard_flow.assets import api as assets_api
from hazard_flow.assets import pages as assets_pages
from hazard_flow.assets.importing import pages as assets_import_pages
from hazard_flow.assets.map import api as map_api
from hazard_flow.assets.map import pages as map_pages
from hazard_flow.assets.map.layers import Layers
from hazard_flow.assets.map.own_layers import own_layers
from hazard_flow.assets.supply import api as supply_api
from hazard_flow.assets.supply import pages as supply_pages
from hazard_flow.audits import api as audits_api
from hazard_flow.audits import pages as audits_pages
from hazard_flow.audits import providers as audit_providers
from hazard_flow.audits.samples import pages as samples_pages
from hazard_flow.audits.seams import Seams
from hazard_flow.catalogue import pages as catalogue_pages
from hazard_flow.daily_work import api as daily_work_api
from hazard_flow.daily_work import pages as daily_work_pages
from hazard_flow.daily_work.duty import pages as daily_work_duty_pages
from hazard_flow.daily_work.exchanging import pages as daily_work_exchanging_pages
from hazard_flow.daily_work.posts import pages as posts_pages
from hazard_flow.daily_work.recording import pages as daily_work_recording_pages
from hazard_flow.drills import pages as drills_pages
from hazard_flow.evidence.store import Store
from hazard_flow.exchange.kinds import Kinds
from hazard_flow.hazards import api as hazards_api
from hazard_flow.hazards import map_layer as hazards_map
from hazard_flow.hazards import pages as hazards_pages
from hazard_flow.hazards.many import pages as many_pages
from hazard_flow.hazards.originality import api as originality_api
from hazard_flow.inspections import api as rounds_api
from hazard_flow.inspections import map_layer as tracks_map
from hazard_flow.inspections import pages as rounds_pages
from hazard_flow.inspections.construction import api as construction_api
from hazard_flow.inspections.construction import pages as construction_pages
from hazard_flow.inspections.households import api as households_api
from hazard_flow.inspections.households import pages as households_pages
from hazard_flow.inspections.households.batches import pages as household_batches_pages
from hazard_flow.inspections.households.visits import pages as household_visits_pages
from hazard_flow.inspections.panels import pages as rounds_pieces
from hazard_flow.inspections.plans import pages as round_plans_pages
from hazard_flow.ladders import pages as ladders_pages
from hazard_flow.notifications import pages as notifications_pages
from hazard_flow.offline.bundle import api as bundle_api
from hazard_flow.offline.shell import pages as field_pages
from hazard_flow.offline.submissions import api as submissions_api
from hazard_flow.offline.submissions import pages as submissions_pages
from hazard_flow.offline.submissions.api import ContactBook
from hazard_flow.offline.tablets import api as tablets_api
from hazard_flow.offline.tablets import pages as tablets_pages
from hazard_flow.offline.tablets.operations import note_contact
from hazard_flow.offline.tablets.seams import FieldApp
from hazard_flow.people import api as people_api
from hazard_flow.people import pages as people_pages
from hazard_flow.people.session import api as session_api
from hazard_flow.public_reports import pages as public_pages
from hazard_flow.public_reports.front import pages as public_front
from hazard_flow.reports import api as reports_api
from hazard_flow.reports import pages as reports_pages
from hazard_flow.reports.ledger import api as ledger_api
from hazard_flow.reports.ledger import pages as ledger_pages
from hazard_flow.risk import api as risk_api
from hazard_flow.risk import map_layer as risk_map
from hazard_flow.risk import pages as risk_pages
from hazard_flow.risk.area import pages as risk_area_pages
from hazard_flow.risk.tasks import pages as risk_tasks_pages
from hazard_flow.rulebook import pages as rulebook_pages
from hazard_flow.supervision import api as supervision_api
from hazard_flow.supervision import pages as supervision_pages
from hazard_flow.supervision.checks import pages as checks_pages
from hazard_flow.supervision.lines import Lines
from hazard_flow.supervision.spots import pages as spots_pages
from hazard_flow.supervision.spots.daily_records import ROUNDS, VISITS
from hazard_flow.supervision.spots.records import HAZARDS, Records
from hazard_flow.supervision.tasks import pages as supervision_tasks_pages
from hazard_flow.telemetry import api as telemetry_api
from hazard_flow.telemetry import map_layer as alarms_map
from hazard_flow.telemetry import pages as telemetry_pages
from hazard_flow.telemetry.desk import api as desk_api
from hazard_flow.telemetry.desk import pages as desk_pages
from hazard_flow.telemetry.devices import api as devices_api
from hazard_flow.telemetry.devices import jobs as devices_jobs
from hazard_flow.telemetry.devices import pages as devices_pages
from hazard_flow.telemetry.quarantine import api as quarantine_api
from hazard_flow.telemetry.quarantine import pages as quarantine_pages
from hazard_flow.telemetry.ruling import pages as ruling_pages
from hazard_flow.telemetry.senders import pages as senders_pages
from hazard_flow.timers import pages as timers_pages
from hazard_flow.watching import make_checks
from hazard_flow.web.context import Kernel, ManualPage
from hazard_flow.web.live import pages as live_pages
from hazard_flow.web.live.hub import Hub
from hazard_flow.web.live.topics import Topics
from hazard_flow.web.shell import make_web

#: what other features say to the audit desk
AUDIT_SEAMS = Seams(flags=audit_providers.flags, proof=audit_providers.proof_of)


def create_web(application: Application, worker: Worker | None = None) -> Flask:
    """The Flask application; a worker in the same process is watched as well."""
    kernel = Kernel(
        settings=application.settings,
        database=application.database,
        clock=application.clock,
        parts={
            Store: application.store,
            Kinds: file_kinds(application.rules),
            Seams: AUDIT_SEAMS,
            FieldApp: FieldApp(version=field_pages.offered),
            ContactBook: ContactBook(note=note_contact),
            Hub: Hub(application.database, live_topics()),
            Lines: lines_of(application.settings.zone),
            Records: Records({one.kind: one for one in (HAZARDS, ROUNDS, VISITS)}),
            FollowUp: FollowUp(follow_up),
            Layers: map_layers(),
            map_api.Kept: map_api.Kept(),
        },
        checks=make_checks(application.settings, worker.loop if worker else None),
        is_demo=application.is_demo,
        demo_accounts=application.demo_accounts,
    )
    register_rail(kernel.navigation)
    _register_pieces(kernel)
    return make_web(
        kernel,
        (
            people_pages.blueprint,
            people_api.blueprint,
            session_api.blueprint,
            many_pages.blueprint,
            hazards_pages.blueprint,
            hazards_api.blueprint,
            originality_api.blueprint,
            submissions_api.blueprint,
            submissions_pages.blueprint,
            assets_api.blueprint,
            map_pages.blueprint,
            public_pages.blueprint,
            public_front.blueprint,
            map_api.blueprint,
            assets_import_pages.blueprint,
            assets_pages.blueprint,
            supply_pages.blueprint,
            supply_api.blueprint,
            catalogue_pages.blueprint,
            telemetry_api.blueprint,
            ruling_pages.blueprint,
            devices_pages.blueprint,
            devices_api.blueprint,
            live_pages.blueprint,
            quarantine_pages.blueprint,
            quarantine_api.blueprint,
            senders_pages.blueprint,
            desk_pages.blueprint,
            ladders_pages.blueprint,
            households_pages.blueprint,
            household_batches_pages.blueprint,
            household_visits_pages.blueprint,
            households_api.blueprint,
            construction_pages.blueprint,
            construction_api.blueprint,
            round_plans_pages.blueprint,
            rounds_pages.blueprint,
            rounds_api.blueprint,
            desk_api.blueprint,
            notifications_pages.blueprint,
            reports_pages.blueprint,
            timers_pages.blueprint,
            drills_pages.blueprint,
            audits_pages.blueprint,
            samples_pages.blueprint,
            audits_api.blueprint,
            rulebook_pages.blueprint,
            reports_api.blueprint,
            ledger_pages.blueprint,
            ledger_api.blueprint,
            field_pages.blueprint,
            bundle_api.blueprint,
            tablets_api.blueprint,
            tablets_pages.blueprint,
            accidents_pages.blueprint,
            accidents_api.blueprint,
            supervision_pages.blueprint,
            supervision_tasks_pages.blueprint,
            checks_pages.blueprint,
            spots_pages.blueprint,
            supervision_api.blueprint,
            risk_pages.blueprint,
            risk_area_pages.blueprint,
            assessment_pages.blueprint,
            figures_pages.blueprint,
            overview_pages.blueprint,
            figures_api.blueprint,
            radar_pages.blueprint,
            questions_pages.blueprint,
            questions_api.blueprint,
            radar_api.blueprint,
            risk_tasks_pages.blueprint,
            risk_api.blueprint,
            daily_work_pages.blueprint,
            daily_work_recording_pages.blueprint,
            daily_work_exchanging_pages.blueprint,
            daily_work_duty_pages.blueprint,
            daily_work_api.blueprint,
            posts_pages.blueprint,
        ),
    )


def map_layers() -> Layers:
    """What the map can show here."""
    layers = Layers()
    for layer in (
        *own_layers(),
        hazards_map.layer(),
        alarms_map.layer(),
        risk_map.risk_layer(),
        tracks_map.layer(),
    ):
        layers.register(layer)
    return layers


def live_topics() -> Topics:
    """What live pages can follow here."""
    topics = Topics()
    topics.register(devices_jobs.LIVE)
    return topics


def _register_pieces(kernel: Kernel) -> None:
    kernel.panels.register("home", 20, devices_pages.home_tile)
    kernel.panels.register("home", 18, risk_area_pages.home_tile)
    kernel.panels.register("asset", 10, risk_area_pages.asset_panel)
    kernel.panels.register("risk", 10, assessment_pages.risk_panel)
    kernel.panels.register("asset", 10, hazards_pages.asset_panel)
    kernel.panels.register("hazard", 5, submissions_pages.hazard_panel)
    kernel.panels.register("home", 15, tablets_pages.home_tile)
    kernel.panels.register("home", 12, ladders_pages.home_tile)
    kernel.panels.register("asset", 30, households_pages.asset_panel)
    kernel.panels.register("asset", 31, construction_pages.asset_panel)
    kernel.panels.register("hazard", 8, hazards_pages.same_finding_panel)
    kernel.panels.register("hazard", 21, public_pages.hazard_panel)
    kernel.panels.register("home", 13, daily_work_pages.home_tile)
    kernel.panels.register("home", 11, rounds_pieces.home_tile)
    kernel.panels.register("hazard", 19, rounds_pieces.hazard_panel)
    kernel.panels.register("asset", 20, rounds_pieces.asset_panel)
    kernel.panels.register("hazard", 20, telemetry_pages.hazard_panel)
    kernel.panels.register("hazard", 22, desk_pages.hazard_panel)
    kernel.panels.register("hazard", 30, reports_pages.papers_panel)
    kernel.panels.register("hazard", 35, audits_pages.hazard_panel)
    kernel.panels.register("overview", 10, audits_pages.overview_piece)
    kernel.panels.register("hazard.foot", 40, notifications_pages.deliveries_panel)
    kernel.panels.register("home", 60, quarantine_pages.home_tile)
    kernel.panels.register("hazard", 37, spots_pages.hazard_panel)
    kernel.panels.register("hazard", 38, accidents_pages.hazard_panel)
    kernel.panels.register("round", 10, spots_pages.round_panel)
    kernel.panels.register("household_visit", 10, spots_pages.visit_panel)
    kernel.panels.register("asset", 60, spots_pages.asset_panel)
    kernel.panels.register("asset", 61, accidents_pages.asset_panel)
    kernel.panels.register("home", 14, supervision_pages.home_tile)
    kernel.panels.register_notices(notifications_pages.waiting)
    kernel.manual.append(ManualPage("workflows", "/help/workflows", "rulebook.help"))
