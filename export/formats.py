"""Which formats there are, and how a graph is written in one: a file, or for a vault a folder of notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, get_args

from export.rows import GraphRows
from graph.errors import StorageError, UsageError
from graph.store import GraphStore

Format = Literal["svg", "graphml", "cypher", "jsonld", "markmap", "obsidian", "anki"]
FORMATS: tuple[Format, ...] = get_args(Format)
SUFFIXES: Mapping[Format, str] = {
    "svg": ".svg",
    "graphml": ".graphml",
    "cypher": ".cypher",
    "jsonld": ".jsonld",
    "markmap": ".md",
    "obsidian": ".zip",
    "anki": ".apkg",
}


def export_graph(graph: GraphStore, fmt: str, concept_id: str | None = None, week: int | None = None) -> bytes:
    """The graph in a format, a vault as a zip file; the same bytes for the same graph.

    `concept_id` or `week` selects what an SVG shows. Raises UsageError for both at once, for either with another
    format, and for one that does not exist, be it a format, a concept or a week.
    """
    if fmt == "svg":
        return draw_map(graph, concept_id, week)
    _refuse_selection(concept_id, week)
    write = _writer(fmt)
    return write(GraphRows(graph.concepts(), graph.relations(), graph.resources()))


def _writer(fmt: str) -> Callable[[GraphRows], bytes]:
    if fmt == "graphml":
        from export.graphml import to_graphml

        return to_graphml
    if fmt == "cypher":
        from export.cypher import to_cypher

        return to_cypher
    if fmt == "jsonld":
        from export.jsonld import to_jsonld

        return to_jsonld
    if fmt == "markmap":
        from export.markmap import to_markmap

        return to_markmap
    if fmt == "obsidian":
        from export.obsidian import to_vault
        from export.zipped import zip_files

        return lambda rows: zip_files(to_vault(rows))
    if fmt == "anki":
        from export.anki import to_anki

        return to_anki
    raise UsageError(f"There is no format {fmt!r}; choose one of {', '.join(FORMATS)}.")


def draw_map(graph: GraphStore, concept_id: str | None = None, week: int | None = None) -> bytes:
    """One A3 sheet as SVG: the whole course, one concept or one week. Raises UsageError as `export_graph` does."""
    from export.ego import select_concept
    from export.place import place_page
    from export.selection import select_all
    from export.svg import draw_page
    from export.week import select_week

    if concept_id is not None and week is not None:
        raise UsageError("--concept and --week cannot go together; leave one of them out.")
    concepts, relations = graph.concepts(), graph.relations()
    if concept_id is not None:
        selection = select_concept(concepts, relations, concept_id)
    elif week is not None:
        selection = select_week(concepts, relations, week)
    else:
        selection = select_all(concepts, relations)
    return draw_page(place_page(selection))


def write_export(
    graph: GraphStore, fmt: str, output: Path, concept_id: str | None = None, week: int | None = None
) -> int:
    """Writes a graph to a file, or a vault to a new folder unless the output ends in .zip. Returns the bytes written.

    Raises UsageError as `export_graph` does and for a folder that holds something already; StorageError if the disk
    refuses.
    """
    if fmt == "obsidian" and output.suffix.lower() != ".zip":
        from export.obsidian import to_vault

        _refuse_selection(concept_id, week)
        files = to_vault(GraphRows(graph.concepts(), graph.relations(), graph.resources()))
        _refuse_full(output)
        return sum(_write(output / path, data) for path, data in files.items())
    return _write(output, export_graph(graph, fmt, concept_id, week))


def _refuse_selection(concept_id: str | None, week: int | None) -> None:
    if concept_id is not None or week is not None:
        raise UsageError("--concept and --week select what --format svg draws; leave them out, or choose svg.")


def _refuse_full(folder: Path) -> None:
    """What an older export left there would be taken for notes of this one."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise UsageError(f"{folder} is there already; name a new folder, or a file that ends in .zip.")


def _write(output: Path, data: bytes) -> int:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(data)
    except OSError as fault:
        raise StorageError(f"{output} could not be written ({fault.strerror}); choose another place.") from fault
    return len(data)
