"""Qdrant's REST interface over the client's own in-memory imitation: what travels is real, and so are its faults.

What ranks is `QdrantClient(":memory:")`; a real server is used wherever QDRANT_URL names one.
"""

import json
import re
import threading
import warnings
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from qdrant_client import QdrantClient, models

VERSION = "1.19.1"
ROUTES: list[tuple[str, str, Callable[..., Any]]] = []


def route(method, path):
    def register(handle):
        pattern = re.sub(r"\{\w+\}", "([^/]+)", path)
        ROUTES.append((method, pattern, handle))
        return handle

    return register


class NotFoundError(Exception):
    pass


@route("GET", "/collections")
def list_collections(client, body):
    return client.get_collections()


@route("GET", "/aliases")
def list_aliases(client, body):
    return client.get_aliases()


@route("POST", "/collections/aliases")
def change_aliases(client, body):
    return client.update_collection_aliases(models.ChangeAliasesOperation.model_validate(body).actions)


@route("GET", "/collections/{name}/exists")
def exists(client, body, name):
    return {"exists": client.collection_exists(name)}


@route("GET", "/collections/{name}")
def describe(client, body, name):
    return client.get_collection(name)


@route("PUT", "/collections/{name}")
def create(client, body, name):
    asked = models.CreateCollection.model_validate(body)
    return client.create_collection(name, asked.vectors, asked.sparse_vectors)


@route("DELETE", "/collections/{name}")
def delete(client, body, name):
    return client.delete_collection(name)


@route("PUT", "/collections/{name}/index")
def index(client, body, name):
    return {"operation_id": 0, "status": "completed"}


@route("PUT", "/collections/{name}/points")
def upsert(client, body, name):
    return client.upsert(name, models.PointsList.model_validate(body).points)


@route("POST", "/collections/{name}/points")
def retrieve(client, body, name):
    asked = models.PointRequest.model_validate(body)
    return client.retrieve(name, asked.ids, with_payload=asked.with_payload, with_vectors=asked.with_vector)


@route("POST", "/collections/{name}/points/count")
def count(client, body, name):
    return client.count(name)


@route("POST", "/collections/{name}/points/scroll")
def scroll(client, body, name):
    points, following = client.scroll(
        name, limit=body["limit"], offset=body.get("offset"), with_payload=body["with_payload"]
    )
    return {"points": [point.model_dump(mode="json") for point in points], "next_page_offset": following}


@route("POST", "/collections/{name}/points/delete")
def delete_points(client, body, name):
    return client.delete(name, models.PointIdsList.model_validate(body))


@route("POST", "/collections/{name}/points/query")
def query(client, body, name):
    asked = models.QueryRequest.model_validate(body)
    return client.query_batch_points(name, [asked])[0]


@route("POST", "/collections/{name}/points/query/batch")
def query_batch(client, body, name):
    return client.query_batch_points(name, models.QueryRequestBatch.model_validate(body).searches)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size) or b"null") if size else None
        server = self.server
        path = self.path.partition("?")[0]
        server.asked.append((self.command, path, size))
        if server.faults:
            return self._send(*server.faults.pop(0))
        if server.key and self.headers.get("api-key") != server.key:
            return self._send(401, {"status": {"error": "Must provide an API key"}})
        if path == "/":
            return self._send(200, {"title": "qdrant", "version": VERSION})
        for method, pattern, handle in ROUTES:
            if method == self.command and (found := re.fullmatch(pattern, path)):
                return self._send(*_run(server, handle, body, found.groups()))
        return self._send(404, {"status": {"error": f"no route {self.command} {path}"}})

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def _send(self, status, content):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def _run(server, handle, body, names):
    try:
        with server.lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the imitation warns of what it leaves out
            found = handle(server.client, body, *names)
    except ValueError as fault:
        status = 404 if "not found" in str(fault) else 400
        return status, {"status": {"error": str(fault)}, "time": 0.0}
    return 200, {"result": _plain(found), "status": "ok", "time": 0.0}


def _plain(found):
    if isinstance(found, list):
        return [_plain(item) for item in found]
    return found.model_dump(mode="json") if hasattr(found, "model_dump") else found


class QdrantOverHttp:
    """A server on a free port of this machine, which can be stopped and started again with what it holds.

    `asked` is what came in; `faults` are answers (status, content) given instead to the next requests.
    """

    def __init__(self, key=""):
        self._client, self._key, self._port = QdrantClient(":memory:"), key, 0
        self._server, self._lock = None, threading.Lock()
        self.asked, self.faults = [], []

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    def start(self):
        server = ThreadingHTTPServer(("127.0.0.1", self._port), _Handler)
        server.daemon_threads = True
        server.client, server.key, server.lock = self._client, self._key, self._lock
        server.asked, server.faults = self.asked, self.faults
        self._server, self._port = server, server.server_port
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def stop(self):
        if self._server is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None
