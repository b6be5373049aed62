"""Duplicates: pictures that look the same, by a perceptual hash and by a model's embedding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LIMITS = ((4, 0.7), (6, 0.9))
"""Near duplicates differ in at most so many bits of 64, and then have at least this cosine.

The embedding also depends on sharpness: a copy of half the size may keep its hash, not its cosine.
"""

_BLOCK = 8 * 2**20


def near_duplicates(
    hashes: np.ndarray,
    embeddings: np.ndarray,
    limits: Sequence[tuple[int, float]] = LIMITS,
) -> np.ndarray:
    """All pairs of pictures that both hash and embedding call the same.

    Every pair of hashes is compared, block by block: exact, and seconds for 100 000 pictures.
    The embeddings confirm: flat pictures and pages of text have alike hashes without being alike.

    Args:
        hashes: uint64 [n], of `looks.perceptual_hash`.
        embeddings: float [n, channels].
        limits: pairs of the most bits in which hashes may differ and the smallest cosine, -1 to 1,
            that embeddings must have then; any of them will do.

    Returns:
        int64 [pairs, 2], the smaller index first, in ascending order.
    """
    found = [np.empty((0, 2), dtype=np.int64)]
    most_bits = max(bits for bits, _ in limits)
    rows = max(1, _BLOCK // max(len(hashes), 1))
    for start in range(0, len(hashes), rows):
        block = hashes[start : start + rows, None] ^ hashes[None, start:]
        first, second = np.nonzero(np.bitwise_count(block) <= most_bits)
        pairs = np.stack([first, second], axis=1)[first < second] + start
        for part in np.array_split(pairs, len(pairs) // 4096 + 1):
            differing = np.bitwise_count(hashes[part[:, 0]] ^ hashes[part[:, 1]])
            cosine = _cosine(embeddings, part)
            alike = [(differing <= bits) & (cosine >= least) for bits, least in limits]
            found.append(part[np.any(alike, axis=0)])
    return np.concatenate(found)


def _cosine(embeddings: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    first, second = (embeddings[pairs[:, side]].astype(np.float64) for side in (0, 1))
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return np.sum(first * second, axis=1) / np.maximum(norms, np.finfo(np.float64).tiny)
