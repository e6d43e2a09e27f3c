"""A whole workspace on a Qdrant: ingested, asked, undone, and what happens while the server is away."""

import json

import pytest
from pydantic import SecretStr

import generation
from engines import qdrant_connection
from graph.errors import StorageError
from logs import configure_logs
from rag.qdrant_publish import collection_in_service
from rag.qdrant_rerank import ServerLateInteraction
from rag.qdrant_server import QdrantIndex
from tests.rag.qdrant_http import QdrantOverHttp
from workspace import Settings, ingest_folder, open_workspace, undo

NOTES = {
    "heap.md": "A heap is a tree that keeps its smallest element at the root.\n\n## Trade-offs\n\nFinding is slow.",
    "queue.md": "A queue hands out what came first. See [[heap]].",
}


@pytest.fixture
def server():
    running = QdrantOverHttp(key="the-key").start()
    yield running
    running.stop()


@pytest.fixture
def settings(server, notes):
    made = Settings(workspace=notes.workspace, qdrant_url=server.url, qdrant_api_key=SecretStr("the-key"))
    yield made
    qdrant_connection(made).close()


def found(opened, question):
    return [(result.chunk.id, result.rank) for result in opened.search(question).results]


def in_service(settings):
    return collection_in_service(qdrant_connection(settings)).rpartition(".")[2]


def test_answers_are_those_of_the_embedded_index(notes, settings):
    notes.write(NOTES)
    ingest_folder(settings, notes.root)
    there, here = open_workspace(settings), notes.open()
    assert isinstance(there.retriever._index, QdrantIndex)
    assert isinstance(there.retriever._reranker, ServerLateInteraction)
    for question in ("Which structure hands out what came first?", "heap", "Why is finding slow?"):
        assert found(there, question) == found(here, question)
        assert there.ask(question).text == here.ask(question).text
    assert there.ask("What is amoxicillin?").status == here.ask("What is amoxicillin?").status == "not_in_sources"


def test_the_server_follows_every_ingest_and_undo(notes, settings):
    notes.write(NOTES)
    first = ingest_folder(settings, notes.root)
    assert in_service(settings) == first.generation
    notes.write({"stack.md": "A stack hands out what came last."})
    second = ingest_folder(settings, notes.root)
    assert in_service(settings) == second.generation
    assert found(open_workspace(settings), "stack")[0][0].startswith("stack.md")
    assert undo(settings).generation == first.generation == in_service(settings)
    assert "stack.md" not in str(found(open_workspace(settings), "stack"))
    notes.write({"tree.md": "A tree has a root."})
    ingest_folder(settings, notes.root)
    notes.write({"trie.md": "A trie is a tree of letters."})
    ingest_folder(settings, notes.root)
    names = qdrant_connection(settings).read(lambda client: [c.name for c in client.get_collections().collections])
    kept = {path.name for path in (notes.workspace / "generations").iterdir()}
    assert {name.rpartition(".")[2] for name in names} == kept | {"tokens"}


def test_a_server_that_lost_all_gets_it_back_by_an_ingest(notes, settings):
    notes.write(NOTES)
    ingest_folder(settings, notes.root)
    connection = qdrant_connection(settings)
    for name in connection.read(lambda client: [c.name for c in client.get_collections().collections]):
        connection.write(lambda client, name=name: client.delete_collection(name))
    opened = open_workspace(settings)
    with pytest.raises(StorageError, match="no longer holds generation"):
        opened.check()
    ingest_folder(settings, notes.root)
    opened.check()
    assert found(opened, "heap")


def test_while_the_server_is_away_nothing_goes_into_service_and_then_all_works_again(notes, settings, server):
    notes.write(NOTES)
    first = ingest_folder(settings, notes.root)
    opened = open_workspace(settings)
    server.stop()
    with pytest.raises(StorageError, match=r"^Qdrant at http://127.0.0.1:\d+ does not answer"):
        opened.ask("What is a heap?")
    notes.write({"stack.md": "A stack hands out what came last."})
    with pytest.raises(StorageError, match="does not answer"):
        ingest_folder(settings, notes.root)
    assert generation.current_generation(notes.workspace).id == first.generation
    server.start()
    assert opened.ask("What is a heap?").status == "answered"
    assert ingest_folder(settings, notes.root).generation == in_service(settings) != first.generation


def test_token_vectors_can_stay_here(notes, settings, server):
    local = settings.model_copy(update={"qdrant_tokens": False})
    notes.write(NOTES)
    ingest_folder(local, notes.root)
    assert not [path for _, path, _ in server.asked if path.endswith(".tokens/points")]
    opened = open_workspace(local)
    assert not isinstance(opened.retriever._reranker, ServerLateInteraction)
    assert found(opened, "heap") == found(notes.open(), "heap")
    qdrant_connection(local).close()


def test_logs_tell_of_each_stage_and_never_of_keys_or_questions(notes, settings, capsys):
    notes.write(NOTES)
    configure_logs("json", "info", settings.secrets())
    try:
        ingest_folder(settings, notes.root)
        opened = open_workspace(settings)
        opened.ask("What is a heap?")
        opened.search("the-key of the heap")
        told = capsys.readouterr().err
        shown = open_workspace(settings.model_copy(update={"log_questions": True}))
        shown.search("the-key of the heap")
        asked = json.loads(capsys.readouterr().err.splitlines()[-1])
    finally:
        configure_logs("")
    events = [json.loads(line) for line in told.splitlines()]
    stages = {event["stage"]: event["count"] for event in events if event["event"] == "ingest_stage"}
    assert {"read", "embed", "index", "qdrant"} <= set(stages)
    assert (stages["read"], stages["index"]) == (2, 3)
    assert [event["event"] for event in events][-4:] == ["ingest_stage", "ingest", "ask", "search"]
    (published,) = [event for event in events if event["event"] == "index_published"]
    assert (published["passages"], published["texts"]) == (3, 3)
    (ingest,) = [event for event in events if event["event"] == "ingest"]
    assert (ingest["documents"], ingest["chunks"]) == (2, 3)
    (search,) = [event for event in events if event["event"] == "search"]
    assert search["results"] > 0
    assert set(search["milliseconds"]) >= {"dense", "keyword", "rerank"}
    assert "heap?" not in told
    assert "the-key" not in told
    assert asked["question"] == "*** of the heap"
