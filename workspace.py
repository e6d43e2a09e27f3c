"""The composition root: settings to a workspace. The only place that reads the environment or picks a back end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

import generation
from generation import Generation, Progress, Report, current_generation, find_generation, previous_generation
from graph.diff import GraphDiff, diff_graphs
from graph.errors import StorageError, UsageError
from graph.schema import Answer, Problem, SearchResult
from graph.store import GraphStore, NetworkxStore
from ingest.vault import build_vault, read_sources
from rag.answer import Answerer
from rag.corpus import Corpus
from rag.embed import Embedder, MiniLMEmbedder
from rag.index import EdgeIndex, SearchFilter
from rag.retrieve import Retrieval, Retriever

PROJECT = Path(__file__).resolve().parent
SHIPPED_CONTENT = PROJECT / "content"


class Settings(BaseSettings):
    """What the environment may say, as PREPGRAPH_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="PREPGRAPH_")

    workspace: Path = PROJECT / ".prepgraph"
    content: Path = SHIPPED_CONTENT


def load_settings(workspace: Path | None = None) -> Settings:
    """The settings of the environment, with the workspace replaced where one is given."""
    settings = Settings()
    return settings.model_copy(update={"workspace": workspace}) if workspace else settings


@dataclass(frozen=True)
class Workspace:
    """One generation, opened: its graph, its passages, and the ways to ask it."""

    generation: Generation
    report: Report
    graph: GraphStore
    corpus: Corpus
    retriever: Retriever
    answerer: Answerer

    def search(self, question: str, top_k: int = 8, where: SearchFilter | None = None) -> Retrieval:
        """The passages that a question finds, best first, with the time that each stage took."""
        return self.retriever.retrieve(question, top_k, where)

    def ask(self, question: str, where: SearchFilter | None = None) -> Answer:
        """An answer whose every sentence is cited, or the statement that the notes don't say."""
        return self.answerer.answer(question, where)


def open_workspace(settings: Settings) -> Workspace:
    """Opens the generation in service. Raises UsageError when there is none, StorageError when it is damaged."""
    found = current_generation(settings.workspace)
    if found is None:
        raise UsageError(f"Nothing has been ingested into {settings.workspace} yet; run `prepgraph ingest` first.")
    graph, corpus, embedder = found.graph(), found.corpus(), load_embedder()
    index = EdgeIndex(found.index_folder)
    retriever = Retriever(graph, index, corpus, embedder)
    answerer = Answerer(retriever, graph, index, corpus, embedder)
    return Workspace(found, found.report(), graph, corpus, retriever, answerer)


@cache
def load_embedder() -> Embedder:
    """The embedding model that ships with the project, one a process; its files are read when they are first needed."""
    return MiniLMEmbedder()


def ingest_folder(settings: Settings, root: Path, on_progress: Progress | None = None) -> Report:
    """Reads a folder into the workspace and puts the new generation into service."""
    return generation.ingest(root, settings.workspace, load_embedder(), on_progress)


def undo(settings: Settings) -> Report:
    """Puts the generation that was in service before back; a second undo goes forward again.

    Raises UsageError when none is kept.
    """
    return generation.undo(settings.workspace)


def previous_report(settings: Settings) -> Report | None:
    """The report of the generation that `undo` would put back, or None when there is none that can be read."""
    try:
        found = previous_generation(settings.workspace)
        return found.report() if found else None
    except StorageError:
        return None


def graph_changes(settings: Settings, report: Report) -> GraphDiff | None:
    """What an ingest or an undo changed in the graph, compared anew from the generations that are kept.

    Everything is new in a first generation. None when one of the two is no longer kept or cannot be read, such as one
    that an older version wrote.
    """
    if report.previous == report.generation:
        return GraphDiff()
    try:
        new = find_generation(settings.workspace, report.generation)
        old = find_generation(settings.workspace, report.previous) if report.previous else None
        if new is None or (report.previous and old is None):
            return None
        return diff_graphs(old.graph() if old else NetworkxStore((), ()), new.graph())
    except StorageError:
        return None


def check_folder(root: Path) -> tuple[Problem, ...]:
    """All that ingestion finds wrong with a folder, without writing anything."""
    return build_vault(read_sources(root), load_embedder().count_tokens).problems


__all__ = [
    "Answer",
    "SearchFilter",
    "SearchResult",
    "Settings",
    "Workspace",
    "check_folder",
    "current_generation",
    "graph_changes",
    "ingest_folder",
    "load_settings",
    "open_workspace",
    "previous_report",
    "undo",
]
