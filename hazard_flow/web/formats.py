"""Instants, days and spans as people read them, in the organisation's zone. No request here: locale and zone are arguments."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from hazard_flow.i18n import text

_BABEL = {"zh": "zh_Hans_CN", "en": "en_GB"}


def instant_text(at: datetime, zone: ZoneInfo) -> str:
    """`2026-11-23 14:05`, in both languages: it sorts, it is short, nobody misreads it."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def day_text(on: date | datetime, zone: ZoneInfo) -> str:
    """`2026-11-23`; of an instant, the day in the organisation's zone."""
    day = on.astimezone(zone).date() if isinstance(on, datetime) else on
    return day.isoformat()


def weekday_text(on: date | datetime, locale: str, zone: ZoneInfo) -> str:
    """`11月23日星期一`, `Monday, 23 November`."""
    day = on.astimezone(zone).date() if isinstance(on, datetime) else on
    pattern = "M月d日EEEE" if locale == "zh" else "EEEE, d MMMM"
    return format_date(day, format=pattern, locale=_BABEL[locale])


def deadline_text(at: datetime, locale: str, zone: ZoneInfo, now: datetime) -> str:
    """`11月25日 24:00`, `25 Nov 24:00`: midnight is the end of the day before, as deadlines are said; the year where it differs."""
    local = at.astimezone(zone)
    is_end_of_day = local.time() == time(0)
    day = local.date() - timedelta(days=1) if is_end_of_day else local.date()
    hour = "24:00" if is_end_of_day else local.strftime("%H:%M")
    is_other_year = day.year != now.astimezone(zone).year
    patterns = {"zh": ("M月d日", "y年M月d日"), "en": ("d MMM", "d MMM y")}
    return f"{format_date(day, format=patterns[locale][is_other_year], locale=_BABEL[locale])} {hour}"


def duration_text(span: timedelta, locale: str) -> str:
    """The two largest units, rounded down: `3 d 4 h`, `45 min`; before or after is the caller's to say."""
    minutes = int(abs(span).total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    pieces = [("days", days), ("hours", hours), ("minutes", left)]
    while len(pieces) > 1 and pieces[0][1] == 0:
        pieces.pop(0)
    shown = [text(f"web.duration.{unit}", locale, n=n) for unit, n in pieces[:2] if n or len(pieces) == 1]
    return " ".join(shown)
