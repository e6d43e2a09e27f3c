"""Multiplies matrices in the calling thread.

Products of this size gain nothing from more threads, and lose much where the processors are busy, since NumPy's threads
wait for each other spinning: 6,400 × 128 by 128 × 12 on two busy cores took 27 ms whole and 0.6 ms in blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.embed import FloatArray

_MOST_PRODUCTS = 1 << 18  # OpenBLAS begins no thread for a product of at most so many multiplications


def multiply(left: NDArray[np.float32] | NDArray[np.int8], right: FloatArray) -> FloatArray:
    """left @ right: float32, shape (n, k) by (k, m) gives (n, m); int8 becomes float32 block by block."""
    import numpy as np

    product = np.empty((len(left), right.shape[1]), dtype=np.float32)
    rows = max(1, _MOST_PRODUCTS // max(1, right.size))
    right = np.ascontiguousarray(right)
    for start in range(0, len(left), rows):
        block = left[start : start + rows].astype(np.float32, copy=False)
        np.matmul(block, right, out=product[start : start + rows])
    return product
