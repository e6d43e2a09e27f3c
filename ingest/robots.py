"""Decides what a site's robots.txt lets Prepgraph fetch, by RFC 9309: the longest rule wins, and `*` and `$` count.

The parser of the standard library takes the first rule instead and knows neither sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules that hold for one user agent: what each path pattern says, and whether it allows."""

    rules: tuple[tuple[str, bool], ...] = ()

    def allow(self, url: str) -> bool:
        """Whether an address may be fetched; a rule that allows wins over one of the same length that does not."""
        parts = urlsplit(url)
        path = _normalised((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        matching = [(len(pattern), allows) for pattern, allows in self.rules if _matches(pattern, path)]
        return max(matching, default=(0, True))[1]


ALLOW_ALL = Robots()
FORBID_ALL = Robots((("/", False),))


def parse_robots(text: str, user_agent: str) -> Robots:
    """The rules of a robots.txt for a user agent: those of its own groups, else those for all."""
    own: list[tuple[str, bool]] | None = None
    common: list[tuple[str, bool]] = []
    for agents, rules in _groups(text):
        if user_agent.casefold() in agents:
            own = [*(own or []), *rules]
        if "*" in agents:
            common += rules
    return Robots(tuple(common if own is None else own))


def _groups(text: str) -> Iterator[tuple[set[str], list[tuple[str, bool]]]]:
    """Each group's user agents, in lower case, and its rules."""
    agents: set[str] = set()
    rules: list[tuple[str, bool]] = []
    in_rules = False
    for key, value in _fields(text):
        if key == "user-agent":
            if in_rules:
                yield agents, rules
                agents, rules, in_rules = set(), [], False
            agents.add(value.split("/")[0].strip().casefold())
        elif key in {"allow", "disallow"}:
            in_rules = True
            if value:
                rules.append((_normalised(value), key == "allow"))
    yield agents, rules


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().casefold(), value.strip()


def _normalised(path: str) -> str:
    """A path whose characters are written in one way, as far as they may be written in two."""
    return quote(path, safe="/%?&=+,;:@!$'()*~-._[]")


def _matches(pattern: str, path: str) -> bool:
    """Whether a path begins as a pattern says. Each part is looked for once, so that no pattern costs much time."""
    first, *parts = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    is_whole = pattern.endswith("$")
    if is_whole and not parts:
        return at == len(path)
    last = parts.pop() if is_whole else ""
    for part in parts:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return path.endswith(last) and len(path) - len(last) >= at
