"""A workspace whose graph is in Neo4j: published before it goes into service, asked there, mended when it was lost."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

import publication
from doctor.diagnosis import diagnose
from engines import neo4j_connection
from graph.errors import StorageError
from graph.neo4j_connection import Neo4jConnection
from graph.neo4j_publish import delete_graph
from graph.neo4j_store import Neo4jStore, current_generation_id
from workspace import Settings, ingest_folder, open_workspace, undo

ROOT = Path(__file__).parents[2]
FIRST = {
    "graphs.md": "---\ntitle: Graph\nweek: 2\n---\nA graph is a set of nodes joined by edges.\n",
    "hnsw.md": "---\ntitle: HNSW\nweek: 5\n---\nHNSW walks a proximity graph greedily.\n\n"
    "## Connections\n- requires [[graphs]]: it walks one\n",
}
SECOND = {**FIRST, "ivf.md": "---\ntitle: IVF\nweek: 5\n---\nIVF scans only the clusters nearest to the query.\n"}


@pytest.fixture
def settings(notes, neo4j_config):
    """Settings that keep the graph of the test's notes in Neo4j, under a name of their own."""
    config = neo4j_config
    settings = Settings(
        workspace=notes.workspace,
        neo4j_uri=config.uri,
        neo4j_user=config.user,
        neo4j_password=config.password,
        neo4j_database=config.database,
        neo4j_graph=f"test-{uuid4().hex[:12]}",
    )
    yield settings
    with Neo4jConnection(neo4j_connection(settings).config) as connection:
        delete_graph(connection)


def environment(settings):
    names = {
        "NEO4J_URI": settings.neo4j_uri,
        "NEO4J_USER": settings.neo4j_user,
        "NEO4J_PASSWORD": settings.neo4j_password.get_secret_value(),
        "NEO4J_DATABASE": settings.neo4j_database or "",
        "NEO4J_GRAPH": settings.neo4j_graph,
        "PREPGRAPH_WORKSPACE": str(settings.workspace),
    }
    return os.environ | names


def prepgraph(settings, *arguments):
    command = [sys.executable, "-c", "import cli; cli.main()", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(settings), capture_output=True, text=True, check=False)


def titles(settings):
    return {concept.title for concept in open_workspace(settings).graph.concepts()}


def test_the_graph_that_answers_is_the_one_in_neo4j(notes, settings):
    stages = {}
    report = ingest_folder(settings, notes.write(FIRST).root, lambda stage, done, total: stages.update({stage: total}))
    opened = open_workspace(settings)
    assert isinstance(opened.graph, Neo4jStore)
    assert current_generation_id(neo4j_connection(settings)) == report.generation
    assert opened.graph.concepts() == opened.generation.graph().concepts()
    assert opened.graph.prerequisites("hnsw") == ("graphs",)
    assert opened.ask("What is HNSW?").citations[0].path == "hnsw.md"
    assert list(stages) == ["read", "embed", "index", "neo4j", "publish"]
    assert stages["neo4j"] > report.concepts + report.relations


def test_an_ingest_and_an_undo_take_the_server_along(notes, settings):
    first = ingest_folder(settings, notes.write(FIRST).root)
    reader = open_workspace(settings)
    second = ingest_folder(settings, notes.write(SECOND).root)
    assert "IVF" in titles(settings)
    assert reader.graph.resolve("IVF") is None, "who opened the generation before is not disturbed"
    assert undo(settings).generation == first.generation
    assert current_generation_id(neo4j_connection(settings)) == first.generation
    assert "IVF" not in titles(settings)
    assert undo(settings).generation == second.generation
    assert "IVF" in titles(settings)


def test_an_unchanged_ingest_writes_nothing_but_mends_what_the_server_lost(notes, settings):
    ingest_folder(settings, notes.write(FIRST).root)
    written = []
    ingest_folder(settings, notes.root, lambda stage, *_: written.append(stage))
    assert "neo4j" not in written
    connection = neo4j_connection(settings)
    delete_graph(connection)
    with pytest.raises(StorageError, match=r"does not hold the graph .*run `prepgraph ingest`"):
        titles(settings)
    ingest_folder(settings, notes.root)
    assert "HNSW" in titles(settings)
    connection.write(lambda tx: tx.run("MATCH (n:Name {name: 'hnsw'}) DELETE n").consume())
    assert open_workspace(settings).graph.resolve("HNSW") is None
    ingest_folder(settings, notes.root)
    assert open_workspace(settings).graph.resolve("HNSW").id == "hnsw"


