"""A page with nothing but the components on a made-up graph: what `test_components.py` drives."""

import os
import random

import streamlit as st

from app_pages.components.citation_links import page_links
from app_pages.components.concept_map import (
    MapEdge,
    MapGraph,
    MapNode,
    concept_map,
    concept_map_control,
    read_map_event,
)

WEEKS = {
    "Data structures": (
        "Arrays, Hash tables, Linked lists, Stacks, Queues, Strings, Two pointers, Sliding window, "
        "Binary search, Big-O notation, Prefix sums"
    ),
    "Algorithms": (
        "Binary search trees, Heaps, Tries, Graphs, Breadth-first search, Depth-first search, "
        "Topological sort, Dynamic programming, Backtracking, Union-find, Greedy algorithms, "
        "Dijkstra's algorithm"
    ),
    "System design": (
        "Load balancing, Caching, Database indexes, Sharding, Replication, Consistent hashing, "
        "CAP theorem, Consistency models, Message queues, Rate limiting, Content delivery networks"
    ),
    "Data engineering": (
        "Batch processing, Stream processing, Apache Kafka, Apache Spark, Columnar storage, Data lake, "
        "Data warehouse, Orchestration, Exactly-once delivery, Windowing, Change data capture"
    ),
    "ML fundamentals": (
        "Gradient descent, Overfitting, Regularization, Cross-validation, Evaluation metrics, "
        "Feature engineering, Backpropagation, Embeddings, Class imbalance, Calibration"
    ),
    "LLM internals": (
        "Tokenization, Attention, Transformer, Positional encoding, KV cache, Sampling, Pre-training, "
        "Fine-tuning, RLHF, LoRA, Quantization, Mixture of experts"
    ),
    "RAG": (
        "Chunking, Vector database, BM25, Approximate nearest neighbour search, HNSW, Hybrid search, "
        "Re-ranking, Prompt assembly, Citations, GraphRAG, RAG evaluation, Product quantization"
    ),
    "Agents": (
        "Tool calling, ReAct, Planning, Agent memory, Multi-agent systems, Model Context Protocol, "
        "Guardrails, Prompt injection, Agent evaluation, Human in the loop, Model serving"
    ),
    "Interview": (
        "STAR method, Trade-off talk, Estimation, Design interview, Coding interview, "
        "Behavioural stories, Mock interviews, Offer negotiation, Question bank, Reverse interview"
    ),
}
PITCH, ROW, WIDTH, HEIGHT = 140, 60, 112, 44
KINDS = ("applies_to", "related_to", "contrasts_with")
ANSWER = (
    "A queue hands items out in the order they came [\\[1\\]](#cite-demo-1), "
    "and a stack in reverse [\\[2\\]](#cite-demo-2)."
)


def concept_id(title: str) -> str:
    return title.lower().replace(" ", "-").replace("'", "")


@st.cache_data
def demo_graph(copies: int) -> MapGraph:
    """About a hundred concepts a copy; the same graph for every call."""
    rng = random.Random(7)
    columns = [
        {
            "id": f"week-{i + 1}",
            "title": f"Week {i + 1}",
            "subtitle": title,
            "x": PITCH * i + PITCH / 2,
            "width": float(PITCH),
        }
        for i, title in enumerate(WEEKS)
    ]
    names = [
        [f"{name}{' ' * (c > 0)}{c or ''}" for c in range(copies) for name in concepts.split(", ")]
        for concepts in WEEKS.values()
    ]
    tallest = max(map(len, names)) * ROW
    nodes: list[MapNode] = [
        {
            "id": concept_id(title),
            "title": title,
            "column": column,
            "x": PITCH * column + PITCH / 2,
            "y": (tallest - len(titles) * ROW) / 2 + ROW * (row + 0.5),
            "width": WIDTH,
            "height": HEIGHT,
            "summary": f"What {title} is, in one line.",
        }
        for column, titles in enumerate(names)
        for row, title in enumerate(titles)
    ]
    edges: list[MapEdge] = []
    for place, node in enumerate(nodes):
        earlier = [
            other
            for other in nodes[:place]
            if int(node["column"]) - int(other["column"]) <= rng.choice((0, 1, 1, 2, 4, 7))
        ]
        chosen = rng.sample(earlier, min(len(earlier), rng.choice((1, 1, 2))))
        edges += [{"source": other["id"], "target": node["id"], "kind": "prerequisite_of"} for other in chosen]
        if earlier and rng.random() < 0.45:
            edges.append({"source": rng.choice(earlier)["id"], "target": node["id"], "kind": rng.choice(KINDS)})
    return {"map_id": f"demo-{copies}", "columns": columns, "nodes": nodes, "edges": edges}  # type: ignore[typeddict-item]


def reach(graph: MapGraph, start: str | None, source: str, target: str) -> set[str]:
    """Everything that prerequisite edges lead to from `start`, walking from the end `source` to the end `target`."""
    found: set[str] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        new = {e[target] for e in graph["edges"] if e["kind"] == "prerequisite_of" and e[source] == here} - found  # type: ignore[literal-required]
        found |= new
        todo += new
    return found


def explore() -> None:
    graph = demo_graph(int(os.environ.get("DEMO_COPIES", "1")))
    event = read_map_event("demo-control")
    if event.is_new:
        st.session_state["selected"] = event.selected
    linked = page_links(key="demo-links")
    if linked:
        st.session_state["selected"] = linked
    selected: str | None = st.session_state.setdefault("selected", st.query_params.get("concept"))
    prerequisites, unlocks = reach(graph, selected, "target", "source"), reach(graph, selected, "source", "target")
    related = {
        e["target"] if e["source"] == selected else e["source"]
        for e in graph["edges"]
        if e["kind"] != "prerequisite_of" and selected in (e["source"], e["target"])
    }
    left, right = st.columns([3, 1])
    with left:
        concept_map(graph, key="demo-map", height=680)
        concept_map_control(
            map_id=graph["map_id"],
            selected=selected,
            prerequisites=prerequisites,
            unlocks=unlocks,
            related=related,
            key="demo-control",
        )
    with right, st.container(key="demo-panel"):
        st.subheader(selected or "Nothing selected")
        st.write(f"runs: {st.session_state.setdefault('runs', 0)}")
        st.session_state["runs"] += 1
        st.write("needs:", ", ".join(sorted(prerequisites)) or "nothing")
        st.write("unlocks:", ", ".join(sorted(unlocks)) or "nothing")
        st.button("Select HNSW", on_click=lambda: st.session_state.update(selected="hnsw"))
        st.button("Rerun")
        with st.container(key="prepgraph-note-demo"):
            st.markdown("See [sharding](?concept=sharding).")


def ask() -> None:
    page_links(key="ask-links")
    with st.chat_message("assistant"):
        st.markdown(ANSWER)
        for paragraph in range(30):
            st.write(f"Filler paragraph {paragraph}.")
        with st.expander("Sources"):
            for number, quote in enumerate(("First in, first out.", "Last in, first out."), start=1):
                with st.container(key=f"cite-demo-{number}"):
                    st.html(f"<p>Source {number}: <mark>{quote}</mark></p>")
    for paragraph in range(30):
        st.write(f"More filler {paragraph}.")


st.set_page_config(page_title="Components", layout="wide")
st.navigation(
    [st.Page(explore, title="Explore", default=True), st.Page(ask, title="Ask", url_path="ask")], position="top"
).run()
