"""Decides how one web page is fetched as a source file, and which addresses are refused.

http and https only, no address of the own machine or network unless allowed, at most a few redirects (each checked like
the first address), robots.txt respected, and limits on bytes and on the time that all of it takes together. The
connection goes to the very address that was checked, so that a name cannot lead elsewhere the second time.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from graph.schema import Problem
from ingest.source import SourceFile

USER_AGENT = "Prepgraph"
MAX_BYTES = 8 << 20
MAX_SECONDS = 20.0
_MAX_REDIRECTS = 5
_MAX_ROBOTS_BYTES = 512 << 10
_PIECE = 64 << 10
_REDIRECTS = {301, 302, 303, 307, 308}
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
}
_ODD = re.compile(r"[^\w.~/-]+")


@dataclass(frozen=True, slots=True)
class _Limits:
    deadline: float
    max_bytes: int
    allow_private: bool


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class _RefusedError(Exception):
    """Why an address was not fetched: a problem's code, and what is wrong and what to do as its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def fetch_page(
    url: str, *, allow_private: bool = False, max_seconds: float = MAX_SECONDS, max_bytes: int = MAX_BYTES
) -> SourceFile | Problem:
    """The page at an address as a source file named after the address, or the problem that says why there is none.

    `allow_private` lets addresses of this machine and its network through; `max_seconds` is for all requests together.
    """
    limits = _Limits(time.monotonic() + max_seconds, max_bytes, allow_private)
    late = f"The page did not arrive within {max_seconds:g} seconds; try again later."
    try:
        return _follow(url.strip(), limits)
    except _RefusedError as fault:
        return Problem(url, None, "error", fault.code, str(fault))
    except TimeoutError:
        return Problem(url, None, "error", "unreachable", late)
    except (OSError, http.client.HTTPException, UnicodeError) as fault:
        if time.monotonic() >= limits.deadline:
            return Problem(url, None, "error", "unreachable", late)
        reason = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
        message = f"The page could not be fetched ({reason}); check the address and the connection."
        return Problem(url, None, "error", "unreachable", message)


def _follow(url: str, limits: _Limits) -> SourceFile:
    for _ in range(_MAX_REDIRECTS + 1):
        parts = _checked(url)
        _respect_robots(url, parts, limits)
        response = _get(parts, limits, limits.max_bytes)
        location = response.headers.get("Location")
        if response.status not in _REDIRECTS or not location:
            return _source_file(parts, response)
        url = urljoin(url, location)
    raise _RefusedError("unreachable", "The address redirects too often; open it in a browser and use the last one.")


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError as fault:
        raise _RefusedError("malformed_address", f"The address {url!r} is malformed; correct it.") from fault
    if parts.scheme not in {"http", "https"}:
        raise _RefusedError("refused_address", f"The address {url!r} does not begin with http:// or https://; use one.")
    if not parts.hostname or not port_is_sound or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise _RefusedError("malformed_address", f"The address {url!r} is malformed; correct it.")
    if parts.username is not None or parts.password is not None:
        raise _RefusedError("refused_address", "The address holds a user name or a password; take them out.")
    return parts


def _respect_robots(url: str, parts: SplitResult, limits: _Limits) -> None:
    """Raises when the site's robots.txt forbids the page. None (4xx) allows all; one that fails (5xx) forbids all."""
    response = _get(parts._replace(path="/robots.txt", query="", fragment=""), limits, _MAX_ROBOTS_BYTES, cut=True)
    rules = RobotFileParser()
    is_there = 200 <= response.status < 300
    rules.parse(response.body.decode("utf-8", "replace").splitlines() if is_there else [])
    if response.status >= 500 or not rules.can_fetch(USER_AGENT, url):
        raise _RefusedError("forbidden_by_robots", "The site's robots.txt forbids it; save the page from a browser.")


def _get(parts: SplitResult, limits: _Limits, max_bytes: int, *, cut: bool = False) -> _Response:
    """One request without following anything. A longer body is refused, or cut at the limit."""
    connection = _connect(parts, limits)
    raw = connection.sock
    # A server that sends a byte now and then would never run into the socket's own limit.
    watch = threading.Timer(_seconds_left(limits), lambda: raw.shutdown(socket.SHUT_RDWR))
    watch.daemon = True
    watch.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        target = "".join(c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in path)
        headers = {"User-Agent": USER_AGENT, "Accept": ", ".join(_SUFFIXES), "Accept-Encoding": "identity"}
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        body = bytearray()
        while len(body) <= max_bytes:
            if connection.sock is not None:
                connection.sock.settimeout(_seconds_left(limits))
            piece = response.read1(_PIECE)
            _seconds_left(limits)
            if not piece and response.length:
                raise http.client.IncompleteRead(bytes(body))
            if not piece:
                break
            body += piece
        if len(body) > max_bytes and not cut:
            raise _RefusedError("too_large", f"The page is larger than {max_bytes:,} bytes; save what you need of it.")
        return _Response(response.status, response.headers, bytes(body[:max_bytes]))
    finally:
        watch.cancel()
        connection.close()


def _seconds_left(limits: _Limits) -> float:
    left = limits.deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connect(parts: SplitResult, limits: _Limits) -> http.client.HTTPConnection:
    """A connection to an address of the host that was checked."""
    host = parts.hostname or ""
    is_https = parts.scheme == "https"
    port = parts.port or (443 if is_https else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(row[4][0]) for row in found]
    if not limits.allow_private and not all(_is_public(address) for address in addresses):
        raise _RefusedError("refused_address", f"The address leads into the own network ({host}); it is not fetched.")
    raw = socket.create_connection((addresses[0], port), timeout=_seconds_left(limits))
    connection = http.client.HTTPConnection(host, port)
    try:
        connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if is_https else raw
    except BaseException:
        raw.close()
        raise
    return connection


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (mapped is None or mapped.is_global)


def _source_file(parts: SplitResult, response: _Response) -> SourceFile:
    if response.status != 200:
        message = f"The site answered with status {response.status}; check the address in a browser."
        raise _RefusedError("unreachable", message)
    kind = (response.headers.get_content_type() or "").lower()
    if kind not in _SUFFIXES or response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _RefusedError("unreadable", f"The address gives {kind}, which is no page or PDF; link a page instead.")
    path = _ODD.sub("-", f"{parts.hostname}{parts.path}").strip("/-").replace("..", ".")
    suffix = _SUFFIXES[kind]
    return SourceFile(
        path if path.lower().endswith(suffix) and parts.path.strip("/") else f"{path}{suffix}", response.body
    )
