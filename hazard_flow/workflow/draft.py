"""A workflow file that somebody is still writing: read and proved beside the installed ones, released or not. Pure."""

from collections.abc import Mapping

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.loader import load_text
from hazard_flow.workflow.problems import WorkflowRefused
from hazard_flow.workflow.proof import prove
from hazard_flow.workflow.switches import check_switches
from hazard_flow.workflow.vocabulary import Vocabulary


def read_draft(
    content: bytes, *, file: str, known: Mapping[tuple[str, int], Workflow], vocabulary: Vocabulary
) -> Workflow:
    """The workflow a draft would be. Raises WorkflowRefused with every problem, Unreadable where it is no UTF-8 YAML.

    That a released file never changes (rule 12) is not judged: the draft of a next version often still bears the number of the last.
    """
    draft = load_text(content, file=file, vocabulary=vocabulary)
    beside = {**known, (draft.key, draft.version): draft}
    problems = check_switches(draft, beside, file=file)
    problems = problems or list(prove({file: draft}, beside.values(), vocabulary).problems)
    if problems:
        raise WorkflowRefused(problems)
    return draft
