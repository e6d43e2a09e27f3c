"""Decides how one web page is fetched, and which reader its bytes are for.

Every redirect is checked like the first address, robots.txt is respected, and bytes and time have limits. What the
guard refuses is said in `guarded_http`.
"""

from __future__ import annotations

import codecs
import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import SplitResult

from graph.schema import Problem
from ingest.guarded_http import MAX_REDIRECTS, Limits, RefusedError, Response, fetch_robots, send, split_address
from ingest.read import NOTE_SUFFIXES

MAX_BYTES = 8 << 20
MAX_SECONDS = 20.0
_SUFFIXES: Mapping[str, str] = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "application/pdf": ".pdf",
    "application/x-ipynb+json": ".ipynb",
}
_VAGUE = frozenset({"text/plain", "application/json", "application/octet-stream"})  # here the address says more
_ACCEPT = ", ".join(_SUFFIXES)
_SAYS_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as it was fetched: where it was found in the end, the suffix of the files that it is like, its bytes.

    The bytes are the site's own, but for text that only the site's answer says how to decode, which is UTF-8 with a
    byte order mark.
    """

    address: str
    suffix: str
    data: bytes


def fetch_page(
    url: str, *, allow_private: bool = False, max_seconds: float = MAX_SECONDS, max_bytes: int = MAX_BYTES
) -> WebPage | Problem:
    """The page at an address, or the problem that says why there is none.

    `allow_private` lets the host that the address names be of this machine or its network, but none that it redirects
    to; `max_seconds` is for all requests together.
    """
    late = f"The page did not arrive within {max_seconds:g} seconds; try again later."
    deadline = time.monotonic() + max_seconds
    try:
        host = split_address(url.strip()).hostname or ""
        limits = Limits(deadline, frozenset({host} if allow_private else ()))
        return _follow(url.strip(), limits, max_bytes)
    except RefusedError as fault:
        return Problem(url, None, "error", fault.code, str(fault))
    except TimeoutError:
        return Problem(url, None, "error", "unreachable", late)
    except (OSError, http.client.HTTPException, UnicodeError) as fault:
        if time.monotonic() >= deadline:
            return Problem(url, None, "error", "unreachable", late)
        message = f"The page could not be fetched ({reason_of(fault)}); check the address and the connection."
        return Problem(url, None, "error", "unreachable", message)


def reason_of(fault: Exception) -> str:
    """Why a request failed, in the system's words."""
    return str(getattr(fault, "strerror", None) or str(fault) or type(fault).__name__)


def _follow(url: str, limits: Limits, max_bytes: int) -> WebPage:
    for _ in range(MAX_REDIRECTS + 1):
        parts = split_address(url)
        if not fetch_robots(parts, limits).allow(url):
            raise RefusedError("forbidden_by_robots", "The site's robots.txt forbids it; save the page from a browser.")
        response = send("GET", parts, limits, accept=_ACCEPT, max_bytes=max_bytes)
        target = response.redirect(url)
        if target is None:
            return _page(parts, response)
        url = target
    raise RefusedError("unreachable", "The address redirects too often; open it in a browser and use the last one.")


def _page(parts: SplitResult, response: Response) -> WebPage:
    if response.status != 200:
        message = f"The site answered with status {response.status}; check the address in a browser."
        raise RefusedError("unreachable", message)
    coding = response.headers.get("Content-Encoding", "identity").lower()
    if coding != "identity":
        raise RefusedError("unreadable", f"The site packs the page with {coding}; save the page from a browser.")
    kind = (response.headers.get_content_type() or "").lower()
    suffix = _suffix(kind, parts.path)
    if suffix is None:
        raise RefusedError("unreadable", f"The address gives {kind}, which is no page or PDF; link a page instead.")
    data = response.body if suffix == ".pdf" else _readable(response.body, response.headers.get_content_charset())
    return WebPage(parts._replace(fragment="").geturl(), suffix, data)


def _suffix(kind: str, path: str) -> str | None:
    named = PurePosixPath(path).suffix.lower()
    if kind in _VAGUE and named in NOTE_SUFFIXES:
        return named
    return _SUFFIXES.get(kind)


def _readable(data: bytes, charset: str | None) -> bytes:
    """A text's bytes, as UTF-8 where only the answer's header tells how to decode them."""
    if _SAYS_CHARSET.search(data[:4096]):
        return data
    try:
        name = codecs.lookup(charset or "utf-8").name
        if name in {"utf-8", "ascii"}:
            return data
        text = data.decode(name)
    except (LookupError, UnicodeDecodeError):
        return data
    encoded = text.encode("utf-8", "replace")
    return data if encoded == data else codecs.BOM_UTF8 + encoded
