"""Fits the basis that token vectors are projected on, and compares a fit with the vendored one.

    python models/fit_token_basis.py fit FOLDER token_basis.npy     FOLDER holds notes, such as content/
    python models/fit_token_basis.py compare token_basis.npy        exit 1 if it spans another space than the vendored

The basis is the first 128 right singular vectors of the matrix of all token vectors, taken as they leave the model, not
centred: the projection that loses least of them in squared length. It needs no network and, with the project installed
beside it, nothing more. Another folder of English text gives a basis that serves as well: only a stranger to the
vendored one, since stored token vectors are numbers in that one.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.plain_text import passage_text
from ingest.vault import build_vault, read_sources
from rag.embed import BASIS_FILE, MODEL_DIRECTORY, TOKEN_DIMENSION, MiniLMEmbedder

MIN_OVERLAP = 0.95  # share of the space that two bases have in common


def fit(folder: Path, output: Path) -> None:
    """Write the basis that fits the notes of a folder: float32, shape (384, 128), orthonormal columns."""
    embedder = MiniLMEmbedder()
    vault = build_vault(read_sources(folder), embedder.count_tokens)
    gram, count = np.zeros((embedder.dimension, embedder.dimension)), 0
    for chunk in vault.chunks:
        _, vectors = embedder.hidden_states(passage_text(chunk.headings, chunk.text))
        gram += vectors.T.astype(np.float64) @ vectors
        count += len(vectors)
    values, basis = np.linalg.eigh(gram)  # ascending
    leading = basis[:, ::-1][:, :TOKEN_DIMENSION]
    # A singular vector's sign is arbitrary: the entry of the greatest magnitude is made positive.
    signs = np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(TOKEN_DIMENSION)])
    np.save(output, np.ascontiguousarray(leading * signs, dtype="<f4"), allow_pickle=False)
    kept = values[::-1][:TOKEN_DIMENSION].sum() / values.sum()
    print(f"{len(vault.chunks):,} passages, {count:,} tokens; {kept:.1%} of their squared length is kept")
    print(f"{output}  {output.stat().st_size:,} bytes  SHA-256 {hashlib.sha256(output.read_bytes()).hexdigest()}")


def compare(fitted: Path) -> bool:
    """Print how much of the vendored basis' space another basis covers; whether that is nearly all of it."""
    theirs: NDArray[np.float64] = np.load(fitted, allow_pickle=False).astype(np.float64)
    ours: NDArray[np.float64] = np.load(MODEL_DIRECTORY / BASIS_FILE, allow_pickle=False).astype(np.float64)
    overlap = float(np.square(ours.T @ theirs).sum() / TOKEN_DIMENSION)
    print(f"{overlap:.4f} of the vendored basis' space is covered")
    return overlap >= MIN_OVERLAP


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    fitting = commands.add_parser("fit", help="fit a basis to a folder of notes")
    fitting.add_argument("folder", type=Path)
    fitting.add_argument("output", type=Path)
    comparing = commands.add_parser("compare", help="compare a basis with the vendored one")
    comparing.add_argument("fitted", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "fit":
        fit(arguments.folder, arguments.output)
        return 0
    return 0 if compare(arguments.fitted) else 1


if __name__ == "__main__":
    sys.exit(main())
