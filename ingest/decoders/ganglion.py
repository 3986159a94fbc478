"""OpenBCI Ganglion: four channels of EMG at 200 Hz in microvolts, impedance, and acceleration at 10 Hz.

Firmware 2 sends differences. One lost packet and every later value has an unknown offset until the next whole value,
about once a second: those samples are not handed out, they belong to the gap. Firmware 3 sends values.

Nobody has tried this file on a Ganglion. Unconfirmed, to be checked on hardware:

- which axis is which: the firmware sends x, y, z with the ids that end in 1, 2, 3, and this file follows it; BrainFlow
  takes z (negated), y, x from 0, 1, 2;
- firmware 3 seems to send 200 of every 201 samples: about 0.5 % is missing by design, evenly, which no packet id shows;
- the unit of an impedance: taken for ohm as in the public test, while the firmware's source seems to print kilohm;
- firmware 3 as a whole: read in BrainFlow only. Firmware is told by characteristic 2A28 or the option ``firmware``,
  and taken for 2 if nobody says it.

Layout: OpenBCI/OpenBCI_Ganglion_Library; brainflow-dev/brainflow ``ganglion_native``; public vectors of
openbci-archive/OpenBCI_NodeJS_Ganglion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.decoders.ganglion_packets import encode_text
from ingest.decoders.ganglion_reader import (
    DIFFERENCES,
    FIRMWARE_UUID,
    FS_HZ,
    NOTIFY_UUID,
    STOPPED_TEXT,
    VALUES,
    GanglionReader,
)
from ingest.decoders.layout import Device, DeviceCard, DeviceOption
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE_UUID = "0000fe84-0000-1000-8000-00805f9b34fb"
WRITE_UUID = "2d30c083-f39f-4ce6-923f-3484ea480596"
START, STOP, ACCELEROMETER_ON = b"b", b"s", b"n"
IMPEDANCE_START, IMPEDANCE_STOP = b"z", b"Z"
(_STOPPED,) = encode_text(STOPPED_TEXT)


def _command(payload: bytes) -> SetupStep:
    return SetupStep(SetupOp.WRITE_NO_RSP, WRITE_UUID, payload=payload)


_LISTEN = SetupStep(SetupOp.SUBSCRIBE, NOTIFY_UUID)
# To turn the accelerometer on while it streams would spoil a packet, and a start without a stop is not heeded.
_STOP_FIRST = SetupStep(
    SetupOp.WRITE_NO_RSP,
    WRITE_UUID,
    payload=STOP,
    expect_prefix=_STOPPED,
    answer_prefix=_STOPPED,
    answered_on=NOTIFY_UUID,
    timeout_s=2.0,
    required=False,
)
IMPEDANCE_SETUP = (_LISTEN, _STOP_FIRST, _command(IMPEDANCE_START))
"""Makes the sensor measure its electrodes one after the other, for ever; no samples come meanwhile."""
IMPEDANCE_END = (_command(IMPEDANCE_STOP),)
"""Ends that; the set-up of the profile then starts the samples."""


def _profile(_options: Mapping[str, float]) -> DeviceProfile:
    return DeviceProfile(
        name="ganglion",
        service_uuids=(SERVICE_UUID,),
        setup=(
            SetupStep(SetupOp.READ, FIRMWARE_UUID, required=False),
            _LISTEN,
            *STANDARD_STEPS,
            _STOP_FIRST,
            _command(ACCELEROMETER_ON),
            _command(START),
        ),
        stop=(_command(STOP),),
        silence_timeout_s=3.0,
        loss_mode=LossMode.PACKET_COUNTER,
        name_prefixes=("Ganglion", "Simblee"),
        impedance=IMPEDANCE_SETUP,
        impedance_end=IMPEDANCE_END,
    )


GANGLION_DEVICE = Device(
    name="ganglion",
    card=DeviceCard(
        title="OpenBCI Ganglion",
        placement="box on the thigh or belt, four pairs of electrodes",
        modality="EMG, 4 channels at 200 Hz in microvolts; acceleration at 10 Hz; impedance before the night",
        loss="by packet id, exact up to a second, then to the turn by arrival; "
        "firmware 2 loses up to a second with each lost packet, firmware 3 only the packet",
        mtu="23",
        sources=(
            "OpenBCI/OpenBCI_Ganglion_Library",
            "brainflow-dev/brainflow",
            "openbci-archive/OpenBCI_NodeJS_Ganglion",
        ),
        confirmed=("fields of 18 and 19 bits, impedance and text of firmware 2: public vectors",),
        unconfirmed=(
            "nothing was seen on hardware",
            "which axis of the accelerometer is which",
            "firmware 3: read in one driver; seems to leave out one sample in 201",
            "unit of an impedance: ohm or kilohm",
        ),
    ),
    profile=_profile,
    decoder=decoding(GanglionReader),
    options={
        "firmware": DeviceOption(
            "generation of the firmware, 2 or 3", allowed=(DIFFERENCES, VALUES), assumed=DIFFERENCES
        ),
        "fs_hz": DeviceOption("nominal sampling rate of the EMG, Hz", FS_HZ),
    },
)
