"""Errors a user can do something about.

    PrepgraphError        what went wrong, where (`path:line`), what to do next, in one sentence
    ├── UsageError        wrong use: a missing folder, an unknown concept (exit code 2)
    ├── StorageError      a file or a store cannot be read or written
    │   └── BusyError     another process is writing; wait and try again
    ├── ModelError        the embedding model is missing, changed or broken
    └── LanguageModelError  a language model was asked for and gave no answer that can be used

Only the surfaces (the command, the pages, the MCP server) catch them.
Anything else is a defect and keeps its traceback.
"""


class PrepgraphError(Exception):
    """The root of every error that Prepgraph raises on purpose; `exit_code` is what the command ends with."""

    exit_code = 1


class UsageError(PrepgraphError):
    """The caller asked for something that does not exist or makes no sense."""

    exit_code = 2


class StorageError(PrepgraphError):
    """A file, a database or a server could not be read or written."""


class BusyError(StorageError):
    """Another process holds the workspace's lock."""


class ModelError(PrepgraphError):
    """A model's files are missing, are not the expected ones, or cannot be run."""


class LanguageModelError(PrepgraphError):
    """A language model is not set up, may not be called, or did not answer; there is an extractive answer instead.

    `may_cost` when the provider may have charged for what it did before it failed.
    """

    def __init__(self, message: str, *, may_cost: bool = False) -> None:
        super().__init__(message)
        self.may_cost = may_cost
