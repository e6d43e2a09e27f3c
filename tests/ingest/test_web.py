"""One page from a real server on this machine, and all that is refused."""

import socket
import time

import pytest

from graph.schema import Problem
from ingest.read import SourceFile, read_document
from ingest.saved_pages import is_web_address
from ingest.web import WebPage, fetch_page

PAGE = b"<html><head><title>Heap</title></head><body><p>A heap is a tree.</p></body></html>"


def html(body=PAGE, status=200, kind="text/html"):
    return status, {"Content-Type": kind}, body


def code(found):
    assert isinstance(found, Problem)
    assert found.severity == "error"
    assert found.message.endswith(".")
    return found.code


def fetch(site, path, **options):
    return fetch_page(f"{site.address}{path}", allow_private=True, **options)


def test_a_page_is_its_own_bytes_under_its_address(site):
    found = fetch(site, "/notes/heap?x=1#part")
    assert found == WebPage(f"{site.address}/notes/heap?x=1", ".html", PAGE)
    file, problems = read_document(SourceFile(f"heap{found.suffix}", found.data))
    assert (file.document.title, file.document.text, problems) == ("Heap", "A heap is a tree.", [])
    assert site.asked == ["GET /robots.txt", "GET /notes/heap?x=1"]


@pytest.mark.parametrize(
    ("path", "kind", "suffix"),
    [
        ("/a", "text/html", ".html"),
        ("/a.md", "text/html", ".html"),
        ("/a", "application/xhtml+xml", ".html"),
        ("/a", "text/markdown; charset=utf-8", ".md"),
        ("/a", "text/plain", ".txt"),
        ("/a.MD", "text/plain", ".md"),
        ("/a.ipynb", "text/plain", ".ipynb"),
        ("/a.ipynb", "application/json", ".ipynb"),
        ("/a.pdf", "application/octet-stream", ".pdf"),
        ("/a", "application/pdf", ".pdf"),
    ],
)
def test_the_reader_is_chosen_by_the_type_and_where_that_is_vague_by_the_address(site, path, kind, suffix):
    site.pages[path] = html(b"Text.", kind=kind)
    assert fetch(site, path).suffix == suffix


@pytest.mark.parametrize(
    ("path", "kind"), [("/a", "image/png"), ("/a", "application/octet-stream"), ("/a.exe", "application/octet-stream"),
                       ("/a", "application/json"), ("/a.md", "video/mp4")],
)  # fmt: skip
def test_what_is_no_page_is_a_problem(site, path, kind):
    site.pages[path] = html(b"x", kind=kind)
    found = fetch(site, path)
    assert code(found) == "unreadable"
    assert kind in found.message


@pytest.mark.parametrize("status", [204, 401, 404, 410, 500])
def test_a_status_other_than_ok_is_a_problem(site, status):
    site.pages["/x"] = html(status=status)
    found = fetch(site, "/x")
    assert code(found) == "unreachable"
    assert str(status) in found.message


def test_a_packed_page_is_refused(site):
    site.pages["/x"] = (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, b"\x1f\x8b")
    found = fetch(site, "/x")
    assert code(found) == "unreadable"
    assert "gzip" in found.message


@pytest.mark.parametrize(
    ("data", "charset", "kept"),
    [
        ("Zürich".encode(), "utf-8", "Zürich".encode()),
        ("Zürich".encode("latin-1"), "iso-8859-1", b"\xef\xbb\xbf" + "Zürich".encode()),
        (b"plain", "iso-8859-1", b"plain"),
        ("Zürich".encode("latin-1"), "no-such-charset", "Zürich".encode("latin-1")),
        (b'<meta charset="latin-1">Z\xfcrich', "utf-16", b'<meta charset="latin-1">Z\xfcrich'),
        ("日本".encode("iso2022_jp"), "iso-2022-jp", b"\xef\xbb\xbf" + "日本".encode()),
    ],
)  # fmt: skip
def test_text_that_only_the_header_can_decode_becomes_utf8(site, data, charset, kept):
    site.pages["/x"] = html(data, kind=f"text/html; charset={charset}")
    assert fetch(site, "/x").data == kept


def test_a_redirect_is_followed(site):
    assert fetch(site, "/to//notes/heap.html") == WebPage(f"{site.address}/notes/heap.html", ".html", PAGE)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://user:pw@127.0.0.1/", "gopher:x"])
def test_a_redirect_is_checked_like_the_first_address(site, target):
    assert code(fetch(site, f"/to/{target}")) in {"refused_address", "malformed_address"}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "169.254.169.254", "10.0.0.1", "[::1]", "0"])
def test_an_allowed_host_cannot_redirect_to_another_one_of_the_network(site, host):
    assert code(fetch(site, f"/to/http://{host}:{site.server_port}/secret")) == "refused_address"
    assert not any("secret" in line for line in site.asked if "/to/" not in line)


