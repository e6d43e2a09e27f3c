"""What tests of several processes ask of the system."""

import time
from pathlib import Path

import pytest


def wait_for(condition):
    """What a condition gives once it holds; asks for so long that a busy machine alone is no reason to fail."""
    for _ in range(2_400):
        if found := condition():
            return found
        time.sleep(0.05)
    return pytest.fail("what was waited for did not happen")


def is_alive(process):
    """Whether a process is there, by its id; one that is dead and only not yet waited for is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
