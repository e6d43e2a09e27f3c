"""Prints the part of requirements.lock that running needs, hashes and all: `python tools/runtime_lock.py [EXTRA …]`.

Test and lint tools stay out. Which package needs which is read from the lock's own "via" comments.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", re.MULTILINE)
_NEEDED_BY = re.compile(r"^\s+#(?: via)?\s+(?P<name>[A-Za-z0-9._-]+)", re.MULTILINE)


def main(extras: list[str]) -> None:
    """Prints the entries. Exits with a message when the lock lacks a package that pyproject.toml names."""
    entries = read_entries((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    wanted = named_packages((ROOT / "pyproject.toml").read_text(encoding="utf-8"), extras)
    if lacking := sorted(wanted - set(entries)):
        sys.exit(f"requirements.lock lacks {', '.join(lacking)}; run `make lock`.")
    for name in sorted(needed(entries, wanted)):
        sys.stdout.write(entries[name])


def read_entries(lock: str) -> dict[str, str]:
    """Each package's entry, by its normalised name."""
    starts = [(match.start(), _normal(match["name"])) for match in _ENTRY.finditer(lock)]
    ends = [start for start, _ in starts[1:]] + [len(lock)]
    return {name: lock[start:end] for (start, name), end in zip(starts, ends, strict=True)}


def named_packages(pyproject: str, extras: list[str]) -> set[str]:
    """The packages that the project names itself, with those of some extras."""
    project = tomllib.loads(pyproject)["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return {_normal(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in lines}


def needed(entries: dict[str, str], wanted: set[str]) -> set[str]:
    """The packages wanted, with all that they need."""
    needs: dict[str, set[str]] = {name: set() for name in entries}
    for name, entry in entries.items():
        for match in _NEEDED_BY.finditer(entry):
            needs.setdefault(_normal(match["name"]), set()).add(name)
    found, left = set(wanted), list(wanted)
    while left:
        new = needs[left.pop()] - found
        found |= new
        left += new
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(sys.argv[1:])
