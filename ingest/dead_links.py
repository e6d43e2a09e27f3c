"""Decides which web addresses in the notes are dead, by asking for each: HEAD first, then GET where that fails.

Only what is certain is called dead: 404, 410 and a host that does not exist. A site that wants a login, is busy,
forbids it in its robots.txt or does not answer in time leaves the address unsure. Addresses of one host are asked one
after another with a pause in between, those of several hosts side by side; the guard is that of `guarded_http`.
"""

from __future__ import annotations

import http.client
import re
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urldefrag, urlsplit

from graph.schema import Problem, Resource, Vault
from ingest.guarded_http import MAX_REDIRECTS, Limits, RefusedError, Response, fetch_robots, send, split_address
from ingest.links import is_address
from ingest.robots import Robots
from ingest.web import reason_of

SECONDS_AN_ADDRESS, SECONDS_IN_ALL, PAUSE = 10.0, 600.0, 0.5
_WORKERS = 8
_GLANCE = 0.2  # seconds between two looks at how far it is
_DEAD = frozenset({404, 410})
_MOST_SILENCES = 2  # after so many addresses in a row that a host does not answer, the others are left
_FEWEST_HOSTS = 3  # of which none can be looked up before this machine is taken to be offline
_NO_SUCH_HOST = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LinkState:
    """What an address was found to be, and why."""

    state: Literal["alive", "dead", "unsure"]
    reason: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait: for one address, for all of them, and between two requests to one host (seconds)."""

    an_address: float = SECONDS_AN_ADDRESS
    in_all: float = SECONDS_IN_ALL
    pause: float = PAUSE


def find_dead_links(
    vault: Vault, *, allow_private: bool = False, pace: Pace | None = None, on_progress: Progress | None = None
) -> list[Problem]:
    """A `dead_link` warning for each place that names a dead address, an `unchecked_link` for each that is unsure."""
    resources = {resource.url: resource for resource in vault.resources if is_address(resource.url)}
    states = check_addresses(resources, allow_private=allow_private, pace=pace, on_progress=on_progress)
    problems = []
    for url, found in sorted(states.items()):
        places = _places(resources[url], vault) if found.state != "alive" else []
        if found.state == "dead":
            message = f"The address {url!r} is dead ({found.reason}); correct it or take it out."
            problems += [Problem(path, line, "warning", "dead_link", message) for path, line in places]
        elif found.state == "unsure":
            message = f"The address {url!r} could not be checked ({found.reason}); open it in a browser."
            problems.append(Problem(*places[0], "warning", "unchecked_link", message))
    return sorted(problems, key=lambda p: (p.path, p.line or 0, p.message))


def _places(resource: Resource, vault: Vault) -> list[tuple[str, int]]:
    """Every line that names an address, or the one whose link leads there, where the words are all that is kept."""
    is_named = re.compile(rf"{re.escape(resource.url)}(?![\w/?#&=%~-])")
    places = {
        (document.path, number)
        for document in vault.documents
        if resource.url in document.text
        for number, line in enumerate(document.text.split("\n"), start=1)
        if is_named.search(line)
    }
    if resource.span.path not in {path for path, _ in places}:
        places.add((resource.span.path, resource.span.start_line))
    return sorted(places)


def check_addresses(
    addresses: Iterable[str],
    *,
    allow_private: bool = False,
    pace: Pace | None = None,
    on_progress: Progress | None = None,
) -> dict[str, LinkState]:
    """The state of each address. `allow_private` lets them, but nothing they redirect to, be of the own network."""
    pace = pace or Pace()
    states: dict[str, LinkState] = {}
    hosts: defaultdict[str, list[str]] = defaultdict(list)
    for url in sorted(set(addresses)):
        try:
            hosts[split_address(url).hostname or ""].append(url)
        except RefusedError as fault:
            states[url] = LinkState("unsure", _plain(fault))
    visits = [_Visit(host, urls, allow_private, pace, time.monotonic() + pace.in_all) for host, urls in hosts.items()]
    waiting = [url for urls in hosts.values() for url in urls]
    with ThreadPoolExecutor(_WORKERS) as pool:
        futures = [pool.submit(visit.run) for visit in visits]
        while wait(futures, timeout=_GLANCE).not_done:
            if on_progress:
                on_progress("links", sum(len(visit.states) for visit in visits), len(waiting))
    for future, visit in zip(futures, visits, strict=True):
        future.result()
        states |= visit.states
    if on_progress:
        on_progress("links", len(waiting), len(waiting))
    return _unless_offline(states, hosts)


def _unless_offline(states: dict[str, LinkState], hosts: Mapping[str, list[str]]) -> dict[str, LinkState]:
    """When no host at all can be looked up, it is this machine that is cut off, and nothing is known."""
    lost = [host for host, urls in hosts.items() if all(states[url] == _no_such_host(host) for url in urls)]
    if len(lost) < len(hosts) or len([host for host in lost if not _is_reserved(host)]) < _FEWEST_HOSTS:
        return states
    unsure = LinkState("unsure", "no name can be looked up; is this machine online?")
    return {url: state if state.state != "dead" else unsure for url, state in states.items()}


def _no_such_host(host: str) -> LinkState:
    return LinkState("dead", f"there is no host called {host}")


def _is_reserved(host: str) -> bool:
    return host.endswith(".invalid")  # by RFC 2606 no such host will ever be there


class _Visit:
    """The addresses of one host, asked for one after another; `states` grows meanwhile."""

    def __init__(self, host: str, urls: Iterable[str], allow_private: bool, pace: Pace, deadline: float) -> None:
        self.states: dict[str, LinkState] = {}
        self._urls = tuple(urls)
        self._own_hosts = frozenset({host} if allow_private else ())
        self._pace = pace
        self._deadline = deadline
        self._robots: dict[str, Robots] = {}

    def run(self) -> None:
        """Finds the state of each address."""
        pages: dict[str, LinkState] = {}
        silences = 0
        for url in self._urls:
            page = urldefrag(url).url
            if page not in pages and silences >= _MOST_SILENCES:
                self.states[url] = LinkState("unsure", "its host did not answer for others")
                continue
            if page not in pages:
                try:
                    pages[page], silences = self._check(page), 0
                except TimeoutError:
                    pages[page] = LinkState("unsure", "it did not answer in time")
                    silences += 1
                except (OSError, http.client.HTTPException, UnicodeError) as fault:
                    pages[page] = LinkState("unsure", reason_of(fault))
                    silences += 1
            self.states[url] = pages[page]

    def _check(self, url: str) -> LinkState:
        limits = Limits(min(self._deadline, time.monotonic() + self._pace.an_address), self._own_hosts)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                response = self._ask(url, limits)
                target = response.redirect(url)
                if target is None:
                    return _state(response.status)
                url = target
        except RefusedError as fault:
            return LinkState("unsure", _plain(fault))
        except socket.gaierror as fault:
            host = urlsplit(url).hostname or ""
            if fault.errno in _NO_SUCH_HOST or _is_reserved(host):
                return _no_such_host(host)
            raise
        return LinkState("unsure", "it redirects too often")

    def _ask(self, url: str, limits: Limits) -> Response:
        """The answer to HEAD, or to GET where a site has none for that; of the page itself nothing is read."""
        parts = split_address(url)
        site = parts._replace(path="", query="", fragment="").geturl()
        if site not in self._robots:
            self._robots[site] = fetch_robots(parts, limits)
        if not self._robots[site].allow(url):
            raise RefusedError("forbidden_by_robots", "The site's robots.txt forbids it.")
        self._wait(limits)
        response = send("HEAD", parts, limits)
        if response.status >= 400:
            self._wait(limits)
            response = send("GET", parts, limits)
        return response

    def _wait(self, limits: Limits) -> None:
        time.sleep(min(self._pace.pause, limits.seconds_left()))


def _state(status: int) -> LinkState:
    if status < 400:
        return LinkState("alive", f"it answers with status {status}")
    return LinkState("dead" if status in _DEAD else "unsure", f"the site answers with status {status}")


def _plain(fault: RefusedError) -> str:
    text = str(fault).rstrip(".")
    return text[:1].lower() + text[1:]
