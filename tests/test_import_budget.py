"""What starting the app or the command may cost, measured in a fresh process."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SLOW = {"llama_index", "neo4j", "onnxruntime", "pandas", "qdrant_client", "qdrant_edge", "tokenizers"}
CLI_BUDGET_SECONDS = 1.5  # of processor time, about five times what it takes: a guard against a stray import
PAGES = sorted(
    path for path in [ROOT / "app.py", *(ROOT / "app_pages").rglob("*.py")] if "node_modules" not in path.parts
)


REPORT = """
import json, sys, time
print(json.dumps([sorted({name.partition(".")[0] for name in sys.modules}), time.process_time()]))
"""


def in_fresh_process(code: str) -> tuple[set[str], float]:
    """Run code; return the top-level modules that it loaded and the seconds of processor time that it took."""
    command = [sys.executable, "-c", code + REPORT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    modules, seconds = json.loads(done.stdout.splitlines()[-1])
    return set(modules), seconds


def import_statements(path: Path) -> str:
    """The imports at the top of a page; its other statements would draw it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return "\n".join(["from __future__ import annotations", *(ast.unparse(node) for node in found)])


@pytest.fixture(scope="module")
def streamlit_alone() -> set[str]:
    return in_fresh_process("import streamlit")[0]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_loads_no_slow_library_by_our_own_doing(path, streamlit_alone):
    loaded, _ = in_fresh_process(import_statements(path))
    assert not (loaded - streamlit_alone) & SLOW


def test_the_command_starts_without_slow_libraries_and_in_time():
    loaded, seconds = in_fresh_process("import cli")
    assert not loaded & (SLOW | {"streamlit"})
    assert seconds < CLI_BUDGET_SECONDS
