"""Report templates: a folder with report.yaml, template.html and theme.css, filled by a sandboxed Jinja. No WeasyPrint here.

What people typed arrives as data, never as template: `{{7*7}}` in a title is printed as it stands. Values are JSON values; an instant is
an ISO string, a text in both languages a mapping with zh and en.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from hazard_flow.i18n import Label

BASE = "_base"


@dataclass(frozen=True)
class Template:
    """One kind of report, as its report.yaml says."""

    key: str
    version: int
    name: Label
    #: PDF profile WeasyPrint writes, e.g. pdf/a-3a
    variant: str
    folder: Path
    #: a style sheet of `_base` between the common one and its own, e.g. `paper`
    look: str | None = None

    @property
    def stylesheets(self) -> tuple[str, ...]:
        """The style sheets in the order they apply."""
        base = self.folder.parent / BASE
        shared = [base / "base.css"] + ([base / f"{self.look}.css"] if self.look else [])
        return tuple(path.read_text("utf-8") for path in (*shared, self.folder / "theme.css"))


def load_template(root: Path, key: str) -> Template:
    """The report named `key` under `root`; KeyError when there is none, ValueError when its report.yaml is wrong."""
    path = root / key / "report.yaml"
    if key.startswith(("_", ".")) or "/" in key or not path.is_file():
        raise KeyError(key)
    said = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    if not isinstance(said, dict) or said.get("report") != key or set(said.get("name", ())) != {"zh", "en"}:
        raise ValueError(f"{path}: needs `report: {key}` and a name in zh and en")
    return Template(
        key=key,
        version=int(said["version"]),
        name=Label(**said["name"]),
        variant=str(said.get("pdf_variant", "pdf/a-3a")),
        folder=path.parent,
        look=said.get("look"),
    )


def fill(
    template: Template, data: Mapping[str, Any], *, zone: ZoneInfo, has_glyph: Callable[[str], bool]
) -> str:
    """The HTML of a report. A name the data lacks raises jinja2.UndefinedError; characters no font has are spelled out."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(template.folder.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: _printable(value, has_glyph),
    )
    environment.filters |= {
        "instant": lambda at: _at(at, zone, "%Y-%m-%d %H:%M:%S"),
        "due": lambda at: _due(at, zone),
        "minute": lambda at: _at(at, zone, "%Y-%m-%d %H:%M"),
        "day": lambda at: _at(at, zone, "%Y-%m-%d"),
        "span_zh": lambda seconds: _span(seconds, _ZH),
        "span_en": lambda seconds: _span(seconds, _EN),
        "thousands": lambda number: f"{number:,}",
    }
    return environment.get_template(f"{template.key}/template.html").render(data)


_ZH = ((86400, " 天"), (3600, " 小时"), (60, " 分"), (1, " 秒"))
_EN = ((86400, " d"), (3600, " h"), (60, " min"), (1, " s"))


def _at(at: str, zone: ZoneInfo, pattern: str) -> str:
    return datetime.fromisoformat(at).astimezone(zone).strftime(pattern)


def _due(at: str, zone: ZoneInfo) -> str:
    """A deadline: midnight is 24:00 of the day before, that day included (Civil Code art. 203)."""
    local = datetime.fromisoformat(at).astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def _span(seconds: int, units: tuple[tuple[int, str], ...]) -> str:
    """The two largest units of a length of time: 8 天 7 小时."""
    parts = []
    left = abs(seconds)
    for size, name in units:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{name}")
        elif parts:
            break  # "3 天 5 秒" would pretend a precision nobody asked for
    return " ".join(parts[:2]) or f"0{units[-1][1]}"


def _printable(value: Any, has_glyph: Callable[[str], bool]) -> Any:
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(_shown(character, has_glyph) for character in value)


def _shown(character: str, has_glyph: Callable[[str], bool]) -> str:
    if character in "\n\t" or has_glyph(character):
        return character
    if unicodedata.category(character)[0] == "C":
        return ""  # controls and direction overrides could make paper read otherwise than the record
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and all(has_glyph(one) for one in plain):
        return plain  # a subscript four is a four
    return f"〔U+{ord(character):04X}〕"
