"""Every kind of sensor that Soleus knows by itself."""

from __future__ import annotations

from ingest.decoders.dot import DOT_DEVICE
from ingest.decoders.ganglion import GANGLION_DEVICE
from ingest.decoders.lsp import LSP_DEVICE
from ingest.decoders.metamotion import METAMOTION_DEVICE
from ingest.decoders.microbit import MICROBIT_DEVICE
from ingest.decoders.movesense import MOVESENSE_DEVICE
from ingest.decoders.myo import MYO_DEVICE
from ingest.decoders.npg_lite import NPG_LITE_DEVICE
from ingest.decoders.pinetime import PINETIME_DEVICE
from ingest.decoders.polar import POLAR_DEVICE
from ingest.decoders.thingy52 import THINGY52_DEVICE
from ingest.decoders.umyo import UMYO_DEVICE
from ingest.decoders.witmotion import WITMOTION_DEVICE

_ALL = (
    LSP_DEVICE,
    POLAR_DEVICE,
    METAMOTION_DEVICE,
    MOVESENSE_DEVICE,
    DOT_DEVICE,
    WITMOTION_DEVICE,
    THINGY52_DEVICE,
    PINETIME_DEVICE,
    MICROBIT_DEVICE,
    UMYO_DEVICE,
    NPG_LITE_DEVICE,
    MYO_DEVICE,
    GANGLION_DEVICE,
)
DEVICES = {device.name: device for device in _ALL}
"""By the name that stands in ``soleus.toml`` and on the command line."""
