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
# Each page in a fork of one process that has imported Streamlit, which takes longer than all of them.
APART = """
import json, os, sys
import streamlit
top = lambda: {name.partition(".")[0] for name in sys.modules}
alone = top()
for page, code in json.load(sys.stdin).items():
    if os.fork() == 0:
        exec(code, {"__name__": "page"})
        print(json.dumps([page, sorted(top() - alone)]), flush=True)
        os._exit(0)
    if os.wait()[1]:
        sys.exit(f"{page} cannot be imported")
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
def loaded_by_page():
    """The top-level modules that each page loads besides Streamlit's own."""
    pages = json.dumps({str(path): import_statements(path) for path in PAGES})
    command = [sys.executable, "-c", APART]
    done = subprocess.run(command, cwd=ROOT, input=pages, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {page: set(modules) for page, modules in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_loads_no_slow_library_by_our_own_doing(path, loaded_by_page):
    assert not loaded_by_page[str(path)] & SLOW


def test_the_command_starts_without_slow_libraries_and_in_time():
    loaded, seconds = in_fresh_process("import cli")
    assert not loaded & (SLOW | {"streamlit"})
    assert seconds < CLI_BUDGET_SECONDS
