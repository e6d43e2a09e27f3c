"""The composition root: settings to a workspace, and what the surfaces may do with one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import publication
from engines import open_graph, open_index, open_publishers, open_reranker, qdrant_connection
from generation import Generation, Progress, Report, current_generation, find_generation, previous_generation
from graph.diff import GraphDiff, diff_graphs
from graph.errors import StorageError, UsageError
from graph.schema import Answer, Chunk, Problem, SearchResult
from graph.store import GraphStore, NetworkxStore
from ingest.saved_pages import save_page, why_closed
from ingest.vault import build_vault, read_sources
from logs import log_stages, timed_event
from parse_cache import PARSED_FILES, ParsedFiles
from rag.answer import Answerer
from rag.assistant import Assistant
from rag.compose import ExtractiveComposer
from rag.corpus import Corpus
from rag.embed import Embedder, MiniLMEmbedder
from rag.followup import Turn, turn_of
from rag.index import SearchFilter, SearchIndex
from rag.inspection import Inspector
from rag.llm import LanguageModelConfig, check_url, open_language_model, parse_model
from rag.retrieve import Retrieval, Retriever
from rag.spelling import Speller, Vocabulary, read_names
from rag.spending import Ledger, find_price
from rag.support import SupportChecker
from rag.what_if import Parts
from rag.writer import Writer
from settings import PROJECT, SHIPPED_CONTENT, Settings, load_settings
from study.marks import Marks


@dataclass(frozen=True)
class Workspace:
    """One generation, opened: its graph, its passages, and the ways to ask it."""

    generation: Generation
    report: Report
    graph: GraphStore
    corpus: Corpus
    retriever: Retriever
    answerer: Answerer
    assistant: Assistant
    inspector: Inspector
    index: SearchIndex
    logs_questions: bool = False

    def check(self) -> None:
        """Raises StorageError while a store of the generation does not answer."""
        self.graph.check()
        self.index.check()

    def search(self, question: str, top_k: int = 8, where: SearchFilter | None = None) -> Retrieval:
        """The passages that a question finds, best first, with the time that each stage took."""
        with timed_event("search", **self._asked(question)) as event:
            found = self.retriever.retrieve(question, top_k, where)
            event.update(results=len(found.results), milliseconds=found.timings_ms)
            return found

    def ask(self, question: str, where: SearchFilter | None = None, conversation: Sequence[Turn] = ()) -> Answer:
        """An answer whose every sentence is cited, or the statement that the notes don't say.

        `conversation` holds the turns before, so that a follow-up such as "and when does it break?" is understood.
        """
        with timed_event("ask", **self._asked(question)) as event:
            answer = self.assistant.answer(question, where, conversation)
            event.update(_described(answer))
            return answer

    def ask_stream(
        self, question: str, where: SearchFilter | None = None, conversation: Sequence[Turn] = ()
    ) -> Iterator[Answer]:
        """The same answer as it grows, sentence by checked sentence; the last one is complete."""
        with timed_event("ask", **self._asked(question)) as event:
            for answer in self.assistant.stream(question, where, conversation):
                event.update(_described(answer))
                yield answer

    def _asked(self, question: str) -> dict[str, object]:
        return {"generation": self.generation.id, **({"question": question} if self.logs_questions else {})}


def _described(answer: Answer) -> dict[str, object]:
    return {
        "status": answer.status,
        "mode": answer.mode,
        "citations": len(answer.citations),
        "milliseconds": dict(answer.timings_ms),
    }


def open_workspace(settings: Settings) -> Workspace:
    """Opens the generation in service. Raises UsageError when there is none, StorageError when it is damaged."""
    found = current_generation(settings.workspace)
    if found is None:
        raise UsageError(f"Nothing has been ingested into {settings.workspace} yet; run `prepgraph ingest` first.")
    graph, corpus, embedder = open_graph(settings, found), found.corpus(), load_embedder()
    index = open_index(settings, found)
    tokens = found.token_vectors()
    reranker = open_reranker(settings.rerank, tokens, corpus, qdrant_connection(settings))
    parts = Parts(graph, index, corpus, embedder, reranker, open_speller(found, graph, index, embedder))
    retriever = parts.retriever()
    composer = ExtractiveComposer(graph, corpus, embedder, tokens.idf)
    answerer = Answerer(retriever, graph, index, corpus, composer)
    checker = SupportChecker(embedder, lambda chunk: _names_of(graph, chunk))
    assistant = Assistant(answerer, graph, corpus, index.known_words, lambda: open_writer(settings, checker))
    inspector = Inspector(parts, composer, answerer.grounds)
    report, questions = found.report(), settings.log_questions
    return Workspace(found, report, graph, corpus, retriever, answerer, assistant, inspector, index, questions)


def _names_of(graph: GraphStore, chunk: Chunk) -> tuple[str, ...]:
    owner = graph.concept(chunk.owner) if chunk.owner else None
    return (owner.title, *owner.aliases) if owner else ()


def language_model_config(settings: Settings) -> LanguageModelConfig | None:
    """The language model that is asked for, or None. Raises UsageError for settings that cannot be meant."""
    if not settings.llm.strip():
        return None
    provider, model = parse_model(settings.llm)
    keys = {"openai": settings.openai_api_key, "anthropic": settings.anthropic_api_key, "openai-like": settings.llm_key}
    key = keys.get(provider)
    url = check_url(settings.llm_url) or (settings.ollama_host if provider == "ollama" else None)
    return LanguageModelConfig(
        provider,
        model,
        url,
        key.get_secret_value() if key else None,
        settings.llm_timeout,
        settings.llm_max_tokens,
        settings.llm_temperature,
    )


def open_ledger(settings: Settings) -> Ledger:
    """What language models cost in this workspace, and the cap on it."""
    return Ledger(settings.workspace, settings.llm_cap)


def open_marks(settings: Settings) -> Marks:
    """What the learner knows, in the workspace's `study.sqlite`; nothing is opened before it is asked."""
    return Marks(settings.workspace)


