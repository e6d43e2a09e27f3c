"""A product in blocks is the product."""

import numpy as np
import pytest

from rag.multiply import multiply


@pytest.mark.parametrize("shape", [(0, 4, 3), (1, 1, 1), (7, 384, 128), (3_000, 128, 12), (5, 600, 600), (4, 8, 0)])
@pytest.mark.parametrize("kind", [np.float32, np.int8])
def test_blocks_give_the_whole_product(shape, kind):
    dice, (n, k, m) = np.random.default_rng(3), shape
    left = dice.integers(-127, 128, (n, k)).astype(kind)
    right = np.asfortranarray(dice.normal(size=(k, m)).astype(np.float32))
    product = multiply(left, right)
    assert (product.shape, product.dtype) == ((n, m), np.float32)
    np.testing.assert_allclose(product, left.astype(np.float64) @ right, rtol=1e-3, atol=1e-2)
