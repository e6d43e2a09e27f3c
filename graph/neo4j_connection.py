"""Decides how Neo4j is spoken to: sessions, time limits, retries, and what a fault is called.

Reads run in READ sessions, so that a cluster routes them to any member, and both kinds run as the driver's managed
transactions, which route and retry by themselves.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, LiteralString, Self, TypeVar
from urllib.parse import urlsplit

from graph.errors import StorageError, UsageError

if TYPE_CHECKING:
    from neo4j import Driver, ManagedTransaction

T = TypeVar("T")
Row = dict[str, object]

READ_SECONDS, WRITE_SECONDS = 20.0, 120.0  # the longest that the server works on one transaction
_CORRECT_URI = "set NEO4J_URI to an address like bolt://host:7687."
_SCHEMES = {f"{scheme}{security}" for scheme in ("bolt", "neo4j") for security in ("", "+s", "+ssc")}
_GRAPH_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Neo4jConfig:
    """Where the server is, who asks, and which of the graphs in its database is meant.

    `graph` keeps several workspaces apart in one database. `database` is None for the user's own.
    `retry_seconds` bounds how long a failed connection or a transient fault is tried again.
    """

    uri: str
    user: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str | None = None
    graph: str = "prepgraph"
    retry_seconds: float = 5.0

    @property
    def address(self) -> str:
        """The address without a user name or password that somebody may have written into it."""
        scheme, mark, rest = self.uri.partition("://")
        return scheme + mark + rest.rpartition("@")[2]


class Neo4jConnection:
    """A driver, opened at the first use and shared by all threads of a process.

    Every fault of the driver or the server becomes a StorageError. The pool reconnects by itself, so that the next
    call after an outage succeeds. Raises UsageError for an address or a name that cannot be meant.
    """

    def __init__(self, config: Neo4jConfig) -> None:
        _check(config)
        self.config = config
        self._driver: Driver | None = None
        self._opening = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the pool; the next use opens it again."""
        with self._opening:
            if self._driver is not None:
                self._driver.close()
                self._driver = None

    def read(self, work: Callable[[ManagedTransaction], T]) -> T:
        """What `work` finds in one read transaction; it may be called again after a fault, so it must only read."""
        from neo4j import READ_ACCESS, unit_of_work

        timed: Callable[[ManagedTransaction], T] = unit_of_work(timeout=READ_SECONDS)(work)
        with self._named_faults():
            driver = self._open()
            with driver.session(database=self.config.database, default_access_mode=READ_ACCESS) as session:
                return session.execute_read(timed)

    def write(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Runs `work` in one write transaction: all of it is kept or nothing. It may be called again after a fault."""
        from neo4j import WRITE_ACCESS, unit_of_work

        timed: Callable[[ManagedTransaction], T] = unit_of_work(timeout=WRITE_SECONDS)(work)
        with self._named_faults():
            driver = self._open()
            with driver.session(database=self.config.database, default_access_mode=WRITE_ACCESS) as session:
                return session.execute_write(timed)

    def run_alone(self, statement: LiteralString) -> None:
        """Runs one statement that changes the schema; the server wants each of them to be a transaction of its own."""
        self.write(lambda transaction: transaction.run(statement).consume())

    def server_version(self) -> str:
        """The product and the version that answer at the address."""

        def ask(transaction: ManagedTransaction) -> str:
            return transaction.run("RETURN 1").consume().server.agent

        return self.read(ask)

    def _open(self) -> Driver:
        from neo4j import GraphDatabase

        with self._opening:
            if self._driver is None:
                config = self.config
                # Faults are raised; with no handler at all, logging would print the driver's words about them as well.
                logging.getLogger("neo4j").addHandler(logging.NullHandler())
                self._driver = GraphDatabase.driver(
                    config.uri,
                    auth=(config.user, config.password) if config.password else None,
                    connection_timeout=5.0,
                    connection_acquisition_timeout=config.retry_seconds + 5.0,
                    max_transaction_retry_time=config.retry_seconds,
                    liveness_check_timeout=30.0,  # a pooled connection that idled may have been cut meanwhile
                    notifications_min_severity="OFF",  # an empty database has none of our labels: no news
                    user_agent="prepgraph",
                )
            return self._driver

    @contextmanager
    def _named_faults(self) -> Iterator[None]:
        from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError

        where = f"Neo4j at {self.config.address}"
        try:
            yield
        except AuthError as fault:
            raise StorageError(f"{where} refused the user name or password; correct NEO4J_USER, NEO4J_PASSWORD.") from (
                fault
            )
        except ConfigurationError as fault:
            raise StorageError(f"{where} cannot be used ({_first_line(fault)}); {_CORRECT_URI}") from fault
        except DriverError as fault:
            raise StorageError(f"{where} does not answer ({_first_line(fault)}); start it, then try again.") from fault
        except Neo4jError as fault:
            reason = fault.code or type(fault).__name__
            raise StorageError(
                f"{where} failed ({reason}: {_first_line(fault)}); look into its log, then try again."
            ) from (fault)


def _check(config: Neo4jConfig) -> None:
    if not _GRAPH_NAME.fullmatch(config.graph):
        raise UsageError(
            f'"{config.graph}" cannot name a graph in Neo4j; use letters, digits, dots, hyphens and underscores.'
        )
    try:
        parts = urlsplit(config.uri)
        is_address = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        is_address = False
    if not is_address:
        raise UsageError(f'"{config.address}" is no address of Neo4j; {_CORRECT_URI}')


def _first_line(fault: Exception) -> str:
    text = getattr(fault, "message", None) or str(fault) or type(fault).__name__
    first = str(text).strip().splitlines()[0].rstrip(".: ")
    return re.sub(r" \(resolved to .*\)$", "", first)
