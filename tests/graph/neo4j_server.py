"""A real Neo4j for tests: the server of tests/neo4j, on this machine only, ended with the process that started it."""

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).parents[1] / "neo4j"
START_SECONDS = 180
HOW_TO_RUN = "install default-jdk-headless and maven, then run tools/ensure_neo4j.sh; or set NEO4J_URI to a server"


def jar_folder():
    version = re.search(r"<neo4j.version>(.+)</neo4j.version>", (HERE / "pom.xml").read_text()).group(1)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "prepgraph" / f"neo4j-{version}"


def what_is_missing():
    """What this machine lacks to start Neo4j, or None."""
    if not shutil.which("javac"):
        return "no Java compiler"
    return None if (jar_folder() / "complete").is_file() else "no jars of Neo4j"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Neo4jServer:
    """Its data stay in `folder` when it is killed, and it starts again on the same port."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.uri = f"bolt://127.0.0.1:{self.port}"
        self._process = None

    def start(self):
        classes = str(jar_folder() / "*")
        command = ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-cp", classes, str(HERE / "Server.java")]
        log = self.folder.with_suffix(".log")
        with log.open("w") as output:
            self._process = subprocess.Popen(
                [*command, str(self.folder), str(self.port)], stdin=subprocess.PIPE, stdout=output, stderr=output
            )
        deadline = time.monotonic() + START_SECONDS
        while "ready\n" not in (said := log.read_text()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Neo4j did not start: {said[-2000:]}")
            time.sleep(0.1)
        return self

    def kill(self):
        """SIGKILL: nothing is flushed, nobody is told."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
