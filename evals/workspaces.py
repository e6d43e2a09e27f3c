"""What is measured: the course, notes that contradict each other, articles of other subjects, texts on their own."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from evals.questions import ARTICLES, DISPUTED_NOTES, Question
from graph.schema import Answer
from workspace import PROJECT, SHIPPED_CONTENT, Settings, Workspace, ingest_folder, load_embedder, open_workspace

_CODE = ("graph", "ingest", "rag", "generation.py", "generation_build.py")


def open_course(cache: Path) -> Workspace:
    """The shipped course, ingested below a folder that keeps it for the next time."""
    return _opened(cache / "course", SHIPPED_CONTENT)


def open_disputed(cache: Path) -> Workspace:
    """The notes that contradict each other, and those that only seem to."""
    return _opened(cache / "disputed", DISPUTED_NOTES)


def open_articles(cache: Path) -> Workspace:
    """The articles on mathematics and the sciences, as somebody else's folder that retrieval was not tuned on."""
    return _opened(cache / "articles", ARTICLES)


def ask_contexts(question: Question, cache: Path) -> Answer:
    """The answer to a question when its contexts are all the notes there are."""
    notes = cache / "contexts-notes"
    shutil.rmtree(notes, ignore_errors=True)
    notes.mkdir(parents=True)
    for number, text in enumerate(question.contexts, start=1):
        (notes / f"source-{number}.md").write_text(text + "\n", encoding="utf-8")
    return _opened(cache / "contexts", notes).ask(question.question)


def describe(opened: Workspace, *files: Path) -> dict[str, Any]:
    """What produced the figures: model, code, content and questions, each by a name that changes when it does."""
    content = hashlib.sha256()
    for path in sorted(opened.corpus.paths()):
        document = opened.corpus.document(path)
        content.update(f"{path}\0{document.content_hash if document else ''}\0".encode())
    return {
        "model": load_embedder().model_id,
        "code": code_version(),
        "content": content.hexdigest()[:12],
        "root": opened.report.root,
        "documents": opened.report.documents,
        "chunks": opened.report.chunks,
        "questions": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files},
    }


def code_version() -> str:
    """12 hexadecimal digits that change with any line of the code that reads, indexes, retrieves and answers."""
    digest = hashlib.sha256()
    for name in _CODE:
        room = PROJECT / name
        for path in sorted(room.glob("*.py")) if room.is_dir() else [room]:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _opened(workspace: Path, root: Path) -> Workspace:
    settings = Settings(workspace=workspace, neo4j_uri=None, qdrant_url=None)  # a trial leaves nothing on a server
    ingest_folder(settings, root)
    return open_workspace(settings)
