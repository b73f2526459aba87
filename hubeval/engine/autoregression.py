"""Autoregressive errors of order up to two, exactly and without an n x n matrix.

The inverse covariance of such errors is banded, so every quadratic form in it is a weighted sum
of six lagged products that do not depend on the parameters (Galbraith & Galbraith 1974). A whole
grid of parameters, or thousands of series, then costs a few small matrix products.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solve_triangular, toeplitz

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def lagged_products(u: Floats, v: Floats) -> Floats:
    """The six products that quadratic forms in an AR(2) precision matrix are made of, (..., 6, a, b).

    Parameters
    ----------
    u : (..., n, a) float
    v : (..., n, b) float
        At least four rows each.
    """
    u = np.swapaxes(u, -1, -2)
    first, last = u[..., :-1] @ v[..., 1:, :], u[..., 1:] @ v[..., :-1, :]
    return np.stack(
        [
            u @ v,
            u[..., 1:-1] @ v[..., 1:-1, :],
            u[..., 2:-2] @ v[..., 2:-2, :],
            first + last,
            u[..., 1:-2] @ v[..., 2:-1, :] + u[..., 2:-1] @ v[..., 1:-2, :],
            u[..., :-2] @ v[..., 2:, :] + u[..., 2:] @ v[..., :-2, :],
        ],
        axis=-3,
    )


def lagged_squares(v: Floats) -> Floats:
    """`lagged_products` of each column with itself, (6, b)."""
    products = (
        v * v,
        v[1:-1] ** 2,
        v[2:-2] ** 2,
        2 * v[:-1] * v[1:],
        2 * v[1:-2] * v[2:-1],
        2 * v[:-2] * v[2:],
    )
    return np.stack([product.sum(axis=0) for product in products])


def coefficients(partial: Floats) -> Floats:
    """AR(2) coefficients from partial autocorrelations, (..., 2); inside (-1, 1) the process is stationary."""
    first, second = partial[..., 0], partial[..., 1]
    return np.stack([first * (1 - second), second], axis=-1)


def product_weights(partial: Floats) -> Floats:
    """Weights of the six lagged products in the quadratic form at unit innovation variance, (..., 6).

    Parameters
    ----------
    partial : (..., 2) float
        Partial autocorrelations at lags 1 and 2; the second is 0 for AR(1).

    Examples
    --------
    >>> import numpy as np
    >>> u = np.array([[1.], [2.], [0.], [1.], [3.]])
    >>> form = product_weights(np.array([.5, 0.])) @ lagged_products(u, u)[:, 0, 0]
    >>> whitened = np.append(np.sqrt(1 - .5**2) * u[0, 0], u[1:, 0] - .5 * u[:-1, 0])
    >>> bool(np.isclose(form, whitened @ whitened))
    True
    """
    phi = coefficients(partial)
    one, two = phi[..., 0], phi[..., 1]
    return np.stack([np.ones_like(one), one**2, two**2, -one, one * two, -two], axis=-1)


def log_determinant(partial: Floats) -> Floats:
    """Log determinant of the covariance at unit innovation variance (any n >= 2), (...)."""
    return np.asarray(-np.log1p(-(partial[..., 0] ** 2)) - 2 * np.log1p(-(partial[..., 1] ** 2)))


def marginal_variance(partial: Floats) -> Floats:
    """Variance of one error at unit innovation variance, (...)."""
    return np.asarray(1 / ((1 - partial[..., 0] ** 2) * (1 - partial[..., 1] ** 2)))


def correlation(rho: float, n: int, derivative: int = 0) -> Floats:
    """AR(1) correlation matrix ``rho**|i-j|`` or one of its first two derivatives in rho, (n, n)."""
    lag = np.arange(n, dtype=float)
    if derivative == 0:
        row = rho**lag
    elif derivative == 1:
        row = np.append(0.0, lag[1:] * rho ** (lag[1:] - 1))
    else:
        row = np.append([0.0, 0.0], lag[2:] * (lag[2:] - 1) * rho ** (lag[2:] - 2))[:n]
    return np.asarray(toeplitz(row))


def whiten(v: Floats, partial: Floats) -> Floats:
    """`v` filtered to unit-variance, uncorrelated rows under the AR(2) errors of `partial`, (n, b).

    The first rows are kept (Prais-Winsten), not dropped (Cochrane-Orcutt).

    Parameters
    ----------
    v : (n, b) float
    partial : (2,) float
    """
    phi = coefficients(partial)
    out = v.astype(float, copy=True)
    out[1:] -= phi[0] * v[:-1]
    out[2:] -= phi[1] * v[:-2]
    # exact start: the first two rows through the inverse Cholesky factor of their own covariance
    gamma0 = float(marginal_variance(partial))
    head = gamma0 * np.array([[1.0, partial[0]], [partial[0], 1.0]])
    out[:2] = solve_triangular(np.linalg.cholesky(head), v[:2], lower=True)
    return out


def simulate(partial: Floats, deviation: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Stationary AR(2) errors, one series a row of `partial`, (n, R); the start is exact.

    Parameters
    ----------
    partial : (R, 2) float
        Partial autocorrelations.
    deviation : (R,) float
        Standard deviation of the innovations.
    n : int
        Periods, 3 or more.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> drawn = simulate(np.tile([0.6, 0.0], (4000, 1)), np.full(4000, 0.8), 5, rng)
    >>> drawn.shape, bool(abs(drawn.std() - 1) < 0.03), bool(abs((drawn[3] * drawn[4]).mean() - 0.6) < 0.05)
    ((5, 4000), True, True)
    """
    phi, spread = coefficients(partial), np.sqrt(marginal_variance(partial))
    e = rng.normal(size=(n, len(deviation)))
    e[0] *= spread
    e[1] = partial[:, 0] * e[0] + spread * np.sqrt(1 - partial[:, 0] ** 2) * e[1]
    for t in range(2, n):
        e[t] += phi[:, 0] * e[t - 1] + phi[:, 1] * e[t - 2]
    return np.asarray(e * deviation)


def autocorrelations(residuals: Floats, lags: int) -> Floats:
    """Sample autocorrelations at lags 1 to `lags` (about the mean, as R's ``acf``), (lags,)."""
    e = residuals - residuals.mean()
    total = float(e @ e)
    if total == 0:
        return np.zeros(lags)
    return np.array([float(e[lag:] @ e[: len(e) - lag]) / total if lag < len(e) else 0.0 for lag in range(1, lags + 1)])
