"""The notes that benchmarks are made of: the same each time, and with enough in them to be worth reading."""

import numpy as np

from bench.llama_pipeline import find_chunk_size, make_pipeline
from bench.notes import write_synthetic_notes
from bench.scale import ingest_once
from bench.synthetic import SyntheticEmbedder
from ingest.vault import build_vault, read_sources
from workspace import SHIPPED_CONTENT

COUNT, WORDS = 25, 300


def written(folder):
    write_synthetic_notes(folder, SHIPPED_CONTENT, COUNT, WORDS)
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.md"))}


def test_the_same_notes_each_time(tmp_path):
    first = written(tmp_path / "a")
    assert first == written(tmp_path / "b")
    assert len(first) == COUNT
    assert all(WORDS <= len(text.split()) < 2 * WORDS for text in first.values())


def test_they_link_one_another_and_name_what_they_link(tmp_path, embedder):
    written(tmp_path)
    vault = build_vault(read_sources(tmp_path), embedder.count_tokens)
    assert not [problem for problem in vault.problems if problem.code == "dangling_link"]
    kinds = {relation.origin for relation in vault.relations}
    assert {"link", "pattern", "statistics"} <= kinds
    assert len(vault.concepts) >= COUNT


def test_synthetic_vectors_have_the_shapes_of_the_models(embedder):
    text = "A heap is a tree whose root is the smallest."
    (made,), real = SyntheticEmbedder().encode_texts([text]), embedder.encode_query(text)
    assert (made.vector.shape, made.token_vectors.shape) == (real.vector.shape, real.token_vectors.shape)
    assert (made.token_ids == real.token_ids).all()
    assert np.allclose(np.linalg.norm(made.token_vectors, axis=1), 1, atol=1e-5)
    assert SyntheticEmbedder.model_id != embedder.model_id


def test_an_ingest_that_is_watched_tells_its_peaks(tmp_path):
    written(tmp_path / "notes")
    row = ingest_once(tmp_path / "notes", tmp_path / "workspace")
    assert row["chunks"] > COUNT
    assert list(row["peaks"]) == ["read", "embed", "index", "publish"]
    assert all(peak > 10 for peak in row["peaks"].values())


def test_the_peer_cuts_about_as_many_chunks(tmp_path, embedder):
    texts = [data.decode() for data in written(tmp_path / "notes").values()]
    wanted = len(build_vault(read_sources(tmp_path / "notes"), embedder.count_tokens).chunks)
    nodes = make_pipeline(find_chunk_size(texts, wanted))(sorted((tmp_path / "notes").rglob("*.md"))[:3])
    assert abs(len(nodes) - wanted * 3 / COUNT) <= 3
    assert all(len(node.embedding) == embedder.dimension for node in nodes)
