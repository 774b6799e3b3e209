"""Cluster-robust covariance (CR2) of a mixed model's fixed effects.

References
----------
Bell and McCaffrey (2002). Survey Methodology 28(2). Pustejovsky and Tipton (2018). Journal of
Business and Economic Statistics 36(4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dyads.errors import StudyError
from dyads.models.arrays import FloatArray, IntArray
from dyads.models.design import RandomDesign
from dyads.models.inference import JointTest, independent_rows

_RANK = 1e-10
_SHORT = 0.5


class ClusterRobust:
    """CR2 with the model's own covariance as working model and Satterthwaite degrees.

    Parameters
    ----------
    fixed
        Design, shape (rows, p).
    residuals
        ``y - X beta``, shape (rows,).
    designs
        Random terms, with `covariances` in the units of the data.
    covariances
        One per random term.
    sigma2
        Residual variance.
    plain
        Model covariance of the fixed effects, shape (p, p).
    clusters
        Number of the cluster of each row, shape (rows,).
    name
        What the clusters are, for messages.

    Raises
    ------
    StudyError
        Where a random term ties clusters together, or there are fewer than two.
    """

    _covariance: FloatArray

    def __init__(
        self,
        fixed: FloatArray,
        residuals: FloatArray,
        designs: Sequence[RandomDesign],
        covariances: Sequence[FloatArray],
        sigma2: float,
        plain: FloatArray,
        clusters: IntArray,
        name: str,
    ) -> None:
        _refuse_crossing(designs, clusters, name)
        meats, sizes, own = [], [], []
        for rows in _equal_sized(clusters):
            x, residual = fixed[rows], residuals[rows]
            v = sigma2 * np.eye(rows.shape[1]) + _model_covariance(designs, covariances, rows)
            weighted = _adjusted(v, x, plain)
            scores = np.einsum("cnp,cn->cp", weighted, residual)
            meats.append(scores.T @ scores)
            sizes.append(x.swapaxes(1, 2) @ weighted @ plain)
            own.append(plain @ (weighted.swapaxes(1, 2) @ v @ weighted) @ plain)
        self._plain = plain
        self._covariance = plain @ np.sum(meats, axis=0) @ plain
        self._leverage = np.concatenate(sizes)
        self._own = np.concatenate(own)

    @property
    def covariance(self) -> FloatArray:
        """CR2 covariance of the fixed effects, shape (p, p)."""
        return self._covariance

    def degrees_of_freedom(self, functions: FloatArray) -> FloatArray:
        """Satterthwaite degrees of freedom under the model, by function.

        Missing where a cluster alone decides what a function asks, such as a group of one dyad: its
        residuals say nothing of its error, and CR2, whose expectation is the model's variance
        elsewhere, falls short of it.
        """
        reach = np.einsum("cpq,lq->lcp", self._leverage, functions)
        own = np.einsum("lp,cpq,lq->lc", functions, self._own, functions)
        bent = reach @ self._plain
        taken = np.einsum("lcp,lcp->lc", bent, reach)
        crossed = bent.swapaxes(1, 2) @ reach
        trace = (own - taken).sum(axis=1)
        square = (own**2 - 2 * own * taken).sum(axis=1)
        square += np.einsum("lpq,lqp->l", crossed, crossed)
        is_known = trace > _SHORT * np.einsum("lp,pq,lq->l", functions, self._plain, functions)
        return np.where(is_known, trace**2 / np.where(is_known, square, 1.0), np.nan)

    def joint_test(self, functions: FloatArray, coefficients: FloatArray) -> JointTest:
        """Approximate Hotelling test (clubSandwich's HTZ)."""
        functions = independent_rows(functions)
        n = len(functions)
        if np.isnan(self.degrees_of_freedom(functions)).any():
            return JointTest(np.nan, n, np.nan)
        effect = functions @ coefficients
        spread = functions @ self._covariance @ functions.T
        quadratic = float(effect @ np.linalg.solve(spread, effect))
        expected = np.linalg.cholesky(functions @ self._plain @ functions.T)
        degrees = n * (n + 1) / self._total_variance(np.linalg.solve(expected, functions))
        den_df = degrees - n + 1
        return JointTest(den_df / (degrees * n) * quadratic, n, den_df)

    def _total_variance(self, functions: FloatArray) -> float:
        """Sum of the variances of all entries of the estimated covariance of functions."""
        reach = np.einsum("cpq,lq->lcp", self._leverage, functions)
        own = np.einsum("lp,cpq,mq->lmc", functions, self._own, functions)
        bent = reach @ self._plain
        taken = np.einsum("lcp,mcp->lmc", bent, reach)
        moments = np.einsum("lcp,mcq->lmpq", bent, reach)
        own_diagonal, taken_diagonal = (np.einsum("llc->lc", part) for part in (own, taken))
        apart = own_diagonal @ own_diagonal.T
        mixed = own_diagonal @ taken_diagonal.T
        same = np.einsum("lmc,lmc->lm", own, own - 2 * taken)
        across = np.einsum("lmpq,mlqp->lm", moments, moments)
        along = np.einsum("lmpq,lmqp->lm", moments, moments)
        return float((apart - mixed - mixed.T + same + across + along).sum())


def _refuse_crossing(designs: Sequence[RandomDesign], clusters: IntArray, name: str) -> None:
    if int(clusters.max()) < 1:
        raise StudyError(f"Cluster-robust covariance needs two clusters or more of '{name}'.")
    for design in designs:
        pairs = np.unique(np.stack([design.codes, clusters]), axis=1)
        if pairs.shape[1] > len(design.levels):
            raise StudyError(
                f"Clusters '{name}' are not independent in this model: levels of '{design.group}' "
                f"reach across them. Cluster by something that contains '{design.group}'."
            )


def _equal_sized(clusters: IntArray) -> Iterator[IntArray]:
    """Row numbers of clusters, stacked by cluster size, shape (clusters, size)."""
    order = np.argsort(clusters, kind="stable")
    counts = np.bincount(clusters)
    starts = np.cumsum(counts) - counts
    for size in np.unique(counts):
        chosen = starts[counts == size]
        yield order[chosen[:, None] + np.arange(size)]


def _model_covariance(
    designs: Sequence[RandomDesign], covariances: Sequence[FloatArray], rows: IntArray
) -> FloatArray:
    total = np.zeros((*rows.shape, rows.shape[1]))
    for design, covariance in zip(designs, covariances, strict=True):
        z, codes = design.regressors[rows], design.codes[rows]
        same = codes[:, :, None] == codes[:, None, :]
        total += same * (z @ covariance @ z.swapaxes(1, 2))
    return total


def _adjusted(v: FloatArray, x: FloatArray, plain: FloatArray) -> FloatArray:
    """``A' V^-1 X`` with the symmetric A that solves ``A (V - X C X') A = V``."""
    upper = np.linalg.cholesky(v).swapaxes(1, 2)
    inner = upper @ (v - x @ plain @ x.swapaxes(1, 2)) @ upper.swapaxes(1, 2)
    values, vectors = np.linalg.eigh((inner + inner.swapaxes(1, 2)) / 2)
    limit = _RANK * values[:, -1:]
    inverse_root = np.where(values > limit, 1 / np.sqrt(np.maximum(values, limit)), 0.0)
    root = (vectors * inverse_root[:, None, :]) @ vectors.swapaxes(1, 2)
    adjustment = upper.swapaxes(1, 2) @ root @ upper
    return np.asarray(adjustment @ np.linalg.solve(v, x))
