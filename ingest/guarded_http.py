"""Decides how one request to the web is made, and which addresses are refused.

http and https only, no address of the own machine or network unless its host was allowed by name, and limits on bytes
and on the time that all requests take together. The connection goes to the very address that was checked, so that a
name cannot lead elsewhere the second time. Nothing is followed: whoever follows a redirect checks it like the first.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from ingest.robots import ALLOW_ALL, FORBID_ALL, Robots, parse_robots

USER_AGENT = "Prepgraph"
MAX_REDIRECTS = 5
_MAX_ROBOTS_BYTES = 512 << 10
_PIECE = 64 << 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_TRANSLATED_IPV4 = ipaddress.IPv6Network("64:ff9b::/96")  # how a network without IPv4 reaches all of it


@dataclass(frozen=True, slots=True)
class Limits:
    """Until when requests may go on (by `time.monotonic()`), and the hosts that may be of the own network."""

    deadline: float
    own_hosts: frozenset[str] = frozenset()

    def seconds_left(self) -> float:
        """What is left of the time. Raises TimeoutError when nothing is."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


@dataclass(frozen=True, slots=True)
class Response:
    """What a site answered; the body is empty where none was asked for."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def redirect(self, url: str) -> str | None:
        """Where the answer to a request for `url` sends its reader, or None."""
        location = self.headers.get("Location")
        return urljoin(url, location) if self.status in _REDIRECTS and location else None


class RefusedError(Exception):
    """Why an address was not fetched: a problem's code, and what is wrong and what to do as its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def split_address(url: str) -> SplitResult:
    """The parts of an address that may be asked for. Raises RefusedError for any other."""
    try:
        parts = urlsplit(url)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError as fault:
        raise RefusedError("malformed_address", f"The address {url!r} is malformed; correct it.") from fault
    if parts.scheme not in {"http", "https"}:
        raise RefusedError("refused_address", f"The address {url!r} does not begin with http:// or https://; use one.")
    if not parts.hostname or not port_is_sound or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise RefusedError("malformed_address", f"The address {url!r} is malformed; correct it.")
    if parts.username is not None or parts.password is not None:
        raise RefusedError("refused_address", "The address holds a user name or a password; take them out.")
    return parts


def fetch_robots(parts: SplitResult, limits: Limits) -> Robots:
    """The rules of an address's site. A robots.txt that is not there forbids nothing, one that fails forbids all."""
    url = parts._replace(path="/robots.txt", query="", fragment="").geturl()
    for _ in range(MAX_REDIRECTS + 1):
        response = send("GET", split_address(url), limits, max_bytes=_MAX_ROBOTS_BYTES, cut=True)
        if not (target := response.redirect(url)):
            break
        url = target
    if response.status >= 500 or response.status == 429:
        return FORBID_ALL
    if not 200 <= response.status < 300:
        return ALLOW_ALL
    return parse_robots(response.body.decode("utf-8-sig", "replace"), USER_AGENT)


def send(
    method: str, parts: SplitResult, limits: Limits, *, accept: str = "*/*", max_bytes: int = 0, cut: bool = False
) -> Response:
    """One request. A body longer than `max_bytes` is cut there, or refused; with none allowed, none is read.

    Raises RefusedError, TimeoutError when no time is left, and OSError, HTTPException or UnicodeError as they come.
    """
    with _connection(parts, limits) as connection:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        target = "".join(c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in path)
        headers = {"User-Agent": USER_AGENT, "Accept": accept, "Accept-Encoding": "identity"}
        connection.request(method, target, headers=headers)
        response = connection.getresponse()
        body = _read_body(connection, response, limits, max_bytes) if max_bytes else b""
    if len(body) > max_bytes and not cut:
        raise RefusedError("too_large", f"The page is larger than {max_bytes:,} bytes; save what you need of it.")
    return Response(response.status, response.headers, body[:max_bytes])


def _read_body(
    connection: http.client.HTTPConnection, response: http.client.HTTPResponse, limits: Limits, max_bytes: int
) -> bytes:
    """The body, or a little more of it than is allowed."""
    body = bytearray()
    while len(body) <= max_bytes:
        if connection.sock is not None:
            connection.sock.settimeout(limits.seconds_left())
        piece = response.read1(_PIECE)
        limits.seconds_left()
        if not piece and response.length:
            raise http.client.IncompleteRead(bytes(body))
        if not piece:
            break
        body += piece
    return bytes(body)


@contextmanager
def _connection(parts: SplitResult, limits: Limits) -> Iterator[http.client.HTTPConnection]:
    """A connection to an address of the host that was checked; it is cut when the time is over."""
    host = parts.hostname or ""
    is_https = parts.scheme == "https"
    port = parts.port or (443 if is_https else 80)
    addresses = _look_up(host, port, limits)
    if host not in limits.own_hosts and not all(is_public(address) for address in addresses):
        message = f"{host} is in this machine's own network, which is only asked if allowed (`--allow-private`)."
        raise RefusedError("refused_address", message)
    connection = http.client.HTTPConnection(host, port)
    connection.sock = sock = _open_socket(addresses, port, host if is_https else None, limits)
    # A server that sends a byte now and then would never run into the socket's own limit.
    watch = threading.Timer(max(0.0, limits.deadline - time.monotonic()), _shut_down, (sock,))
    watch.daemon = True
    watch.start()
    try:
        yield connection
    finally:
        watch.cancel()
        connection.close()
        sock.close()


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # a TLS socket's own would take its state from the reader


def _look_up(host: str, port: int, limits: Limits) -> list[str]:
    """The addresses of a name. The system's look-up knows no limit of time, so it is waited for and then left alone."""
    found: list[list[str] | Exception] = []

    def look_up() -> None:
        try:
            found.append([str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as fault:
            found.append(fault)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(limits.seconds_left())
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def _open_socket(addresses: list[str], port: int, tls_name: str | None, limits: Limits) -> socket.socket:
    """A connection to the first address that takes one, encrypted where a name is given."""
    for at, address in enumerate(addresses):
        try:
            raw = socket.create_connection((address, port), timeout=limits.seconds_left() / (len(addresses) - at))
            break
        except OSError:
            if at + 1 == len(addresses):
                raise
    try:
        raw.settimeout(limits.seconds_left())
        return ssl.create_default_context().wrap_socket(raw, server_hostname=tls_name) if tls_name else raw
    except BaseException:
        raw.close()
        raise


def is_public(address: str) -> bool:
    """Whether an IP address is of the public network, also where it stands for another one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _TRANSLATED_IPV4:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        return ip.is_global and ip in _GLOBAL_IPV6
    return ip.is_global and not ip.is_multicast
