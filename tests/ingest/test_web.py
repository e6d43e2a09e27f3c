"""One page from a real server on this machine, and all that is refused."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from graph.schema import Problem
from ingest.read import SourceFile, read_document
from ingest.web import fetch_page

PAGE = b"<html><head><title>Heap</title></head><body><p>A heap is a tree.</p></body></html>"


class Site(BaseHTTPRequestHandler):
    """Answers by path; `server.robots` is the robots.txt and `server.asked` what was asked for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        path = self.path.partition("?")[0]
        if path == "/robots.txt":
            self.answer(self.server.robots_status, "text/plain", self.server.robots)
        elif path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/slow":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            for _ in range(50):
                time.sleep(0.1)
                self.wfile.write(b"<p>")
        elif path == "/dribble":
            for _ in range(50):
                time.sleep(0.1)
                self.wfile.write(b"H")
        elif path == "/large":
            self.answer(200, "text/html", b"x" * 5000)
        elif path == "/image":
            self.answer(200, "image/png", b"x")
        elif path == "/gone":
            self.answer(404, "text/html", PAGE)
        else:
            self.answer(200, "text/html; charset=utf-8", PAGE)

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self):
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    server.robots, server.robots_status, server.asked = b"", 404, []
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def code(found):
    assert isinstance(found, Problem)
    assert found.severity == "error"
    assert found.message.endswith(".")
    return found.code


def test_a_page_becomes_a_source_file_that_can_be_read(site):
    found = fetch_page(f"{site.address}/notes/heap?x=1", allow_private=True)
    assert found == SourceFile("127.0.0.1/notes/heap.html", PAGE)
    file, problems = read_document(found)
    assert (file.document.title, file.document.text, problems) == ("Heap", "A heap is a tree.", [])
    assert site.asked == ["/robots.txt", "/notes/heap?x=1"]


def test_a_redirect_is_followed(site):
    found = fetch_page(f"{site.address}/to//notes/heap.html", allow_private=True)
    assert found == SourceFile("127.0.0.1/notes/heap.html", PAGE)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://user:pw@127.0.0.1/", "gopher:x"])
def test_a_redirect_is_checked_like_the_first_address(site, target):
    assert code(fetch_page(f"{site.address}/to/{target}", allow_private=True)) in {
        "refused_address",
        "malformed_address",
    }


def test_redirects_end(site):
    assert code(fetch_page(f"{site.address}/to//to//to//to//to//to//to//x", allow_private=True)) == "unreachable"


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://10.1.2.3/", "http://192.168.1.1/x",
     "http://172.16.0.1/", "http://169.254.169.254/latest/meta-data/", "http://0.0.0.0/", "http://2130706433/",
     "http://[::ffff:127.0.0.1]/", "http://100.64.0.1/", "http://[fd00::1]/", "http://224.0.0.1/"],
)  # fmt: skip
def test_the_own_machine_and_network_are_refused(address):
    assert code(fetch_page(address, max_seconds=5)) == "refused_address"


def test_nothing_is_asked_of_a_refused_host(site):
    assert code(fetch_page(f"{site.address}/x")) == "refused_address"
    assert site.asked == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [("file:///etc/passwd", "refused_address"), ("javascript:alert(1)", "refused_address"), ("", "refused_address"),
     ("http://", "malformed_address"), ("http://[x", "malformed_address"), ("http://a b/", "malformed_address"),
     ("http://a:99999/", "malformed_address"), ("https://u:p@example.org/", "refused_address")],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(address, expected):
    assert code(fetch_page(address)) == expected


def test_robots_are_respected(site):
    site.robots, site.robots_status = b"User-agent: *\nDisallow: /private\n", 200
    assert code(fetch_page(f"{site.address}/private/x", allow_private=True)) == "forbidden_by_robots"
    assert code(fetch_page(f"{site.address}/to//private/x", allow_private=True)) == "forbidden_by_robots"
    assert "/private/x" not in site.asked
    assert isinstance(fetch_page(f"{site.address}/public", allow_private=True), SourceFile)


def test_robots_that_fail_forbid(site):
    site.robots_status = 503
    assert code(fetch_page(f"{site.address}/x", allow_private=True)) == "forbidden_by_robots"


def test_a_large_page_is_refused(site):
    assert code(fetch_page(f"{site.address}/large", allow_private=True, max_bytes=4999)) == "too_large"
    assert isinstance(fetch_page(f"{site.address}/large", allow_private=True, max_bytes=5000), SourceFile)


@pytest.mark.parametrize("path", ["/slow", "/dribble"])
def test_time_is_limited_for_the_whole_page(site, path):
    started = time.monotonic()
    found = fetch_page(f"{site.address}{path}", allow_private=True, max_seconds=0.5)
    assert code(found) == "unreachable"
    assert "within 0.5 seconds" in found.message
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(("path", "expected"), [("/gone", "unreachable"), ("/image", "unreadable")])
def test_what_is_no_page_is_a_problem(site, path, expected):
    assert code(fetch_page(f"{site.address}{path}", allow_private=True)) == expected


def test_nobody_there_is_a_problem():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert code(fetch_page(f"http://127.0.0.1:{port}/", allow_private=True, max_seconds=5)) == "unreachable"
