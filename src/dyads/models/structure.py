"""Arrange the levels of all random terms so that the normal equations stay small.

Random effects are split in two. *Block* terms fall into groups that share no row (all levels
within one person or dyad); their equations are solved for all blocks at once, as a stack of
small dense matrices. *Border* terms cross the blocks (confederates met by many persons) and
form, with the fixed columns and the outcome, one dense system that remains after the blocks
are eliminated. Which terms go where is chosen by counting operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from dyads.models.arrays import FloatArray, IntArray
from dyads.models.design import RandomDesign


@dataclass(frozen=True)
class Place:
    """Where the levels of one random term stand.

    Attributes
    ----------
    is_border
        Whether the term crosses the blocks.
    start
        First position of the term within a block, or within the border.
    n_slots
        Levels of the term that one block (or the border) has room for.
    width
        Effects per level.
    block, slot
        For each level its block (zero in the border) and its slot there.
    """

    is_border: bool
    start: int
    n_slots: int
    width: int
    block: IntArray
    slot: IntArray

    @property
    def stop(self) -> int:
        """First position after the term."""
        return self.start + self.n_slots * self.width

    def positions(self) -> IntArray:
        """Positions by slot and effect, shape (slots, width)."""
        return np.arange(self.start, self.stop, dtype=np.int64).reshape(self.n_slots, self.width)


@dataclass(frozen=True)
class CrossProducts:
    """Everything about the data that the deviance needs.

    Attributes
    ----------
    blocks
        Shape (blocks, q, q): cross products of the block effects with themselves. Blocks
        with fewer levels than slots are padded with zeros, which add nothing.
    bridge
        Shape (blocks, q, r): block effects with border effects, fixed columns and outcome.
    rest
        Shape (r, r): border effects, fixed columns and outcome with themselves.
    n_border, n_fixed, n_rows
        ``r = n_border + n_fixed + 1``.
    places
        One per random term.
    """

    blocks: FloatArray
    bridge: FloatArray
    rest: FloatArray
    n_border: int
    n_fixed: int
    n_rows: int
    places: tuple[Place, ...]

    @property
    def block_width(self) -> int:
        """Positions in a block."""
        return int(self.blocks.shape[1])


def cross_products(
    designs: Sequence[RandomDesign], fixed: FloatArray, outcome: FloatArray
) -> CrossProducts:
    """Choose the arrangement and sum up the data.

    Parameters
    ----------
    designs
        The random terms; their standardised columns are used.
    fixed
        Fixed columns, shape (rows, columns).
    outcome
        Shape (rows,).

    Returns
    -------
    CrossProducts
    """
    places, n_blocks = _arrange(designs)
    width = max((p.stop for p in places if not p.is_border), default=0)
    n_border = max((p.stop for p in places if p.is_border), default=0)
    inner = _columns(designs, places, False, n_blocks * width, width)
    border = _columns(designs, places, True, n_border, 0)
    dense = np.column_stack([fixed, outcome])
    squared = (inner.T @ inner).tocoo()
    blocks = np.zeros((n_blocks, width, width))
    blocks[squared.row // width, squared.row % width, squared.col % width] = squared.data
    bridge = np.concatenate([(inner.T @ border).toarray(), inner.T @ dense], axis=1)
    across = border.T @ dense
    rest = np.block([[(border.T @ border).toarray(), across], [across.T, dense.T @ dense]])
    return CrossProducts(
        blocks,
        bridge.reshape(n_blocks, width, -1),
        rest,
        n_border,
        fixed.shape[1],
        len(outcome),
        places,
    )


def _columns(
    designs: Sequence[RandomDesign],
    places: Sequence[Place],
    is_border: bool,
    n_columns: int,
    width: int,
) -> sparse.csr_array:
    """Sparse columns of the block terms or of the border terms, shape (rows, n_columns)."""
    n_rows = len(designs[0].codes)
    rows, columns, values = [], [], []
    for design, place in zip(designs, places, strict=True):
        if place.is_border is not is_border:
            continue
        first = place.block * width + place.start + place.slot * place.width
        at = first[design.codes][:, None] + np.arange(place.width)
        rows.append(np.repeat(np.arange(n_rows), place.width))
        columns.append(at.ravel())
        values.append(design.standard_values.ravel())
    if not rows:
        return sparse.csr_array((n_rows, n_columns))
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_array(entries, shape=(n_rows, n_columns))


def _arrange(designs: Sequence[RandomDesign]) -> tuple[tuple[Place, ...], int]:
    """Try every choice of block terms and keep the cheapest."""
    everything = range(len(designs))
    best: tuple[float, tuple[Place, ...], int] | None = None
    for size in range(len(designs), 0, -1):
        for inside in combinations(everything, size):
            places, n_blocks = _places(designs, set(inside))
            q = sum(p.n_slots * p.width for p in places if not p.is_border)
            border = sum(p.n_slots * p.width for p in places if p.is_border)
            cost = n_blocks * (q**3 + q**2 * border + q * border**2) + border**3
            if best is None or cost < best[0]:
                best = (cost, places, n_blocks)
    assert best is not None
    return best[1], best[2]


def _places(designs: Sequence[RandomDesign], inside: set[int]) -> tuple[tuple[Place, ...], int]:
    component = components([designs[i].codes for i in sorted(inside)])
    n_blocks = int(component.max()) + 1
    start = {False: 0, True: 0}
    places = []
    for i, design in enumerate(designs):
        is_border = i not in inside
        n_levels = len(design.levels)
        if is_border:
            block = np.zeros(n_levels, dtype=np.int64)
            slot = np.arange(n_levels, dtype=np.int64)
        else:
            block = np.empty(n_levels, dtype=np.int64)
            block[design.codes] = component
            by_block = np.argsort(block, kind="stable")
            counts = np.bincount(block, minlength=n_blocks)
            slot = np.empty(n_levels, dtype=np.int64)
            slot[by_block] = np.arange(n_levels) - np.repeat(np.cumsum(counts) - counts, counts)
        place = Place(
            is_border, start[is_border], int(slot.max()) + 1, len(design.columns), block, slot
        )
        start[is_border] = place.stop
        places.append(place)
    return tuple(places), n_blocks


def components(codes: Sequence[IntArray]) -> IntArray:
    """Number the sets of rows that share no level of any grouping, row by row.

    Parameters
    ----------
    codes
        Number of each row's level, one array of shape (rows,) for each grouping.
    """
    first = codes[0]
    if len(codes) == 1:
        return first
    offsets = np.cumsum([0, *(int(c.max()) + 1 for c in codes)])
    pairs = [np.stack([first, other + o]) for other, o in zip(codes[1:], offsets[1:], strict=False)]
    edges = np.concatenate(pairs, axis=1)
    size = int(offsets[-1])
    graph = sparse.coo_array((np.ones(edges.shape[1]), (edges[0], edges[1])), shape=(size, size))
    labels = csgraph.connected_components(graph, directed=False)[1]
    return np.asarray(labels, dtype=np.int64)[first]
