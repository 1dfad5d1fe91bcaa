"""Where the files that travel with the code are: workflows, migrations, report templates, front-end libraries."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_BUNDLED = PACKAGE / "_bundled"  # written by the wheel build; absent in a checkout


def resource_dir(name: str) -> Path:
    """The folder `workflows`, `migrations` or `report_templates`, bundled in the wheel or beside the package.

    Looked up beside the *imported* package, never through installed metadata: an editable install leaves a stale bundled copy there.
    """
    root = _BUNDLED if _BUNDLED.is_dir() else PACKAGE.parent
    path = root / name
    if not path.is_dir():
        raise FileNotFoundError(f"{name}/ is neither bundled in the package nor beside it: {path}")
    return path
