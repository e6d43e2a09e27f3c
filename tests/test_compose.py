"""docker-compose.yml, the Dockerfile and what goes into the image, read as Docker would read them."""

import json
import re
import shutil
import subprocess
import threading
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from tools.runtime_lock import named_packages, needed, read_entries

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "tests/data/compose-spec/compose-spec.json").read_text(encoding="utf-8"))
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
SECRETS = {"NEO4J_PASSWORD", "QDRANT_API_KEY"}
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<mark>:?[-?])?(?P<rest>[^}]*)\}")
every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_it_is_a_compose_file():
    Draft202012Validator.check_schema(SCHEMA)
    faults = [f"{list(fault.path)}: {fault.message}" for fault in Draft202012Validator(SCHEMA).iter_errors(COMPOSE)]
    assert faults == []


def test_the_schema_finds_faults():
    wrong = {"services": {"app": {"imagee": "x"}}}
    assert list(Draft202012Validator(SCHEMA).iter_errors(wrong))


def test_the_servers_and_the_app_are_there():
    assert set(SERVICES) == {"app", "neo4j", "qdrant"}


@every_service
def test_images_are_pinned_to_a_release(name):
    image = SERVICES[name]["image"]
    assert image == "prepgraph:local" if name == "app" else re.search(r":v?\d+\.\d+\.\d+", image)


@every_service
def test_ports_are_for_this_machine_only(name):
    assert SERVICES[name]["ports"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])


@every_service
def test_memory_processors_and_privileges_are_limited(name):
    assert set(SERVICES[name]["deploy"]["resources"]["limits"]) == {"memory", "cpus", "pids"}
    assert "no-new-privileges:true" in SERVICES[name]["security_opt"]
    assert not SERVICES[name].get("privileged")


@every_service
def test_data_are_kept_in_named_volumes(name):
    sources = [volume.partition(":")[0] for volume in SERVICES[name]["volumes"]]
    assert any(source in COMPOSE["volumes"] for source in sources)


def test_the_app_waits_for_servers_that_are_healthy():
    waits = SERVICES["app"]["depends_on"]
    assert {name: wait["condition"] for name, wait in waits.items()} == dict.fromkeys(
        ["neo4j", "qdrant"], "service_healthy"
    )
    assert all("healthcheck" in SERVICES[name] for name in waits)


def test_no_password_has_a_default():
    found = [match.groupdict() for match in VARIABLE.finditer(TEXT)]
    for variable in found:
        if variable["name"] in SECRETS:
            assert variable["mark"] == ":?", variable
            assert variable["rest"]
    assert {variable["name"] for variable in found} >= SECRETS
    assert all(f"{name}=\n" in (ROOT / ".env.example").read_text(encoding="utf-8") for name in SECRETS)


def test_every_variable_is_explained_in_the_example():
    example = set(re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    handed_on = {name for name, value in SERVICES["app"]["environment"].items() if value is None}
    assert {match["name"] for match in VARIABLE.finditer(TEXT)} | handed_on == example


def test_the_app_knows_every_variable_that_it_is_given():
    from workspace import Settings

    aliases = {field.validation_alias or f"PREPGRAPH_{name.upper()}" for name, field in Settings.model_fields.items()}
    assert set(SERVICES["app"]["environment"]) <= aliases


class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(self.server.status if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_the_health_check_of_qdrant_tells_ready_from_not_ready_and_from_absent():
    server = HTTPServer(("127.0.0.1", 0), Ready)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    kind, *command = SERVICES["qdrant"]["healthcheck"]["test"]
    assert kind == "CMD"
    command = [part.replace("/6333", f"/{server.server_port}").replace("$$", "$") for part in command]
    codes = []
    for server.status in (200, 503):
        codes.append(subprocess.run(command, capture_output=True, check=False, timeout=20).returncode)
    server.shutdown()
    thread.join()
    server.server_close()
    codes.append(subprocess.run(command, capture_output=True, check=False, timeout=20).returncode)
    assert [code == 0 for code in codes] == [True, False, False]


def instructions(word):
    return re.findall(rf"^{word}\s+(.+)$", DOCKERFILE, re.MULTILINE)


def test_the_image_is_pinned_and_nobody_runs_as_root():
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+( AS \w+)?", base) for base in instructions("FROM"))
    (user,) = instructions("USER")
    assert not re.match(r"(root|0)\b", user)
    assert DOCKERFILE.rindex("USER") > DOCKERFILE.rindex("RUN")


def test_what_is_copied_exists():
    stages = set(re.findall(r" AS (\w+)$", DOCKERFILE, re.MULTILINE))
    for copied in instructions("COPY"):
        *sources, _ = copied.split()
        if sources[0].startswith("--from="):
            assert sources[0].removeprefix("--from=") in stages
        else:
            assert all((ROOT / source).exists() and is_sent(source) for source in sources if source != "."), copied


def is_sent(path):
    """Whether .dockerignore lets a path into the build: the last pattern that matches decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            bare = pattern.removeprefix("!").removeprefix("**/").rstrip("/")
            parts = Path(path).parts
            prefixes = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
            named = (
                parts if "**/" in pattern else [prefix for prefix in prefixes if prefix.count("/") == bare.count("/")]
            )
            if any(fnmatch(name, bare) for name in named):
                sent = pattern.startswith("!")
    return sent


def test_all_that_runs_is_sent_and_nothing_private():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    modules = re.search(r"py-modules = \[([^\]]*)\]", project)[1]
    packages = re.search(r"^packages = \[([^\]]*)\]", project, re.MULTILINE)[1]
    wanted = [f"{name}.py" for name in re.findall(r'"([\w.]+)"', modules)]
    wanted += [f"{name.replace('.', '/')}/__init__.py" for name in re.findall(r'"([\w.]+)"', packages)]
    wanted += ["app.py", "content/x/y.md", "models/m/model.onnx", "evals/score.py", ".streamlit/config.toml"]
    assert [path for path in wanted if not is_sent(path)] == []
    kept_out = [".env", ".git/config", ".prepgraph/CURRENT", ".streamlit/secrets.toml", "tests/test_compose.py"]
    kept_out += ["app_pages/components/concept_map/node_modules/x.js", "rag/__pycache__/x.pyc", "tools/lint_content.py"]
    assert [path for path in kept_out if is_sent(path)] == []


def test_the_image_gets_what_running_needs_and_no_tools():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = read_entries(lock)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    locked = {name for name in named_packages(project, ["llm"]) if name in entries}
    found = needed(entries, locked)
    assert found >= {"streamlit", "qdrant-client", "grpcio", "openai", "setuptools", "pydantic-core"}
    assert not found & {"pytest", "mypy", "ruff", "playwright", "reportlab", "xllamacpp"}
    assert all("--hash=sha256:" in entries[name] for name in found)
