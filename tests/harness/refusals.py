"""What a refusal said, as a story compares it."""

import pytest

from hazard_flow.errors import HazardFlowError


def said(refusal: "pytest.ExceptionInfo[HazardFlowError]") -> set[tuple[str, str]]:
    """(field, code) of everything that was wrong."""
    return {(error.field, error.code) for error in refusal.value.fields}