def open_writer(settings: Settings, checker: SupportChecker) -> Writer | None:
    """What writes answers with the language model, or None without one. Raises UsageError for impossible settings."""
    config = language_model_config(settings)
    if config is None:
        return None
    price = find_price(config.name, settings.llm_prices)
    return Writer(config.name, lambda: open_language_model(config), checker, open_ledger(settings), price)


def open_speller(found: Generation, graph: GraphStore, index: SearchIndex, embedder: Embedder) -> Speller:
    """What corrects the misspelt words of a question by those of a generation and of the model's own vocabulary."""
    names = read_names(found.folder)
    if names is None:
        names = [name for concept in graph.concepts() for name in (concept.title, *concept.aliases)]
    return Speller(
        Vocabulary(found.folder),
        names,
        is_known=lambda word: index.known_words(word) == 1.0,
        is_english=lambda word: embedder.count_tokens(word) <= 3,  # one token between the special ones
    )


@cache
def load_embedder() -> Embedder:
    """The embedding model that ships with the project, one a process; its files are read when they are first needed."""
    return MiniLMEmbedder()


def ingest_folder(settings: Settings, root: Path, on_progress: Progress | None = None) -> Report:
    """Reads a folder into the workspace and puts the new generation into service."""
    publishers = open_publishers(settings)
    with timed_event("ingest", root=str(root)) as event:
        report = publication.ingest(
            root, settings.workspace, load_embedder(), log_stages(on_progress), publishers, settings.embed_workers
        )
        event.update(_counts(report))
        return report


def undo(settings: Settings, on_progress: Progress | None = None) -> Report:
    """Puts the generation that was in service before back; a second undo goes forward again.

    Raises UsageError when none is kept.
    """
    with timed_event("undo") as event:
        report = publication.undo(settings.workspace, log_stages(on_progress), open_publishers(settings))
        event.update(_counts(report))
        return report


def _counts(report: Report) -> dict[str, object]:
    names = ("generation", "previous", "documents", "chunks", "concepts", "relations", "resources")
    return {**{name: getattr(report, name) for name in names}, "problems": len(report.problems)}


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
        return diff_graphs(old.graph_file() if old else NetworkxStore((), ()), new.graph_file())
    except StorageError:
        return None


def folder_for_pages(settings: Settings) -> Path:
    """The folder that a fetched page joins: the one in service, or one in the workspace when there is none.

    Raises UsageError when the one in service takes no files, as the course does: nothing leaves service unasked.
    """
    found = current_generation(settings.workspace)
    root = Path(found.report().root) if found else settings.content
    if why_closed(root, SHIPPED_CONTENT) is None:
        return root
    if found is None:
        return settings.workspace / "notes"
    raise UsageError(f"{root} takes no page by itself; say where the page belongs, such as `--into ~/notes`.")


def save_address(settings: Settings, address: str, folder: Path) -> str:
    """Fetches the page at an address into a folder of notes, which is made if need be; its path in that folder.

    Raises UsageError for an address that is refused, and StorageError for a page that cannot be fetched or written.
    """
    from ingest.web import fetch_page

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder; name one that the page can be saved in.")
    page = fetch_page(address, allow_private=settings.allow_private)
    if isinstance(page, Problem):
        is_wrong_use = page.code in {"refused_address", "malformed_address"}
        raise (UsageError if is_wrong_use else StorageError)(f"{address} was not fetched: {page.message}")
    return save_page(page, folder)


def check_folder(
    root: Path,
    workspace: Path | None = None,
    *,
    online: bool = False,
    allow_private: bool = False,
    on_progress: Progress | None = None,
) -> tuple[Problem, ...]:
    """All that ingestion finds wrong with a folder, without writing anything; with `online`, dead addresses too.

    Files that a `workspace` knows are not parsed again.
    """
    embedder = load_embedder()
    parsed = ParsedFiles(workspace / PARSED_FILES, embedder.model_id, read_only=True) if workspace else None
    vault = build_vault(read_sources(root), embedder.count_tokens, parsed)
    if not online:
        return vault.problems
    from ingest.dead_links import find_dead_links

    dead = find_dead_links(vault, allow_private=allow_private, on_progress=on_progress)
    return tuple(sorted((*vault.problems, *dead), key=lambda p: (p.path, p.line or 0, p.code, p.message)))


__all__ = [
    "PROJECT",
    "SHIPPED_CONTENT",
    "Answer",
    "SearchFilter",
    "SearchResult",
    "Settings",
    "Turn",
    "Workspace",
    "check_folder",
    "current_generation",
    "folder_for_pages",
    "graph_changes",
    "ingest_folder",
    "language_model_config",
    "load_settings",
    "open_ledger",
    "open_marks",
    "open_workspace",
    "previous_report",
    "save_address",
    "turn_of",
    "undo",
]
