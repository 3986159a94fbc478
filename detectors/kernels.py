"""The two compiled filters of ``scipy.signal``, without the rest of that package."""

from __future__ import annotations

import importlib
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

_PACKAGE = "scipy.signal"


def _compiled(name: str) -> ModuleType:
    """Import one compiled module of ``scipy.signal``.

    Importing the package takes a second and a half of processor and 75 MB, for statistics, splines and
    compilers that no filter needs: more than an hour of a night costs. A module that is not where it is
    looked for is imported with its package, so nothing but that time hangs on it.
    """
    full = f"{_PACKAGE}.{name}"
    package = find_spec(_PACKAGE)
    places = None if package is None else package.submodule_search_locations
    spec = None if places is None else PathFinder.find_spec(full, list(places))
    if spec is None or spec.loader is None:
        return importlib.import_module(full)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_SECTIONS: Any = _compiled("_sosfilt")
_LINEAR: Any = _compiled("_sigtools")


def filter_sections(sections: NDArray[np.float64], rows: NDArray[np.float64], states: NDArray[np.float64]) -> None:
    """Filter rows by second-order sections, in place: ``scipy.signal.sosfilt`` without its copies.

    Parameters
    ----------
    sections : ndarray of float64, shape (n_sections, 6)
        The filter, contiguous.
    rows : ndarray of float64, shape (n_rows, n_samples)
        The samples, contiguous; they become what comes out.
    states : ndarray of float64, shape (n_rows, n_sections, 2)
        What the filter remembers, contiguous; it becomes what it remembers afterwards.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0]])
    >>> filter_sections(np.array([[0.5, 0.5, 0.0, 1.0, 0.0, 0.0]]), rows, np.zeros((1, 1, 2)))
    >>> rows
    array([[0.5, 1.5]])
    """
    _SECTIONS._sosfilt(sections, rows, states)  # noqa: SLF001 - what scipy.signal.sosfilt calls


def filter_rows(
    b: NDArray[np.float64], a: NDArray[np.float64], rows: NDArray[np.float64], states: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Filter rows by one rational function, as ``scipy.signal.lfilter`` does.

    Parameters
    ----------
    b, a : ndarray of float64, shape (n,)
        Numerator and denominator, at least two coefficients.
    rows : ndarray of float64, shape (n_rows, n_samples)
        The samples.
    states : ndarray of float64, shape (n_rows, n - 1)
        What the filter remembers.

    Returns
    -------
    filtered : ndarray of float64, shape (n_rows, n_samples)
        What comes out.
    states : ndarray of float64, shape (n_rows, n - 1)
        What the filter remembers afterwards.

    Examples
    --------
    >>> b, a = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    >>> filter_rows(b, a, np.array([[1.0, 2.0]]), np.zeros((1, 1)))[0]
    array([[0.5, 1.5]])
    """
    filtered, states = _LINEAR._linear_filter(b, a, rows, 1, states)  # noqa: SLF001 - what scipy.signal.lfilter calls
    return filtered, states
