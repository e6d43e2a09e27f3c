"""Decides how Qdrant is spoken to: addresses, keys, time limits, retries, and what a fault is called."""

from __future__ import annotations

import json
import re
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

from graph.errors import StorageError, UsageError
from logs import log_event

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

T = TypeVar("T")
_Kind: TypeAlias = Literal["absent", "busy", "missing", "refused", "other"]

IN_MEMORY = ":memory:"  # the client's own imitation of a server, for tests
READ_PATIENCE, WRITE_PATIENCE = 2.0, 60.0  # seconds that a busy or absent server is tried again
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_FOREIGN = "what it answers is not Qdrant's"
_NAME = re.compile(r"[\w-]+")
_BUSY, _REFUSED = {408, 425, 429, 502, 503, 504}, {401, 403}
_CALL_KINDS: dict[str, _Kind] = {
    "UNAVAILABLE": "absent",
    "DEADLINE_EXCEEDED": "absent",
    "RESOURCE_EXHAUSTED": "busy",
    "ABORTED": "busy",
    "NOT_FOUND": "missing",
    "UNAUTHENTICATED": "refused",
    "PERMISSION_DENIED": "refused",
}


@dataclass(frozen=True, slots=True)
class QdrantConfig:
    """Where the server is, how it is asked, and how new collections are laid out.

    `name` keeps several workspaces apart on one server; all their collections begin with it. `timeout` bounds one
    request, in seconds. `quantise_from` is the number of passages from which vectors are also kept as int8 in memory
    and whole on disk only.
    """

    url: str
    api_key: str = field(default="", repr=False)
    name: str = "prepgraph"
    prefer_grpc: bool = False
    grpc_port: int = 6334
    timeout: int = 10
    shards: int = 1
    replicas: int = 1
    uploads: int = 4  # requests under way at once while publishing
    quantise_from: int = 50_000
    keep_tokens: bool = True  # whether token vectors are kept and compared there too

    @property
    def address(self) -> str:
        """The address without a user name or password that somebody may have written into it."""
        scheme, mark, rest = self.url.partition("://")
        return scheme + mark + rest.rpartition("@")[2]


class QdrantConnection:
    """A client, opened at the first use and shared by all threads of a process.

    Every fault of the client or the server becomes a StorageError. Connections are made anew when they are needed, so
    that the next call after an outage succeeds. Raises UsageError for an address or a name that cannot be meant.
    """

    def __init__(self, config: QdrantConfig) -> None:
        _check(config)
        self.config = config
        self._client: QdrantClient | None = None
        self._opening = Lock()
        self._failing_since: float | None = None

    def close(self) -> None:
        """Closes the client; the next use opens it again."""
        with self._opening:
            if self._client is not None:
                self._client.close()
                self._client = None

    def read(self, work: Callable[[QdrantClient], T]) -> T:
        """What `work` finds; it is called again while the server is busy or away, for two seconds."""
        return self._try(work, READ_PATIENCE)

    def write(self, work: Callable[[QdrantClient], T]) -> T:
        """Runs `work`, which must come to the same when it is run twice; tried again for a minute."""
        return self._try(work, WRITE_PATIENCE)

    def _try(self, work: Callable[[QdrantClient], T], patience: float) -> T:
        deadline, pause = time.monotonic() + patience, _FIRST_PAUSE
        while True:
            try:
                found = work(self._open())
            except Exception as fault:
                problem = _problem_of(fault)
                if problem is None:
                    raise  # a defect of ours
                if not problem.may_pass or time.monotonic() + pause > deadline:
                    raise self._named(problem) from fault
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._recovered()
                return found

    def _open(self) -> QdrantClient:
        from qdrant_client import QdrantClient

        with self._opening:
            if self._client is None:
                config = self.config
                with warnings.catch_warnings():  # `doctor` says when a key travels in the clear
                    warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
                    self._client = QdrantClient(
                        location=config.url,
                        grpc_port=config.grpc_port,
                        prefer_grpc=config.prefer_grpc and config.url != IN_MEMORY,
                        api_key=config.api_key or None,
                        timeout=config.timeout,
                        check_compatibility=False,  # `doctor` compares versions; this would cost a request each time
                    )
            return self._client

    def _named(self, problem: _Problem) -> StorageError:
        where = f"Qdrant at {self.config.address}"
        if problem.kind == "missing":
            return MissingError(f"{where} does not have that ({problem.reason}); run `prepgraph ingest`.")
        if self._failing_since is None:
            self._failing_since = time.monotonic()
        log_event("engine_fault", "error", engine="qdrant", address=self.config.address, error=problem.reason)
        if problem.kind == "refused":
            return StorageError(f"{where} refused the key; correct QDRANT_API_KEY.")
        if problem.kind == "absent":
            return StorageError(f"{where} does not answer ({problem.reason}); start it, then try again.")
        return StorageError(f"{where} failed ({problem.reason}); look into its log, then try again.")

    def _recovered(self) -> None:
        if self._failing_since is not None:
            seconds = round(time.monotonic() - self._failing_since, 3)
            self._failing_since = None
            log_event("engine_recovered", engine="qdrant", address=self.config.address, seconds=seconds)


