"""What the tests of exports share: the course's graph, and one of texts that break formats."""

import pytest

from export.rows import GraphRows
from ingest.vault import build_vault, read_sources
from tests.export.made_up_graphs import NASTY, make_concept, make_relation
from workspace import SHIPPED_CONTENT


@pytest.fixture(scope="session")
def course_graph():
    """The course's graph, without passages or vectors."""
    vault = build_vault(read_sources(SHIPPED_CONTENT), lambda text: len(text.split()))
    return GraphRows(vault.concepts, vault.relations, vault.resources)


@pytest.fixture
def nasty_graph():
    """A concept for each text that breaks formats, each joined to the first one."""
    concepts = [make_concept(f"n{i}", text, 1, aliases=(f"alias {i}",)) for i, text in enumerate(NASTY)]
    others = [make_relation("n0", f"n{i}", "related_to", text) for i, text in enumerate(NASTY) if i]
    return GraphRows(concepts, others)
