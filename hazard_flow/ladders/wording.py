"""What people call a limit and a step of it."""

from hazard_flow.i18n import known, text


def limit_name(name: str, locale: str) -> str:
    """The limit's name; one that no feature names any more is shown as it is."""
    key = f"ladders.limit.{name}"
    return text(key, locale) if known(key) else name
