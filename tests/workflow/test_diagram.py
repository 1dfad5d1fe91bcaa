"""The picture shows every state and every change of state."""

import pytest

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.diagram import mermaid


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_all_states_and_arrows(general: Workflow, locale: str) -> None:
    picture = mermaid(general, locale)
    assert picture.startswith("stateDiagram-v2\n")
    for key, state in general.states.items():
        assert f'  state "{state.label.in_(locale)}" as {key}\n' in picture
    assert f"  verified --> closed: {general.actions['close'].label.in_(locale)}\n" in picture
    assert f"[{general.actions['realarm'].label.in_(locale)}]" in picture
    assert "  closed --> [*]\n" in picture
