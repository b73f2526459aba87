"""Distances between covariates, as coordinates in which plain Euclidean distance is the one asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def coordinates(terms: Floats, treated: Flags, kind: str) -> Floats:
    """Coordinates, (n, r), of every record.

    Parameters
    ----------
    terms : (n, q) float
        Covariates with every level of text columns.
    treated : (n,) bool
    kind : {"mahalanobis", "robust-mahalanobis", "scaled-euclidean", "(given)"}
        Mahalanobis with the covariance pooled within groups (as MatchIt); on ranks, their covariance scaled so that
        ties do not count for more (Rosenbaum 2010, section 8.3); or each covariate over its pooled standard deviation;
        or as they are.

    Examples
    --------
    >>> import numpy as np
    >>> terms = np.array([[0., 1.], [2., 0.], [1., 3.], [4., 2.]])
    >>> coordinates(terms, np.array([True, True, False, False]), "scaled-euclidean").shape
    (4, 2)
    """
    if kind == "(given)":
        z = terms
    elif kind == "scaled-euclidean":
        spread = np.sqrt(np.diag(_pooled(terms, treated)))
        z = terms / np.where(spread > 0, spread, 1)
    elif kind == "mahalanobis":
        z = terms @ _inverse_root(_pooled(terms, treated))
    else:
        ranks = scipy.stats.rankdata(terms, axis=0)
        shared = np.cov(ranks, rowvar=False).reshape(terms.shape[1], terms.shape[1])
        spread = np.sqrt(np.diag(shared))
        untied = np.sqrt(terms.shape[0] * (terms.shape[0] + 1) / 12)
        factor = np.where(spread > 0, untied / np.where(spread > 0, spread, 1), 1)
        z = ranks @ _inverse_root(shared * np.outer(factor, factor))
    # identical records must get identical coordinates, whatever order sums were taken in
    return np.asarray(np.round(z - z.mean(axis=0), 10))


def _pooled(x: Floats, treated: Flags) -> Floats:
    one, two = x[treated], x[~treated]
    one, two = one - one.mean(axis=0), two - two.mean(axis=0)
    return np.asarray((one.T @ one + two.T @ two) / (x.shape[0] - 2))


def _inverse_root(s: Floats) -> Floats:
    """A root of the generalised inverse, (q, rank); columns are first put on one scale."""
    scale = np.sqrt(np.diag(s))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(s / np.outer(scale, scale))
    kept = values > 1e-9 * values.max()
    return np.asarray((vectors[:, kept] / np.sqrt(values[kept])) / scale[:, None])
