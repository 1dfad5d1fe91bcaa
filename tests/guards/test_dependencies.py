"""What is imported is declared, what is declared is used, and every icon drawn is in the sprite."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "hazard_flow"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

#: Declared for what they do, never imported by name: drivers, data, and floors under other libraries.
BY_NAME_ONLY = {"psycopg", "tzdata"}


#: libraries of the development group that the shipped package uses all the same: what runs with them says so where they are missing
DEVELOPMENT_ONLY = {"numpy"}

#: programs measured beside ours: each runs in an environment of its own, made from its own list
PEERS = PACKAGE / "bench" / "timers" / "peers"


def name_of(requirement: str) -> str:
    """`psycopg[binary]>=3.3` → `psycopg`."""
    found = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def imported() -> set[str]:
    """Distributions whose modules the package imports anywhere, lazily or not."""
    modules: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if PEERS in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    homes = packages_distributions()
    foreign = modules - set(sys.stdlib_module_names) - {"hazard_flow", "tests"}
    return {name_of(home) for module in foreign for home in homes.get(module, [f"unknown-{module}"])}


def test_every_library_that_is_imported_is_declared():
    declared = {name_of(line) for line in PROJECT["project"]["dependencies"]}
    developing = {name_of(line) for line in PROJECT["dependency-groups"]["dev"]}
    assert developing >= DEVELOPMENT_ONLY
    assert imported() - declared - DEVELOPMENT_ONLY == set()


def test_every_library_that_is_declared_is_used():
    declared = {name_of(line) for line in PROJECT["project"]["dependencies"]}
    assert declared - imported() - BY_NAME_ONLY == set()


def test_every_icon_that_is_drawn_is_listed():
    listed = {line.strip() for line in (PACKAGE / "web" / "icons.txt").read_text("utf-8").splitlines()}
    drawn = set()
    for path in [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.js")]:
        if "vendor" not in path.parts and "vendor-dev" not in path.parts:
            text = path.read_text("utf-8")
            drawn |= set(re.findall(r"""\bicon\(\s*["']([a-z0-9-]+)["']""", text))
            drawn |= set(re.findall(r"icons\.svg[^\"'#]*#i-([a-z0-9-]+)", text))
    assert drawn - listed == set()
