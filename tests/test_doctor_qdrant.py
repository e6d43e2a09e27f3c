"""What `doctor` says of a Qdrant: well, absent, refused, emptied, behind, half there."""

import pytest
from pydantic import SecretStr

from doctor.diagnosis import diagnose
from doctor.qdrant import look_at_index_server
from engines import qdrant_connection
from rag.qdrant_publish import collection_in_service
from tests.rag import qdrant_http
from tests.rag.qdrant_http import QdrantOverHttp
from workspace import Settings, current_generation, ingest_folder

NOTES = {"a.md": "A is a [[b]].", "b.md": "B is a part."}


@pytest.fixture
def server():
    running = QdrantOverHttp(key="the-key").start()
    yield running
    running.stop()


@pytest.fixture
def settings(server, notes):
    made = Settings(workspace=notes.workspace, qdrant_url=server.url, qdrant_api_key=SecretStr("the-key"))
    notes.write(NOTES)
    yield made
    qdrant_connection(made).close()


def look(settings):
    (finding,) = look_at_index_server(settings, current_generation(settings.workspace))
    return finding


def collection(settings):
    return collection_in_service(qdrant_connection(settings))


def write(settings, work):
    return qdrant_connection(settings).write(work)


def test_without_one_there_is_nothing_to_tell(notes):
    assert list(look_at_index_server(Settings(workspace=notes.workspace), None)) == []


def test_all_is_well(notes, settings, server):
    finding = look(settings)
    assert (finding.status, "waits for the first ingest" in finding.detail) == ("ok", True)
    report = ingest_folder(settings, notes.root)
    finding = look(settings)
    assert finding.status == "ok"
    assert finding.detail.startswith(f"Qdrant {qdrant_http.VERSION} at {server.url}, name prepgraph-")
    assert f"holds generation {report.generation} whole" in finding.detail
    assert "ms a question" in finding.detail
    assert {found.status for found in diagnose(settings)} == {"ok"}
    assert "the-key" not in str(diagnose(settings))


def test_absent_refused_and_wrong_addresses_say_what_to_do(notes, settings, server):
    wrong = look(settings.model_copy(update={"qdrant_api_key": SecretStr("wrong")}))
    assert (wrong.status, "correct QDRANT_API_KEY" in wrong.detail) == ("broken", True)
    server.stop()
    absent = look(settings)
    assert (absent.status, "does not answer" in absent.detail) == ("broken", True)
    assert absent.next_step
    nowhere = look(settings.model_copy(update={"qdrant_url": "qdrant"}))
    assert (nowhere.status, "set QDRANT_URL" in nowhere.detail) == ("broken", True)


def empty(settings):
    write(settings, lambda client: client.delete_collection(collection(settings)))


def lose_a_passage(settings):
    name = collection(settings)
    point = qdrant_connection(settings).read(lambda client: client.scroll(name, limit=1)[0][0].id)
    write(settings, lambda client: client.delete(name, [point]))


def lose_a_text(settings):
    name = f"{qdrant_connection(settings).config.name}.tokens"
    point = qdrant_connection(settings).read(lambda client: client.scroll(name, limit=1)[0][0].id)
    write(settings, lambda client: client.delete(name, [point]))


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (empty, "holds no index of"),
        (lose_a_passage, "holds 1 of the 2 passages of"),
        (lose_a_text, "lacks the token vectors of 1 texts of"),
    ],
)
def test_what_it_lacks_is_told_and_an_ingest_mends_it(notes, settings, break_it, told):
    ingest_folder(settings, notes.root)
    break_it(settings)
    finding = look(settings)
    assert (finding.status, told in finding.detail) == ("broken", True)
    assert "prepgraph ingest" in finding.next_step
    ingest_folder(settings, notes.root)
    assert look(settings).status == "ok"


def test_an_alias_that_lags_behind_is_told_and_an_ingest_mends_it(notes, settings):
    old = ingest_folder(settings, notes.root)
    notes.write({"c.md": "C is new."})
    new = ingest_folder(settings, notes.root)
    (notes.workspace / "CURRENT").write_text(old.generation)
    finding = look(settings)
    assert finding.status == "broken"
    assert f"its alias names {new.generation}, but {old.generation} is in service" in finding.detail
    ingest_folder(settings, notes.root)
    assert look(settings).status == "ok"


def test_releases_that_are_too_far_apart(settings, monkeypatch):
    monkeypatch.setattr(qdrant_http, "VERSION", "1.9.2")
    finding = look(settings)
    assert (finding.status, "too far from the client" in finding.detail) == ("warning", True)


@pytest.mark.parametrize(
    ("url", "is_told"),
    [("http://qdrant:6333", False), ("http://10.0.0.7:6333", False), ("http://example.org", True)],
)
def test_a_key_that_travels_in_the_clear_is_told(notes, monkeypatch, url, is_told):
    looked = object()
    monkeypatch.setattr("doctor.qdrant._look", lambda connection, current: looked)
    settings = Settings(workspace=notes.workspace, qdrant_url=url, qdrant_api_key=SecretStr("the-key"))
    found = [finding for finding in look_at_index_server(settings, None) if finding is not looked]
    assert [finding.status for finding in found] == ["warning"] * is_told
