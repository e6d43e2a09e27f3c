"""Decides how much of what was unpacked stays unpacked: what was asked for last, up to a size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Sized
from typing import TypeVar, cast, overload

T = TypeVar("T", bound=Sized)

UNPACKED_OBJECTS = 200_000  # some 40 MB; all of 2,000 notes of 300 words


class Shelf:
    """Things by key. What there is no room for any more is made again by who asks for it.

    Who holds on to what it gives holds on to the memory, too.
    """

    def __init__(self, limit: int = UNPACKED_OBJECTS) -> None:
        self.limit, self.held = limit, 0
        self._things: dict[object, Sized] = {}

    def get(self, key: object, make: Callable[[], T]) -> T:
        """What is kept under a key (a key must mean one kind of thing), else what `make` makes."""
        found = self._things.get(key)
        if found is None:
            found = self._things[key] = make()
            self.held += len(found)
            while self.held > self.limit and len(self._things) > 1:
                self.held -= len(self._things.pop(next(iter(self._things))))
        return cast("T", found)


class Lines(Sequence[str]):
    """The lines of a text, split when they are asked for."""

    __slots__ = ("_key", "_shelf", "_text")

    def __init__(self, path: str, text: str, shelf: Shelf) -> None:
        self._key, self._text, self._shelf = ("lines", path), text, shelf

    def _lines(self) -> list[str]:
        return self._shelf.get(self._key, lambda: self._text.split("\n"))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._lines()[index]

    def __len__(self) -> int:
        return len(self._lines())

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines())

    def __eq__(self, other: object) -> bool:
        return self._lines() == (other._lines() if isinstance(other, Lines) else other)

    __hash__ = None  # type: ignore[assignment]
