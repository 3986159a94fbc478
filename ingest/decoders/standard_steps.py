"""Set-up steps that any sensor may be given: its battery and what it is, by Bluetooth's standard services.

Where a sensor lacks a service, the step is left out and logged. The serial number is not asked for: no
later step needs it, and it names one person's device.
"""

from __future__ import annotations

from ingest.decoders.profile import SetupOp, SetupStep
from ingest.decoders.reports import BATTERY_LEVEL_UUID, IDENTITY_UUIDS

_ASKED_FOR = ("model", "firmware", "hardware", "maker")

BATTERY_STEP = SetupStep(SetupOp.READ, BATTERY_LEVEL_UUID, required=False)
"""Read the battery level (service 180F, characteristic 2A19)."""

STANDARD_STEPS = (
    BATTERY_STEP,
    *(SetupStep(SetupOp.READ, uuid, required=False) for uuid, named in IDENTITY_UUIDS.items() if named in _ASKED_FOR),
)
"""Read the battery level, and model, firmware, hardware and maker (service 180A)."""