class MissingError(StorageError):
    """A collection is not on the server."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """What a fault of the client means; one that may pass is worth another attempt."""

    reason: str
    kind: _Kind

    @property
    def may_pass(self) -> bool:
        return self.kind in {"absent", "busy"}


def _problem_of(fault: Exception) -> _Problem | None:
    """None for a fault that neither the client nor the server raised."""
    from grpc import RpcError
    from httpx import TransportError
    from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    if isinstance(fault, UnexpectedResponse):
        return _problem_of_status(fault.status_code or 0, fault.content, fault.reason_phrase)
    if isinstance(fault, ResponseHandlingException):
        if isinstance(fault.source, TransportError):
            return _Problem(_first_line(fault.source) or type(fault.source).__name__, "absent")
        return _Problem(_FOREIGN, "other")
    if isinstance(fault, AssertionError):  # as the client says that an answer lacks its result
        return _Problem(_FOREIGN, "other")
    if isinstance(fault, ResourceExhaustedResponse):
        return _Problem("it is asked too much at once", "busy")
    if isinstance(fault, RpcError):
        return _problem_of_call(fault)
    if isinstance(fault, ValueError) and "not found" in str(fault):  # as the client's imitation of a server says it
        return _Problem(_first_line(fault), "missing")
    return None


def _problem_of_status(status: int, content: bytes, phrase: str) -> _Problem:
    try:
        said = str(json.loads(content)["status"]["error"])
    except (ValueError, KeyError, TypeError):
        said = phrase
    reason = f"status {status}: {said.splitlines()[0].rstrip('.')}" if said else f"status {status}"
    if status in _REFUSED:
        return _Problem(reason, "refused")
    return _Problem(reason, "missing" if status == 404 else "busy" if status in _BUSY else "other")


def _problem_of_call(fault: Any) -> _Problem:
    """What a fault of gRPC means: those that a call raises know their code, with details from the server."""
    name = fault.code().name if callable(getattr(fault, "code", None)) else type(fault).__name__
    said = (fault.details() if callable(getattr(fault, "details", None)) else None) or ""
    reason = f"{name}: {said.splitlines()[0].rstrip('.')}" if said else name
    return _Problem(reason, _CALL_KINDS.get(name, "other"))


def _check(config: QdrantConfig) -> None:
    if not _NAME.fullmatch(config.name):
        raise UsageError(f'"{config.name}" cannot name a collection; use letters, digits, hyphens and underscores.')
    if config.url == IN_MEMORY:
        return
    try:
        parts = urlsplit(config.url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        is_address = False
    if not is_address:
        raise UsageError(
            f'"{config.address}" is no address of Qdrant; set QDRANT_URL to an address like http://host:6333.'
        )


def _first_line(fault: Exception) -> str:
    return (str(fault).strip().splitlines() or [""])[0].rstrip(".")
