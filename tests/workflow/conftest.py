"""The shipped words and workflows, loaded once."""

from pathlib import Path

import pytest

from hazard_flow.resources import resource_dir
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.loader import load_all, newest
from hazard_flow.workflow.vocabulary import Vocabulary, default_vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return default_vocabulary()


@pytest.fixture(scope="session")
def folder() -> Path:
    return resource_dir("workflows")


@pytest.fixture(scope="session")
def general(folder: Path, vocabulary: Vocabulary) -> Workflow:
    return newest("general", load_all(folder, vocabulary).values())


@pytest.fixture(scope="session")
def household(folder: Path, vocabulary: Vocabulary) -> Workflow:
    return newest("household", load_all(folder, vocabulary).values())


@pytest.fixture(scope="session")
def major(folder: Path, vocabulary: Vocabulary) -> Workflow:
    return newest("major", load_all(folder, vocabulary).values())
