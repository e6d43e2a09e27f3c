"""Dependencies point one way, slow libraries load late, and the environment is read in one place."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What each part may import besides itself; what is missing here may import nothing of ours.
GENERATIONS = {"generation", "generation_build", "publication", "publishers"}
BELOW_WORKSPACE = {"engines", "graph", "ingest", "logs", "parse_cache", "rag", "settings", "study"} | GENERATIONS
SURFACE = BELOW_WORKSPACE | {"export", "workspace"}
MAY_IMPORT = {
    "logs": set(),
    "graph": {"logs"},
    "ingest": {"graph"},
    "rag": {"graph", "ingest", "logs"},
    "generation": {"graph", "rag"},
    "generation_build": {"graph", "ingest", "parse_cache", "rag", "generation"},
    "publication": {"graph", "ingest", "rag", "generation", "generation_build"},
    "publishers": {"graph", "rag", "generation"},
    "parse_cache": set(),
    "study": {"graph", "ingest", "rag"},
    "export": {"graph", "ingest", "rag"},
    "settings": {"graph", "logs"},
    "engines": {"generation", "graph", "publication", "publishers", "rag", "settings"},
    "workspace": BELOW_WORKSPACE,
    "command": SURFACE,  # the JSON shapes of the contract, and what is printed for people
    "doctor": SURFACE,
    "evals": SURFACE,
    "bench": SURFACE,
    "mcp_server": SURFACE | {"command", "doctor"},
    "cli": SURFACE | {"command", "doctor", "evals", "mcp_server"},
    "app_pages": SURFACE,
    "app": SURFACE | {"app_pages"},
}
STORES = {"graph.store", "graph.neo4j_store"}  # ingestion is pure: it opens none
SLOW = {"llama_index", "neo4j", "onnxruntime", "qdrant_client", "qdrant_edge", "tokenizers"}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def source_files() -> list[Path]:
    rooms = [path for part in MAY_IMPORT for path in (ROOT / part).rglob("*.py") if "node_modules" not in path.parts]
    return [*ROOT.glob("*.py"), *rooms]


MODULES = {module_name(path): path for path in source_files()}
TREES = {name: ast.parse(path.read_text(encoding="utf-8"), str(path)) for name, path in MODULES.items()}
every_module = pytest.mark.parametrize("name", sorted(MODULES))


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def statements_run_by_import(node: ast.AST) -> Iterator[ast.AST]:
    """Everything that importing a module executes: not the bodies of functions, nothing for type checkers only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if is_type_checking(child):
            yield from (found for other in child.orelse for found in [other, *statements_run_by_import(other)])
            continue
        yield child
        yield from statements_run_by_import(child)


def imported_by(node: ast.AST) -> set[str]:
    """Dotted names that one import statement brings in; `from a import b` may mean the module a.b, so it gives both."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return set()


def imports(nodes: Iterator[ast.AST]) -> set[str]:
    return {name for node in nodes for name in imported_by(node)}


def tops(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def reads_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return ast.unparse(node) in {"os.environ", "os.getenv"}
    return bool(imported_by(node) & {"os.environ", "os.getenv"})


@every_module
def test_dependencies_point_one_way(name):
    part = name.partition(".")[0]
    assert part in MAY_IMPORT, f"{MODULES[name]} has no place in MAY_IMPORT yet"
    ours = tops(imports(ast.walk(TREES[name]))) & set(MAY_IMPORT)
    assert ours <= MAY_IMPORT[part] | {part}, f"{MODULES[name]} imports {ours - MAY_IMPORT[part] - {part}}"


@pytest.mark.parametrize("name", ["graph.schema", "graph.errors"])
def test_the_types_and_the_errors_stand_alone(name):
    assert not {found for found in imports(ast.walk(TREES[name])) if found.startswith("graph.")} - {"graph.errors"}


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.startswith("ingest.")))
def test_ingestion_opens_no_store(name):
    assert not imports(ast.walk(TREES[name])) & STORES


@every_module
def test_only_the_app_knows_streamlit(name):
    if name.partition(".")[0] not in {"app", "app_pages"}:
        assert "streamlit" not in tops(imports(ast.walk(TREES[name])))


@every_module
def test_slow_libraries_are_imported_where_they_are_used(name):
    assert not tops(imports(statements_run_by_import(TREES[name]))) & SLOW


@every_module
def test_only_the_settings_read_the_environment(name):
    if name != "settings":
        assert not [node.lineno for node in ast.walk(TREES[name]) if reads_environment(node)]


def test_there_is_something_to_walk():
    assert {"cli", "workspace", "generation", "graph.schema", "ingest.vault", "rag.embed"} <= set(MODULES)


def test_the_walk_sees_what_an_import_runs():
    source = """
if TYPE_CHECKING:
    import neo4j
else:
    import qdrant_edge
try:
    from os import environ
except ImportError:
    pass
class Adapter:
    import onnxruntime
    def connect(self):
        import qdrant_client
"""
    tree = ast.parse(source)
    assert tops(imports(statements_run_by_import(tree))) == {"qdrant_edge", "os", "onnxruntime"}
    assert any(reads_environment(node) for node in ast.walk(tree))
