"""Every sentence a person can see exists in both languages, says the same thing, and is there when it is asked for."""

import re
import string
from pathlib import Path

import pytest
import yaml

from hazard_flow.i18n import LOCALES, catalogue

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "hazard_flow"
SKIPPED = {"vendor", "vendor-dev", "node_modules", "_bundled"}

#: `t('key'…)`, `text("key"…)`, `both("key"…)`, `i18n.text(…)`; only literal keys can be checked here.
LITERAL = re.compile(
    r"""(?<![\w.])(?:i18n\.)?(?:t|text|both)\(\s*(["'])([a-z0-9_]+(?:\.[a-z0-9_-]+)+)\1\s*[,)]"""
)
#: errors name themselves: `code = "state_conflict"` in a subclass of HazardFlowError
ERROR_CODE = re.compile(r"""^\s+code(?::[^=\n]+)?\s*=\s*["']([a-z_]+)["']""", re.MULTILINE)
FIELD_CODE = re.compile(r"""FieldError\(\s*[^,()]+,\s*(?:code=)?["']([a-z_]+)["']""")


def sources(*patterns: str) -> list[Path]:
    """Files of the package and of the report templates that may name keys."""
    folders = (PACKAGE, ROOT / "report_templates")
    found = (path for folder in folders for pattern in patterns for path in folder.rglob(pattern))
    return sorted(path for path in found if not SKIPPED & set(path.parts))


def placeholders(sentence: str) -> set[str]:
    """The named holes of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_every_sentence_stands_in_both_languages_and_is_not_empty():
    catalogue.cache_clear()
    empty = [
        key for key, label in catalogue().items() if not all(label.in_(locale).strip() for locale in LOCALES)
    ]
    assert empty == []


def test_the_files_define_each_key_once():
    seen: dict[str, Path] = {}
    for path in sources("messages.yaml"):
        for node, _ in getattr(yaml.compose(path.read_text("utf-8")), "value", []):
            assert node.value not in seen, f"{node.value}: {path} and {seen[node.value]}"
            seen[node.value] = path


def test_both_languages_fill_the_same_holes():
    uneven = {
        key: (label.zh, label.en)
        for key, label in catalogue().items()
        if _holes(label.zh) != _holes(label.en)
    }
    assert uneven == {}


def _holes(sentence: str) -> set[str]:
    # English needs a number to tell one from many where Chinese does not: `{n}` and `{n_s}` fill the same hole
    return {name.removesuffix("_s") for name in placeholders(sentence)}


def test_the_chinese_is_chinese_and_the_english_is_not():
    han = re.compile(r"[\u4e00-\u9fff]")
    # a language's own name, and terms of the law quoted in brackets, stay in Chinese
    english = {
        key: label.en
        for key, label in catalogue().items()
        if han.search(re.sub(r"[(\u300a\uff08].*?[)\u300b\uff09]", "", label.en))
    }
    allowed = {key for key in english if ".language" in key or "locale" in key}
    assert {key: value for key, value in english.items() if key not in allowed} == {}


def test_every_key_that_is_used_exists():
    missing = []
    for path in sources("*.py", "*.html", "*.js", "*.xml", "*.txt"):
        used = {found[2] for found in LITERAL.finditer(path.read_text("utf-8"))}
        missing += [f"{path.relative_to(ROOT)}: {key}" for key in sorted(used - set(catalogue()))]
    assert missing == []


def test_every_error_has_its_sentence():
    errors = set(ERROR_CODE.findall((PACKAGE / "errors.py").read_text("utf-8")))
    assert {code for code in errors if f"error.{code}" not in catalogue()} == set()


def test_every_field_error_has_its_sentence():
    missing = []
    for path in sources("*.py"):
        used = {f"field_error.{code}" for code in FIELD_CODE.findall(path.read_text("utf-8"))}
        missing += [f"{path.relative_to(ROOT)}: {key}" for key in sorted(used - set(catalogue()))]
    assert missing == []


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("{{ t('hazards.board.title') }}", "hazards.board.title"),
        ('text("hazards.board.title", locale)', "hazards.board.title"),
        ("i18n.text('hazards.list.count', locale, n=3)", "hazards.list.count"),
        ("return both('hazards.board.title')", "hazards.board.title"),
        ("request.text('not.a.key')", None),
        ("t('prefix.' ~ name)", None),
    ],
)
def test_the_search_for_keys_finds_what_it_should(line, key):
    found = LITERAL.search(line)
    assert (found[2] if found else None) == key
