"""Every kind of sensor that Soleus knows by itself."""

from __future__ import annotations

from ingest.decoders.lsp import LSP_DEVICE
from ingest.decoders.polar import POLAR_DEVICE

DEVICES = {device.name: device for device in (LSP_DEVICE, POLAR_DEVICE)}
"""By the name that stands in ``soleus.toml`` and on the command line."""
