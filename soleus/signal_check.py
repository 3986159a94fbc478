"""Is the signal of a sensor good for the night: contact, mains, gravity; judged by the features of the night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.channels import channels
from detectors.emg.features import EmgFeatures
from detectors.motion.features import MotionFeatures
from detectors.motion.gain import GainCheck
from detectors.signal import Quantity, SampleBlock, Unit
from detectors.track import Flag, Track, TrackName
from soleus.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.signal import Stream

# A second is a frame; a fault of half of them is no twitch of the wearer.
_MOST: Final = 0.5
# Less than this is no sensor with a coarse offset but one that counts in another range.
_GRAVITY_LOW_G, _GRAVITY_HIGH_G = 0.9, 1.1
_PRESS = "press the electrodes on, check plug and cable; if it stays, clean the skin and take fresh electrodes"
# What is said of each fault, the worst first.
_FAULTS = {
    Flag.FLAT: ("the line is flat", f"no muscle is connected: {_PRESS}"),
    Flag.SATURATED: ("the signal is cut off at its limit", f"an electrode is loose or off: {_PRESS}"),
    Flag.LINE: ("hum is all there is", f"an electrode is off: {_PRESS}"),
}


def judge_signal(blocks: Sequence[SampleBlock], criteria: Criteria) -> list[Finding]:
    """Judge the samples of one stream.

    Parameters
    ----------
    blocks : sequence of SampleBlock
        Some seconds of one stream, in order; at least one.
    criteria : Criteria
        The thresholds of the night.

    Returns
    -------
    list of Finding
        Contact and hum of every EMG channel, gravity of an acceleration; a flat line of anything else.
    """
    stream = blocks[0].stream
    if stream.quantity is Quantity.EMG and stream.unit is Unit.MICROVOLT:
        found = []
        for axis, channel in enumerate(channels(stream)):
            found += _judge_emg(channel, blocks, axis, criteria, named=len(stream.axes) > 1)
        return found
    if stream.quantity is Quantity.ACCELERATION and stream.unit is Unit.G:
        return [_judge_gravity(stream, blocks, criteria)]
    return [_judge_unscaled(stream, blocks)]


def _judge_emg(
    channel: Stream, blocks: Sequence[SampleBlock], axis: int, criteria: Criteria, *, named: bool
) -> list[Finding]:
    features = EmgFeatures(channel, criteria)
    tracks: list[Track] = []
    for block in blocks:
        own = SampleBlock(channel, block.clock, block.start, block.data[:, axis : axis + 1])
        tracks += [track for track in features.feed(own) if isinstance(track, Track)]
    tracks += [track for track in features.finish() if isinstance(track, Track)]
    resting = [track for track in tracks if track.name is TrackName.RESTING_UV]
    line = [track for track in tracks if track.name is TrackName.LINE_RATIO]
    suffix = f" {channel.axes[0]}" if named else ""
    if not resting:
        return [Finding(f"contact{suffix}", Verdict.UNKNOWN, "too few samples to tell")]
    flags = np.concatenate([track.quality for track in resting])
    resting_uv = float(np.median(np.concatenate([track.values for track in resting])))
    share = float(np.median(np.concatenate([track.values for track in line])))
    return [_contact(suffix, flags, resting_uv), _mains(suffix, flags, share)]


def _contact(suffix: str, flags: NDArray[np.uint16], resting_uv: float) -> Finding:
    about, values = f"contact{suffix}", {"resting_uv": round(resting_uv, 2)}
    for flag, (seen, advice) in _FAULTS.items():
        if _share(flags, flag) >= _MOST:
            return Finding(about, Verdict.WRONG, seen, advice, values)
    seen = f"resting level {resting_uv:.1f} uV"
    if _share(flags, Flag.POOR_CONTACT) >= _MOST:
        advice = "lie still with the leg relaxed and check again; if it stays, clean the skin, fresh electrodes"
        return Finding(about, Verdict.WARNING, f"{seen}, expected 5 or less", advice, values)
    return Finding(about, Verdict.OK, seen, "", values)


def _mains(suffix: str, flags: NDArray[np.uint16], share: float) -> Finding:
    about, values = f"hum{suffix}", {"line_share": round(share, 3)}
    seen = f"{share:.0%} of the signal is mains"
    if _share(flags, Flag.LINE_HIGH) < _MOST:
        return Finding(about, Verdict.OK, seen, "", values)
    advice = "it is subtracted; less is better: unplug chargers near the bed, keep cables short and apart"
    return Finding(about, Verdict.WARNING, seen, advice, values)


def _judge_gravity(stream: Stream, blocks: Sequence[SampleBlock], criteria: Criteria) -> Finding:
    features, gain = MotionFeatures(stream, criteria), GainCheck(criteria.motion)
    tracks = [track for block in blocks for track in features.feed(block)] + features.finish()
    for track in tracks:
        if isinstance(track, Track):
            gain.add(track)
    if gain.norm_g is None:
        return Finding("gravity", Verdict.UNKNOWN, "the leg never lay still", "lie still and check again")
    seen, values = f"{gain.norm_g:.2f} g at rest", {"norm_g": round(gain.norm_g, 3)}
    if not gain.is_off:
        return Finding("gravity", Verdict.OK, seen, "", values)
    if _GRAVITY_LOW_G <= gain.norm_g <= _GRAVITY_HIGH_G:
        advice = "amplitudes are off by as much; calibrate the sensor if its maker tells how"
        return Finding("gravity", Verdict.WARNING, f"{seen}, expected 1", advice, values)
    advice = "set the sensor's range in its options (range_g), or have it repaired: all amplitudes are wrong"
    return Finding("gravity", Verdict.WRONG, f"{seen}, expected 1", advice, values)


def _judge_unscaled(stream: Stream, blocks: Sequence[SampleBlock]) -> Finding:
    """Judge a stream that there are no rules for: whether anything moves in it."""
    samples = np.concatenate([block.data for block in blocks])
    about, unit = str(stream.quantity), stream.unit
    if bool((samples == samples[:1]).all()):
        return Finding(about, Verdict.WRONG, "every sample is the same", "switch the sensor off and on")
    return Finding(about, Verdict.UNKNOWN, f"arrives in {unit}; contact cannot be judged without a scale in uV or g")


def _share(flags: NDArray[np.uint16], flag: Flag) -> float:
    return float(np.mean((flags & flag.value) != 0))
