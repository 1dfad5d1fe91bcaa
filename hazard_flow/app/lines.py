"""Who speaks of which line of daily work."""

from zoneinfo import ZoneInfo

from hazard_flow.assessment.risk_line import risk_line
from hazard_flow.daily_work import figures as daily_work_figures
from hazard_flow.inspections import figures as rounds_figures
from hazard_flow.inspections.construction import figures as construction_figures
from hazard_flow.inspections.households import figures as household_figures
from hazard_flow.supervision import hazard_line
from hazard_flow.supervision.lines import Lines


def lines_of(zone: ZoneInfo) -> Lines:
    """Everybody who speaks of lines; where two speak of one, the first is heard."""
    return Lines(
        [
            hazard_line.figures,
            household_figures.figures,
            construction_figures.figures,
            daily_work_figures.figures,
            rounds_figures.figures,
            risk_line(zone),
        ]
    )
