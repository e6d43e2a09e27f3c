"""Decides what is configured, reachable, stale or broken, and what to do about each."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from doctor.findings import Finding
from doctor.servers import look_at_servers
from generation import Generation, current_generation
from generation_build import fingerprint
from graph.errors import PrepgraphError
from ingest.vault import read_sources
from rag.embed import verify_model_files
from rag.llm import missing_package, unreachable
from rag.spending import find_price
from workspace import Settings, language_model_config, load_embedder, open_ledger, open_workspace

_UNTIL_THEN = "Do as the message says; answers are extractive until then."
_ENGINES = ("streamlit", "networkx", "qdrant-edge-py", "onnxruntime", "tokenizers")


def diagnose(settings: Settings) -> list[Finding]:
    """Looks at everything that a working Prepgraph needs, and goes on after each fault."""
    return [_versions(), _model(), _language_model(settings), *_workspace(settings)]


def _versions() -> Finding:
    engines = ", ".join(f"{name} {version(name)}" for name in _ENGINES)
    return Finding("versions", "ok", f"Python {platform.python_version()}, {engines}")


def _model() -> Finding:
    return _attempt("embedding model", _model_files)


def _model_files() -> str:
    verify_model_files()
    return "all-MiniLM-L6-v2, files as published"


def _language_model(settings: Settings) -> Finding:
    """What would write answers, whether it could be asked, and what it may cost; nothing is sent to it."""
    name = "language model"
    try:
        config = language_model_config(settings)
        if config is None:
            return Finding(name, "ok", "none: answers are made of the notes' own sentences (PREPGRAPH_LLM adds one)")
        price, ledger = find_price(config.name, settings.llm_prices), open_ledger(settings)
        spent = ledger.spent_today()
    except PrepgraphError as fault:
        return Finding(name, "broken", str(fault), _UNTIL_THEN)
    cap = f"of ${ledger.cap:.4f} " if ledger.cap is not None else ""
    detail = f"{config.name}, {price.source if price else 'price unknown'}, ${spent:.4f} {cap}spent today (UTC)"
    if lacking := config.missing() or missing_package(config) or unreachable(config):
        return Finding(name, "broken", f"{detail}: {lacking}", _UNTIL_THEN)
    if price is None and ledger.cap is not None:
        return Finding(name, "warning", detail, "Set PREPGRAPH_LLM_PRICES: the cap lets nothing through without them.")
    return Finding(name, "ok", detail)


def _workspace(settings: Settings) -> Iterator[Finding]:
    try:
        current = current_generation(settings.workspace)
    except PrepgraphError as fault:
        yield Finding("workspace", "broken", str(fault), "Run `prepgraph ingest`.")
        yield from look_at_servers(settings, None)
        return
    if current is None:
        yield Finding("workspace", "warning", f"{settings.workspace} holds nothing yet", "Run `prepgraph ingest`.")
        yield from look_at_servers(settings, None)
        return
    yield Finding("workspace", "ok", f"{settings.workspace}, generation {current.id}")
    yield from look_at_servers(settings, current)
    yield _attempt("notes", lambda: _freshness(current), stale="Run `prepgraph ingest` to take the changes in.")
    yield _attempt("graph and index", lambda: _agreement(settings))


def _attempt(name: str, look: Callable[[], str], stale: str = "") -> Finding:
    try:
        detail = look()
    except PrepgraphError as fault:
        return Finding(name, "broken", str(fault), "Do as the message says.")
    if stale and not detail.startswith("as ingested"):
        return Finding(name, "warning", detail, stale)
    return Finding(name, "ok", detail)


def _freshness(current: Generation) -> str:
    root = Path(current.report().root)
    if not root.exists():
        return f"{root} is no longer there"
    same = fingerprint(read_sources(root), load_embedder().model_id) == current.id
    return f"as ingested from {root}" if same else f"{root}, or the program, has changed since the last ingest"


def _agreement(settings: Settings) -> str:
    opened = open_workspace(settings)
    chunks, concepts = len(opened.corpus.chunks), opened.graph.facts().concepts
    graph, index = "Neo4j" if settings.neo4j_uri else "NetworkX", "Qdrant" if settings.qdrant_url else "Qdrant Edge"
    found = opened.search("what is this about", top_k=1).results
    if chunks and not found:
        return f"{chunks} passages, but a search finds none"
    return (
        f"{graph} with {concepts} concepts, {index} with {chunks} passages, both of generation {opened.generation.id}"
    )
