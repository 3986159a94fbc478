"""Polar H10, Verity Sense and OH1: accelerometer and gyroscope, over Polar measurement data (PMD).

Loss shows in the device's clock alone, there is no counter. That clock may be years wrong and starts anew when the
sensor was off, so it is used only within one connection.

Nobody has tried this file on a Polar sensor. Unconfirmed, to be checked on hardware:

- that every model takes exactly these START bytes: each sensor refuses the others', so they are tried in turn;
- that rates of 26, 104, 208 and 416 Hz, and ranges other than 8 g at 52 Hz, need SDK mode on a Verity Sense and that
  it is switched on by ``02 09``; SDK mode turns the heart rate off until it is switched off or the sensor is;
- a delta width of 0 bits, read as no change;
- the gyroscope, which is read if another program started it, but never started; its frames of type 81 hold
  differences of the bit patterns of floating-point numbers;
- magnetometer frames are read and not kept;
- the size of frames: an MTU of 231 or more keeps them whole.

Layout: polarofficial/polar-ble-sdk (``PmdDataFrame``, ``AccData``, ``GyrData``, ``MagData``, ``PmdSetting``); order of
settings also in zHElEARN/polar-python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.decoders.layout import Device, DeviceCard, DeviceOption
from ingest.decoders.polar_control import (
    CONTROL_UUID,
    DATA_UUID,
    FEATURES_BYTE,
    RESPONSE_BYTE,
    SERVICE_UUID,
    STOPPED_BYTE,
    Op,
    Request,
    Result,
    Setting,
    Settings,
)
from ingest.decoders.polar_frames import Measurement
from ingest.decoders.polar_reader import ACC_BITS, VERITY_HZ, PolarReader
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping

H10_HZ = 50.0
DEFAULT_G = 8.0
SDK_RATES_HZ = (26.0, 104.0, 208.0, 416.0)
"""Rates of a Verity Sense in SDK mode alone."""
RATES_HZ = (25.0, 26.0, 50.0, 52.0, 100.0, 104.0, 200.0, 208.0, 416.0)
RANGES_G = (2.0, 4.0, 8.0, 16.0)
_STARTS: tuple[Settings, ...] = (
    {Setting.RATE_HZ: (52,), Setting.RESOLUTION_BITS: (16,), Setting.RANGE: (8,), Setting.CHANNELS: (3,)},
    {Setting.RATE_HZ: (50,), Setting.RESOLUTION_BITS: (16,), Setting.RANGE: (8,)},
    {Setting.RATE_HZ: (50,), Setting.RESOLUTION_BITS: (16,), Setting.RANGE: (8,), Setting.CHANNELS: (3,)},
    {Setting.RATE_HZ: (50,), Setting.RESOLUTION_BITS: (16,), Setting.RANGE: (2,)},
)
"""What to start with: Verity Sense, H10, OH1, and an H10 that knows 2 g only; each sensor refuses the others'."""


def _exchange(request: Request, *, otherwise: tuple[bytes, ...] = (), required: bool = False) -> SetupStep:
    expected = bytes((RESPONSE_BYTE, request.op, request.measurement, Result.OK))
    return SetupStep(
        SetupOp.WRITE,
        CONTROL_UUID,
        payload=request.to_bytes(),
        expect_prefix=expected,
        answer_prefix=expected[:2],
        otherwise=otherwise,
        required=required,
    )


_STOP_STEP = _exchange(Request(Op.STOP, Measurement.ACC))
_SDK_ON = _exchange(Request(Op.START, Measurement.SDK_MODE))
_SDK_OFF = _exchange(Request(Op.STOP, Measurement.SDK_MODE))


def polar_profile(options: Mapping[str, float]) -> DeviceProfile:
    """Return how to make a Polar sensor stream acceleration.

    Parameters
    ----------
    options : mapping of str to float
        ``fs_hz`` and ``range_g`` choose what is started; without them, what each model knows.
    """
    needs_sdk = options.get("fs_hz") in SDK_RATES_HZ or _is_odd_verity(options)
    first, *others = (Request(Op.START, Measurement.ACC, settings) for settings in _starts(options))
    return DeviceProfile(
        name="polar-pmd",
        service_uuids=(SERVICE_UUID,),
        setup=(
            SetupStep(SetupOp.SUBSCRIBE, CONTROL_UUID),
            SetupStep(SetupOp.SUBSCRIBE, DATA_UUID),
            SetupStep(SetupOp.READ, CONTROL_UUID, expect_prefix=bytes((FEATURES_BYTE,)), required=False),
            _exchange(Request(Op.GET_SETTINGS, Measurement.ACC)),
            # Only a start that really starts answers with the factor.
            _STOP_STEP,
            *((_SDK_ON,) if needs_sdk else ()),
            _exchange(first, otherwise=tuple(request.to_bytes() for request in others), required=True),
            *STANDARD_STEPS,
        ),
        stop=(_STOP_STEP, *((_SDK_OFF,) if needs_sdk else ())),
        silence_timeout_s=5.0,
        loss_mode=LossMode.DEVICE_TS,
        name_prefixes=("Polar ",),
        stop_words=((CONTROL_UUID, bytes((STOPPED_BYTE,))),),
    )


def _is_odd_verity(options: Mapping[str, float]) -> bool:
    """Tell whether a Verity Sense would have to leave its 8 g."""
    return options.get("fs_hz", VERITY_HZ) == VERITY_HZ and options.get("range_g", DEFAULT_G) != DEFAULT_G


def _starts(options: Mapping[str, float]) -> tuple[Settings, ...]:
    """Return settings to try one after the other."""
    if not {"fs_hz", "range_g"} & options.keys():
        return _STARTS
    rates_hz = (options["fs_hz"],) if "fs_hz" in options else (VERITY_HZ, H10_HZ)
    asked: list[Settings] = [
        {
            Setting.RATE_HZ: (rate_hz,),
            Setting.RESOLUTION_BITS: (16,),
            Setting.RANGE: (options.get("range_g", DEFAULT_G),),
        }
        for rate_hz in rates_hz
    ]
    return tuple(settings for each in asked for settings in ({**each, Setting.CHANNELS: (3,)}, each))


POLAR_PMD = polar_profile({})
"""What is started where nothing else is asked for."""

POLAR_DEVICE = Device(
    name=POLAR_PMD.name,
    card=DeviceCard(
        title="Polar Verity Sense, OH1, H10",
        placement="optical armband round the calf or ankle; H10 pod with strap contact",
        modality="acceleration 25 to 416 Hz",
        loss="by the device's clock",
        mtu="231 or more keeps frames whole",
        sources=("polarofficial/polar-ble-sdk", "zHElEARN/polar-python"),
        confirmed=("settings: a public vector", "every frame type of acceleration and rotation: the maker's own code"),
        unconfirmed=(
            "exact START bytes of every model",
            "SDK mode for 26, 104, 208 and 416 Hz",
            "delta width 0",
            "gyroscope frames of type 81",
            "frame MTU",
        ),
    ),
    profile=polar_profile,
    decoder=decoding(PolarReader),
    options={
        "fs_hz": DeviceOption("sampling rate to start, Hz", allowed=RATES_HZ, assumed=VERITY_HZ),
        "range_g": DeviceOption("range to start, g", allowed=RANGES_G),
        "factor": DeviceOption("g (type 80) or mg (type 81) per step, where no start was logged"),
        "resolution_bits": DeviceOption(
            "width of the first sample of a delta frame, where no start was logged", assumed=float(ACC_BITS)
        ),
    },
)
