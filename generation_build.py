"""Builds a complete generation beside the one in service, under a name that nobody reads until it is on disk."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from generation import GRAPH_FILE, INDEX_FOLDER, Generation, Progress, Report, write_report
from graph.errors import StorageError
from graph.schema import Concept, Vault
from graph.store import iter_graph_json
from ingest.plain_text import passage_text
from ingest.vault import Sources, build_vault
from parse_cache import PARSED_FILES, ParsedFiles
from rag.corpus import write_corpus
from rag.durable import sync_folder, sync_tree
from rag.embed import Embedder
from rag.embed_cached import embed_cached
from rag.embedding_cache import EmbeddingCache
from rag.index import IndexRow, build_edge_index
from rag.segment_writer import SegmentWriter
from rag.segments import SEGMENTS_FOLDER, text_key
from rag.spelling import write_names, write_vocabulary
from rag.token_vectors import TOKENS_FOLDER, write_token_vectors

_CODE_ROOMS = ("graph", "ingest", "rag", "generation.py", "generation_build.py")
_BUILDING = ".building-"


def fingerprint(sources: Sources, model_id: str) -> str:
    """Names all that a generation is made from: files, model and code. 20 hexadecimal digits."""
    digest = hashlib.sha256(model_id.encode())
    digest.update(str(sources.root.resolve()).encode("utf-8", "surrogateescape"))
    for path in _code_files():
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for source in sources.files:
        digest.update(f"\0{source.path}\0".encode("utf-8", "surrogateescape") + hashlib.sha256(source.data).digest())
    for problem in sources.problems:
        digest.update(repr(problem).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:20]


def _code_files() -> Iterator[Path]:
    here = Path(__file__).resolve().parent
    for room in _CODE_ROOMS:
        yield from sorted((here / room).glob("*.py")) if (here / room).is_dir() else [here / room]


def build_generation(
    sources: Sources,
    folder: Path,
    workspace: Path,
    embedder: Embedder,
    progress: Progress,
    started: float,
    embed_workers: int = 1,
) -> None:
    """Writes a generation, and gives it its folder's name when it is complete and on disk.

    `started` is when the ingest began, by `time.monotonic`; `embed_workers` changes how long it takes and nothing else.
    """
    parsed = ParsedFiles(workspace / PARSED_FILES, embedder.model_id)
    vault = build_vault(sources, embedder.count_tokens, parsed, partial(progress, "read"))
    parsed.end_build()
    building = folder.parent / f"{_BUILDING}{os.getpid()}"
    building.mkdir(parents=True)
    try:
        _write_generation(vault, building, workspace, embedder, progress, embed_workers)
        report = _report(vault, folder.name, time.monotonic() - started)
        write_report(building, replace(report, previous=_predecessor(folder)))
        sync_tree(building)
        shutil.rmtree(folder, ignore_errors=True)  # of an older build that was damaged
        building.replace(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _predecessor(folder: Path) -> str | None:
    """What a generation that is built again took over from: by its report, or if that is lost, the one kept beside it.

    None for a new one, which is told when it goes into service.
    """
    if not folder.is_dir():
        return None
    try:
        return Generation(folder.name, folder).report().previous
    except StorageError:
        others = [path.name for path in folder.parent.iterdir() if path.name[0] != "." and path != folder]
        return others[0] if len(others) == 1 else None


def _write_generation(
    vault: Vault, folder: Path, workspace: Path, embedder: Embedder, progress: Progress, embed_workers: int
) -> None:
    texts = [passage_text(chunk.headings, chunk.text) for chunk in vault.chunks]
    cache = EmbeddingCache(workspace / "cache" / "embeddings.sqlite")
    segments = SegmentWriter(workspace / SEGMENTS_FOLDER)
    progress("embed", 0, len(texts))
    vectors = embed_cached(
        embedder, cache, segments, texts, lambda done: progress("embed", done, len(texts)), embed_workers
    )
    progress("index", 0, len(texts))
    keys = [text_key(embedder.token_model_id, text) for text in texts]
    segments.compact(keys)
    (folder / TOKENS_FOLDER).mkdir()
    write_token_vectors(folder / TOKENS_FOLDER, keys, segments)
    (folder / INDEX_FOLDER).mkdir()
    build_edge_index(folder / INDEX_FOLDER, _index_rows(vault, texts), vectors)
    progress("index", len(texts), len(texts))
    with (folder / GRAPH_FILE).open("wb") as file:
        file.writelines(iter_graph_json(vault.concepts, vault.relations, vault.resources))
    write_corpus(folder, vault.documents, vault.chunks)
    write_vocabulary(folder, texts)
    write_names(folder, (name for concept in vault.concepts for name in (concept.title, *concept.aliases)))


def _index_rows(vault: Vault, texts: Sequence[str]) -> list[IndexRow]:
    concepts = {concept.id: concept for concept in vault.concepts}
    rows = []
    for chunk, text in zip(vault.chunks, texts, strict=True):
        # A note's passage is filed under the note's own week, a resource under those of the concepts it serves.
        owners: list[Concept] = [concepts[c] for c in ([chunk.owner] if chunk.owner else chunk.concept_ids)]
        weeks = sorted({c.week for c in owners if c.week is not None})
        tracks = sorted({c.track for c in owners if c.track is not None})
        rows.append(IndexRow(chunk.id, text, chunk.document_id, tuple(weeks), tuple(tracks)))
    return rows


def _report(vault: Vault, generation_id: str, seconds: float) -> Report:
    return Report(
        generation=generation_id,
        root=vault.root,
        documents=len(vault.documents),
        chunks=len(vault.chunks),
        concepts=len(vault.concepts),
        relations=len(vault.relations),
        resources=len(vault.resources),
        problems=vault.problems,
        seconds=round(seconds, 3),
        built_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        merges=vault.merges,
    )


def remove_unfinished(generations: Path) -> None:
    """Takes away what a killed ingest left; only the holder of the writer's lock may."""
    for path in generations.glob(f"{_BUILDING}*"):
        shutil.rmtree(path, ignore_errors=True)