def test_redirects_end(site):
    assert code(fetch(site, "/to//to//to//to//to//to//to//x")) == "unreachable"


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://10.1.2.3/", "http://192.168.1.1/x",
     "http://172.16.0.1/", "http://169.254.169.254/latest/meta-data/", "http://0.0.0.0/", "http://2130706433/",
     "http://[::ffff:127.0.0.1]/", "http://100.64.0.1/", "http://[fd00::1]/", "http://224.0.0.1/", "http://0x7f.1/",
     "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/", "http://[fec0::1]/",
     "http://[fe80::1]/", "http://[::]/", "http://[ff02::1]/"],
)  # fmt: skip
def test_the_own_machine_and_network_are_refused(address):
    assert code(fetch_page(address, max_seconds=5)) == "refused_address"


def test_nothing_is_asked_of_a_refused_host(site):
    assert code(fetch_page(f"{site.address}/x")) == "refused_address"
    assert site.asked == []


def test_a_name_is_looked_up_once_a_request_and_what_was_checked_is_asked(site, monkeypatch):
    answers = [["127.0.0.1"], ["127.0.0.1"], ["93.184.216.34", "10.0.0.1"]]
    asked = []

    def look_up(host, port, **options):
        asked.append(host)
        return [(2, 1, 6, "", (address, port)) for address in answers[min(len(asked), 3) - 1]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    url = f"http://rebind.example:{site.server_port}/x"
    monkeypatch.setattr(socket, "create_connection", lambda at, timeout, real=socket.socket: _connect(real, at))
    assert isinstance(fetch_page(url, allow_private=True), WebPage)
    assert asked == ["rebind.example"] * 2, "one look-up for robots.txt, one for the page"
    assert code(fetch_page(url)) == "refused_address", "one address of the own network among its answers is enough"


def _connect(real, at):
    made = real(socket.AF_INET)
    made.connect(at)
    return made


@pytest.mark.parametrize(
    ("address", "expected"),
    [("file:///etc/passwd", "refused_address"), ("javascript:alert(1)", "refused_address"), ("", "refused_address"),
     ("http://", "malformed_address"), ("http://[x", "malformed_address"), ("http://a b/", "malformed_address"),
     ("http://a:99999/", "malformed_address"), ("https://u:p@example.org/", "refused_address"),
     (f"http://{'a' * 70}.invalid/", "unreachable")],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(address, expected):
    assert code(fetch_page(address)) == expected


@pytest.mark.parametrize("text", ["https://a.org", "HTTP://a.org/x", "ftp://a", " file:///x "])
def test_an_address_is_told_from_a_path(text):
    assert is_web_address(text)
    assert not any(map(is_web_address, ("notes", "/home/x", "a.org/b", "c:\\notes", "./http:/x", "~/x")))


def test_robots_are_respected(site):
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /private\n")
    assert code(fetch(site, "/private/x")) == "forbidden_by_robots"
    assert code(fetch(site, "/to//private/x")) == "forbidden_by_robots"
    assert "GET /private/x" not in site.asked
    assert isinstance(fetch(site, "/public"), WebPage)


def test_robots_that_stand_elsewhere_are_respected(site):
    site.pages["/robots.txt"] = (301, {"Location": "/rules"}, b"")
    site.pages["/rules"] = (200, {}, b"User-agent: prepgraph\nDisallow: /\n")
    assert code(fetch(site, "/x")) == "forbidden_by_robots"


@pytest.mark.parametrize("status", [429, 503])
def test_robots_that_fail_forbid(site, status):
    site.pages["/robots.txt"] = (status, {}, b"")
    assert code(fetch(site, "/x")) == "forbidden_by_robots"


def test_a_large_page_is_refused(site):
    site.pages["/large"] = html(b"x" * 5000)
    assert code(fetch(site, "/large", max_bytes=4999)) == "too_large"
    assert isinstance(fetch(site, "/large", max_bytes=5000), WebPage)


def test_a_page_without_a_length_is_refused_when_it_grows_too_large(site):
    site.pages["/large"] = html([b"x" * 3000] * 3)
    assert code(fetch(site, "/large", max_bytes=4999)) == "too_large"


@pytest.mark.parametrize("answer", [html([b"<p>"] * 50), (0, {}, [b"H"] * 50)], ids=["slow", "dribble"])
def test_time_is_limited_for_the_whole_page(site, answer):
    site.pages["/slow"] = answer
    started = time.monotonic()
    found = fetch(site, "/slow", max_seconds=0.5)
    assert code(found) == "unreachable"
    assert "within 0.5 seconds" in found.message
    assert time.monotonic() - started < 4, "the page itself would take five"


def test_a_look_up_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: time.sleep(1) or [])
    assert "within 0.2 seconds" in fetch_page("http://slow.example/", max_seconds=0.2).message


def test_nobody_there_is_a_problem():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert code(fetch_page(f"http://127.0.0.1:{port}/", allow_private=True, max_seconds=5)) == "unreachable"