def test_a_server_that_is_set_later_gets_the_generation_by_the_next_ingest(notes, settings):
    report = notes.write(FIRST).ingest()
    with pytest.raises(StorageError, match="does not hold the graph"):
        titles(settings)
    assert ingest_folder(settings, notes.root).generation == report.generation
    assert "HNSW" in titles(settings)


@pytest.mark.parametrize("step", ["publication._swap_pointer", "graph.neo4j_publish._Publisher.switch"])
def test_an_ingest_that_is_killed_between_the_two_stores_is_finished_by_the_next(notes, settings, step):
    ingest_folder(settings, notes.write(FIRST).root)
    notes.write(SECOND)
    module, _, name = step.rpartition(".")
    code = (
        "import os, signal, sys, graph.neo4j_publish, publication, workspace; from pathlib import Path\n"
        f"{module}.{name} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "workspace.ingest_folder(workspace.load_settings(), Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(notes.root)]
    done = subprocess.run(command, cwd=ROOT, env=environment(settings), check=False)
    assert done.returncode == -signal.SIGKILL
    assert titles(settings) == {"Graph", "HNSW", "Week 2", "Week 5"}
    ingest_folder(settings, notes.root)
    assert "IVF" in titles(settings)


def test_a_publish_that_fails_leaves_the_old_generation_in_service_everywhere(notes, settings, monkeypatch):
    first = ingest_folder(settings, notes.write(FIRST).root)

    def fail(*_):
        raise StorageError("Neo4j does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr("graph.neo4j_publish._Publisher.write", fail)
        with pytest.raises(StorageError, match="does not answer"):
            ingest_folder(settings, notes.write(SECOND).root)
    assert open_workspace(settings).generation.id == first.generation
    assert titles(settings) == {"Graph", "HNSW", "Week 2", "Week 5"}
    assert ingest_folder(settings, notes.root).previous == first.generation


def test_two_workspaces_on_one_server_do_not_know_each_other(make_notes, neo4j_config):
    mine, other = make_notes().write(FIRST), make_notes().write({"other.md": "# Other\nAnother note.\n"})
    kept = [
        Settings(
            workspace=notes.workspace,
            neo4j_uri=neo4j_config.uri,
            neo4j_user=neo4j_config.user,
            neo4j_password=neo4j_config.password,
            neo4j_database=neo4j_config.database,
        )
        for notes in (mine, other)
    ]
    try:
        for notes, settings in zip((mine, other), kept, strict=True):
            ingest_folder(settings, notes.root)
        assert titles(kept[0]) == {"Graph", "HNSW", "Week 2", "Week 5"}
        assert titles(kept[1]) == {"Other"}
    finally:
        for settings in kept:
            delete_graph(neo4j_connection(settings))


def graph_server(settings):
    found = {finding.name: finding for finding in diagnose(settings)}
    return found["graph server"], found


def test_doctor_tells_the_engine_its_speed_and_what_it_holds(notes, settings):
    report = ingest_folder(settings, notes.write(FIRST).root)
    finding, others = graph_server(settings)
    assert {other.status for other in others.values()} == {"ok"}
    assert finding.detail.startswith("Neo4j/5.")
    assert settings.neo4j_uri in finding.detail
    assert " ms a question, " in finding.detail
    assert finding.detail.endswith(f"holds generation {report.generation} whole")
    assert others["graph and index"].detail.startswith("Neo4j with 4 concepts, Qdrant Edge with 3 passages, ")


def test_doctor_before_the_first_ingest(settings):
    finding, _ = graph_server(settings)
    assert (finding.status, finding.detail.endswith("waits for the first ingest")) == ("ok", True)


def test_doctor_names_the_mend_for_each_fault_of_the_server(notes, settings):
    report = ingest_folder(settings, notes.write(FIRST).root)
    connection = neo4j_connection(settings)
    connection.write(lambda tx: tx.run("MATCH (:Concept {id: 'graphs'})-[r:PREREQUISITE_OF]->() DELETE r").consume())
    finding, _ = graph_server(settings)
    assert (finding.status, f"holds only 2 of 3 relations of {report.generation}" in finding.detail) == ("broken", True)
    assert "prepgraph ingest" in finding.next_step
    delete_graph(connection)
    finding, others = graph_server(settings)
    assert (finding.status, "holds no graph of this name" in finding.detail) == ("broken", True)
    assert others["graph and index"].status == "broken"
    ingest_folder(settings, notes.root)
    assert graph_server(settings)[0].status == "ok"
    gone = settings.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:9"})
    finding, _ = graph_server(gone)
    assert (finding.status, "does not answer" in finding.detail) == ("broken", True)
    wrong = settings.model_copy(update={"neo4j_uri": "http://localhost"})
    finding, _ = graph_server(wrong)
    assert (finding.status, "NEO4J_URI" in finding.detail) == ("broken", True)


def test_the_command_over_neo4j(notes, settings):
    done = prepgraph(settings, "ingest", str(notes.write(FIRST).root), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert current_generation_id(neo4j_connection(settings)) == report["generation"]
    path = json.loads(prepgraph(settings, "path", "Graph", "HNSW", "--json").stdout)
    assert [step["target"] for step in path["steps"]] == ["hnsw"]
    assert len(json.loads(prepgraph(settings, "concepts", "--json").stdout)) == report["concepts"]
    assert len(json.loads(prepgraph(settings, "relations", "--json").stdout)) == report["relations"]
    found = prepgraph(settings, "prerequisites", "hnsw", "--json")
    assert json.loads(found.stdout)["order"] == ["graphs"]


def test_a_server_that_does_not_answer_is_named_in_one_sentence_by_the_command(notes, settings):
    notes.write(FIRST).ingest()
    gone = settings.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:9"})
    for arguments in (["concepts"], ["ingest", str(notes.root)], ["ask", "What is HNSW?"]):
        done = prepgraph(gone, *arguments, "--json")
        assert (done.returncode, done.stdout) == (1, ""), arguments
        assert done.stderr.startswith("prepgraph: Neo4j at bolt://127.0.0.1:9 does not answer ")
        assert done.stderr.count("\n") == 1


def test_an_address_that_cannot_be_meant_is_wrong_use(notes, settings):
    wrong = settings.model_copy(update={"neo4j_uri": "http://127.0.0.1:7474"})
    done = prepgraph(wrong, "ingest", str(notes.write(FIRST).root), "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "NEO4J_URI" in done.stderr
    assert publication.current_generation(notes.workspace) is None


def test_a_server_that_dies_during_an_ingest_and_comes_back(notes, neo4j_server):
    settings = Settings(workspace=notes.workspace, neo4j_uri=neo4j_server.uri, neo4j_graph=f"test-{uuid4().hex[:12]}")
    first = ingest_folder(settings, notes.write(FIRST).root)
    opened = open_workspace(settings)

    def kill(stage, done, total):
        if stage == "neo4j":
            neo4j_server.kill()

    with pytest.raises(StorageError, match=r"^Neo4j at bolt://127\.0\.0\.1:\d+ "):
        ingest_folder(settings, notes.write(SECOND).root, kill)
    with pytest.raises(StorageError, match="does not answer"):
        opened.check()
    done = prepgraph(settings, "path", "Graph", "HNSW", "--json")
    assert (done.returncode, "does not answer" in done.stderr) == (1, True)
    neo4j_server.start()
    opened.check()  # the workspace that was open all the time
    assert opened.graph.prerequisites("hnsw") == ("graphs",)
    assert (open_workspace(settings).generation.id, titles(settings)) == (
        first.generation,
        {"Graph", "HNSW", "Week 2", "Week 5"},
    )
    done = prepgraph(settings, "ingest", str(notes.root), "--json")
    assert (done.returncode, json.loads(done.stdout)["generation"] != first.generation) == (0, True)
    assert "IVF" in titles(settings)
    delete_graph(neo4j_connection(settings))
