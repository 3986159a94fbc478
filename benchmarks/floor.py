"""The least that scoring a night can cost: read the same EDF in the same way, band-pass each EMG channel once."""

import sys
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfilt

from detectors.signal import Quantity
from ingest.files.edf import read_edf

BLOCK_S = 60

for source in read_edf(Path(sys.argv[1]), channels={}).sources:
    fs_hz = source.stream.fs_hz
    sos = butter(2, (20, 200), "bandpass", fs=fs_hz, output="sos").astype(np.float32) if fs_hz > 2 * 200 else None
    state = None if sos is None else np.zeros((len(sos), 2, len(source.stream.axes)), dtype=np.float32)
    length = round(BLOCK_S * fs_hz)
    for start in range(0, source.n_samples, length):
        block = source.read(start, min(start + length, source.n_samples)).astype(np.float32, copy=False)
        if source.stream.quantity is Quantity.EMG and sos is not None:
            block, state = sosfilt(sos, block, axis=0, zi=state)
