"""Decides which files are parsed: those that the cache does not know, each once, whatever the other files say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

from ingest.note_text import pack_sentences
from ingest.parsed_file import ParsedFile, from_bytes, pack_passages, to_bytes
from ingest.read import RESOURCE_SUFFIXES, read_document
from ingest.shelf import Shelf
from ingest.source import SourceFile
from ingest.split import TokenCounter, split_note

FILES_A_LOOKUP = 200

FilesDone = Callable[[int, int], None]
"""Told how many files are done and how many there are."""


class ParseCache(Protocol):
    """Remembers parsed files as bytes, by a key of 32 bytes that names all that they are made from but code and model.

    What it gives may be damaged or missing; it then is parsed again.
    """

    def get_many(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """What is known of these keys."""

    def put_many(self, rows: Mapping[bytes, bytes]) -> None:
        """Remembers new files."""


def parse_files(
    sources: Sequence[SourceFile],
    count_tokens: TokenCounter,
    cache: ParseCache | None = None,
    on_progress: FilesDone | None = None,
    shelf: Shelf | None = None,
) -> Iterator[ParsedFile]:
    """What is known of each file alone, in their order; what was parsed anew is remembered as it goes.

    Structure, lines and sentences stay packed but for what the shelf has room for, whether they were known or not.
    """
    waiting, done, shelf = iter(sources), 0, Shelf() if shelf is None else shelf
    while batch := [(source, hashlib.sha256(source.data)) for source in islice(waiting, FILES_A_LOOKUP)]:
        keys = [_key(source, content) for source, content in batch]
        known = cache.get_many(keys) if cache is not None else {}
        new: dict[bytes, bytes] = {}
        for key, (source, content) in zip(keys, batch, strict=True):
            parsed = from_bytes(known[key], source, content.hexdigest(), shelf) if key in known else None
            if parsed is None:
                parsed = parse_file(source, count_tokens)
                if (data := to_bytes(parsed, source)) is not None:
                    new[key] = data
                    parsed = from_bytes(data, source, content.hexdigest(), shelf) or parsed
            yield parsed
            done += 1
            if on_progress:
                on_progress(done, len(sources))
        if cache is not None and new:
            cache.put_many(new)


def parse_file(source: SourceFile, count_tokens: TokenCounter) -> ParsedFile:
    """Reads one file, finds its sentences and cuts it into passages."""
    file, problems = read_document(source)
    if file is None or source.path.lower().endswith(RESOURCE_SUFFIXES):
        return ParsedFile(source.path, file, problems, pack_sentences((), ()), pack_passages((), ()))
    title, lines, blocks = file.document.title, file.lines, file.parsed.blocks
    passages = pack_passages(lines, split_note(title, lines, blocks, count_tokens))
    return ParsedFile(source.path, file, problems, pack_sentences(lines, blocks), passages)


def _key(source: SourceFile, content: hashlib._Hash) -> bytes:
    return hashlib.sha256(source.path.encode("utf-8", "surrogatepass") + b"\0" + content.digest()).digest()
