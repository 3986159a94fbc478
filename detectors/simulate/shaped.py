"""Gaussian noise of a given spectrum, chunk by chunk, the same for whatever chunk is asked for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from detectors.simulate.randomness import Purpose, generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# Long enough to hold the shape of the spectrum down to about 2 Hz at 500 Hz.
KERNEL_S = 0.5
GRID = 4096
# Below this frequency an amplifier with AC coupling passes nothing, Hz.
AC_CORNER_HZ = 1.0


def shwedyk(low_hz: float, high_hz: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the amplitude spectrum of surface EMG.

    Parameters
    ----------
    low_hz, high_hz : float
        Corner frequencies, Hz.

    Returns
    -------
    callable
        From frequencies (Hz) to relative amplitudes.

    References
    ----------
    Shwedyk E., Balasubramanian R., Scott R. N., A nonstationary model for the electromyogram, IEEE Transactions on
    Biomedical Engineering 24 (1977) 417-424; power ~ fh^4 f^2 / ((f^2 + fl^2) (f^2 + fh^2)^2).
    """

    def amplitude(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return high_hz**2 * hz / (np.sqrt(hz**2 + low_hz**2) * (hz**2 + high_hz**2))

    return amplitude


def amplifier(pink_corner_hz: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the amplitude spectrum of electrode and amplifier noise: white, and 1/f power below the corner."""

    def amplitude(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        coupled = hz / np.hypot(hz, AC_CORNER_HZ)
        return coupled * np.sqrt(1.0 + pink_corner_hz / np.maximum(hz, AC_CORNER_HZ))

    return amplitude


def band(low_hz: float, high_hz: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the amplitude spectrum of noise between two corners, with soft edges."""

    def amplitude(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return hz / np.hypot(hz, low_hz) / (1.0 + (hz / high_hz) ** 2)

    return amplitude


class ShapedNoise:
    """Unit-variance Gaussian noise with a spectrum, in chunks of fixed length.

    Parameters
    ----------
    amplitude : callable
        From frequencies (Hz) to relative amplitudes.
    fs_hz : float
        Sampling rate, Hz.
    chunk : int
        Samples in a chunk; longer than the kernel.
    """

    __slots__ = ("_chunk", "_n_fft", "_response", "_taps")

    def __init__(
        self, amplitude: Callable[[NDArray[np.float64]], NDArray[np.float64]], fs_hz: float, chunk: int
    ) -> None:
        self._taps = min(int(KERNEL_S * fs_hz) | 1, chunk)
        shape = np.roll(fft.irfft(amplitude(fft.rfftfreq(GRID, 1.0 / fs_hz)), GRID), self._taps // 2)[: self._taps]
        kernel = shape * np.hanning(self._taps + 2)[1:-1]
        kernel /= np.sqrt(np.sum(kernel**2))
        self._chunk = chunk
        self._n_fft = fft.next_fast_len(chunk + self._taps - 1, real=True)
        self._response = fft.rfft(kernel.astype(np.float32), self._n_fft)

    def chunk(self, seed: int, leg: int, purpose: Purpose, channel: int, number: int) -> NDArray[np.float32]:
        """Return one chunk.

        Parameters
        ----------
        seed, leg, purpose, channel : int
            What the noise is for.
        number : int
            Number of the chunk, from 0.

        Returns
        -------
        ndarray of float32, shape (chunk,)
            The noise; neighbouring chunks join without a seam.
        """
        # Chunk numbers are moved up by one so that the first chunk has a predecessor to lean on.
        before = self._white(seed, leg, purpose, channel, number)[self._chunk - self._taps + 1 :]
        white = np.concatenate([before, self._white(seed, leg, purpose, channel, number + 1)])
        shaped = fft.irfft(fft.rfft(white, self._n_fft) * self._response, self._n_fft)
        return np.asarray(shaped[self._taps - 1 : self._taps - 1 + self._chunk], dtype=np.float32)

    def _white(self, seed: int, leg: int, purpose: Purpose, channel: int, place: int) -> NDArray[np.float32]:
        """Return white noise of one place."""
        return generator(seed, leg, purpose, channel, place).standard_normal(self._chunk, dtype=np.float32)
