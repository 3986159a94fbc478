"""Is one sensor good for tonight: reached, complete, at its rate, charged, near, and on the right leg."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import NS_PER_S, Leg
from ingest.decoders.base import StatusKind
from ingest.decoders.profile import LossMode
from ingest.stream_key import stream_key
from soleus.battery import judge_battery
from soleus.build import sensor_spec
from soleus.in_range import strength
from soleus.signal_check import judge_signal
from soleus.verdicts import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.criteria import Criteria
    from detectors.signal import SampleBlock, Stream
    from ingest.decoders.base import Status
    from ingest.stream_key import StreamKey
    from soleus.battery import Use
    from soleus.listening import Heard

# Our own limits. Of ten seconds one lost packet is about 1 %; a link that loses more while the wearer sits beside the
# computer will break when he turns over.
_LOSS_WARNING, _LOSS_WRONG = 0.01, 0.05
_RATE_TOLERANCE = 0.05
# Packets come this much too early or late on a busy computer; over a few seconds that is several percent.
_ARRIVAL_JITTER_S = 0.5
# Arrivals of a shorter time say more about the radio than about the sensor's clock.
_LEAST_RATE_S = 2.0
# Laboratories accept 10 kOhm (WASM, AASM); a sensor on the skin itself has no leads, and works with several times that.
_GOOD_OHM, _FAIR_OHM = 50_000.0, 200_000.0
_COUNTLESS = frozenset({LossMode.NONE, LossMode.RATE_ONLY})


@dataclass(frozen=True, slots=True)
class SensorCheck:
    """A sensor and what was found about it.

    Parameters
    ----------
    name : str
        The sensor.
    title : str
        Name, leg and place in words.
    findings : tuple of Finding
        What was found.
    streams : tuple of sequence of SampleBlock
        The samples, one entry per stream.
    """

    name: str
    title: str
    findings: tuple[Finding, ...]
    streams: tuple[Sequence[SampleBlock], ...]


def judge_sensor(
    heard: Heard, criteria: Criteria, *, hours: float, seconds: float, use: Use | None = None
) -> SensorCheck:
    """Judge what one sensor said.

    Parameters
    ----------
    heard : Heard
        What it said.
    criteria : Criteria
        The thresholds of the night.
    hours : float
        Length of the night to come, h.
    seconds : float
        What was asked for, s; what came after it is left out.
    use : Use, optional
        What a night takes of its battery.

    Returns
    -------
    SensorCheck
        One finding per question.
    """
    sensor = heard.sensor
    streams = tuple(_in_order(heard, stream, seconds) for stream in _longest(heard))
    findings = [_reached(heard)]
    if streams:
        lead_off = _lead_off(heard.statuses)
        findings += lead_off
        for blocks in streams:
            judged = _named(judge_signal(blocks, criteria), blocks[0].stream, streams)
            findings += [one for one in judged if not (lead_off and one.about.startswith("contact"))]
        findings += _impedance(heard.statuses)
        for blocks in streams:
            findings += _named([_rate(heard, blocks[0].stream)], blocks[0].stream, streams)
        findings += [_loss(heard), _side(heard)]
    if heard.linked_ns is not None:
        findings.append(judge_battery(heard.statuses, hours, use))
    findings.append(_radio(heard))
    title = f"{sensor.name} ({sensor.leg} leg, {sensor.site})"
    return SensorCheck(sensor.name, title, tuple(findings), streams)


def _named(found: Sequence[Finding], stream: Stream, streams: Sequence[Sequence[SampleBlock]]) -> list[Finding]:
    """Return findings that name the first axis of their stream where the sensor has two of its quantity."""
    alone = sum(blocks[0].stream.quantity is stream.quantity for blocks in streams) == 1
    axis = stream.axes[0]
    return [one if alone or one.about.endswith(axis) else replace(one, about=f"{one.about} {axis}") for one in found]


def _longest(heard: Heard) -> list[Stream]:
    """Return the longest segment of each stream."""
    best: dict[StreamKey, Stream] = {}
    for stream, blocks in heard.blocks.items():
        known = best.get(stream_key(stream))
        if known is None or _n_samples(blocks) > _n_samples(heard.blocks[known]):
            best[stream_key(stream)] = stream
    return list(best.values())


def _n_samples(blocks: Sequence[tuple[SampleBlock, int]]) -> int:
    return sum(len(block.data) for block, _ in blocks)


def _in_order(heard: Heard, stream: Stream, seconds: float) -> list[SampleBlock]:
    """Return the blocks of a stream by sample, each sample once, up to the end of the time asked for."""
    kept: list[SampleBlock] = []
    blocks = sorted((block for block, _ in heard.blocks[stream]), key=lambda block: block.start)
    stop = blocks[0].start + round(seconds * stream.fs_hz)
    for block in blocks:
        if block.start < stop and not (kept and block.start < kept[-1].stop):
            kept.append(replace(block, data=block.data[: stop - block.start]))
    return kept


def _reached(heard: Heard) -> Finding:
    why = heard.troubles[-1] if heard.troubles else "nothing came"
    if heard.began_ns is not None:
        if heard.troubles:
            advice = "lay the computer nearer; if it stays, restart the sensor"
            return Finding("link", Verdict.WARNING, f"connected, and troubled: {why}", advice)
        return Finding("link", Verdict.OK, "connected, samples arrive")
    if heard.linked_ns is not None:
        advice = "switch the sensor off and on; charge it; see that no phone or other program uses it"
        return Finding("link", Verdict.WRONG, "connected, but no samples come", advice)
    if heard.rssi_dbm is None:
        advice = "switch it on, charge it, bring it near, and disconnect it from phones; soleus scan shows what is near"
        return Finding("link", Verdict.WRONG, "not in range", advice)
    return Finding("link", Verdict.WRONG, f"cannot be connected: {why}", "switch it off and on, then check again")


def _lead_off(statuses: Sequence[Status]) -> list[Finding]:
    """Judge what the sensor's own lead-off detection says last."""
    last: dict[str, float] = {}
    for status in statuses:
        if status.kind is StatusKind.LEAD_OFF:
            last |= status.values
    if not any(value for key, value in last.items() if key.startswith("lead_off")):
        return []
    advice = "press the electrodes on, check plug and cable; if it stays, clean the skin and take fresh electrodes"
    return [Finding("contact", Verdict.WRONG, "the sensor says that an electrode is off", advice, last)]


def _impedance(statuses: Sequence[Status]) -> list[Finding]:
    last: dict[str, float] = {}
    for status in statuses:
        last |= {key: value for key, value in status.values.items() if "impedance" in key and key.endswith("_ohm")}
    if not last:
        return []
    most = max(last.values())
    seen = f"{most / 1000:.0f} kOhm at the worst electrode"
    if most <= _GOOD_OHM:
        return [Finding("impedance", Verdict.OK, seen, "", last)]
    verdict = Verdict.WARNING if most <= _FAIR_OHM else Verdict.WRONG
    return [Finding("impedance", verdict, seen, "clean the skin, moisten dry electrodes, or take fresh ones", last)]


def _rate(heard: Heard, stream: Stream) -> Finding:
    about = f"rate {stream.quantity}"
    came = heard.blocks[stream]
    arrivals_s = np.array([mono_ns - came[0][1] for _, mono_ns in came], np.float64) / NS_PER_S
    if arrivals_s[-1] < _LEAST_RATE_S:
        return Finding(about, Verdict.UNKNOWN, f"too few samples to tell; {stream.fs_hz:g} Hz expected")
    # The line through all arrivals: one packet that came late does not decide.
    rate_hz = float(np.polyfit(arrivals_s, [block.stop - came[0][0].stop for block, _ in came], 1)[0])
    values = {"rate_hz": round(rate_hz, 2), "nominal_hz": stream.fs_hz}
    seen = f"{rate_hz:.0f} of {stream.fs_hz:g} Hz"
    if abs(rate_hz / stream.fs_hz - 1) <= max(_RATE_TOLERANCE, _ARRIVAL_JITTER_S / float(arrivals_s[-1])):
        return Finding(about, Verdict.OK, seen, "", values)
    advice = "set fs_hz in the sensor's options if it has one; else come nearer and restart the sensor"
    return Finding(about, Verdict.WARNING, seen, advice, values)


def _loss(heard: Heard) -> Finding:
    mode = sensor_spec(heard.sensor).profile.loss_mode
    n_lost = sum(gap.n_missing or 0 for gap in heard.gaps)
    n_all = n_lost + sum(_n_samples(blocks) for blocks in heard.blocks.values())
    if mode in _COUNTLESS and not n_lost:
        return Finding("loss", Verdict.UNKNOWN, "this kind of sensor does not count what it sends; see the rate")
    share = n_lost / n_all
    seen = f"{share:.1%} of the samples" if n_lost else "none"
    values = {"lost_share": round(share, 5), "n_lost": float(n_lost)}
    if share <= _LOSS_WARNING:
        return Finding("loss", Verdict.OK, seen, "", values)
    advice = "bring the computer nearer, out of drawers and away from USB 3 and Wi-Fi; try a longer USB cable"
    return Finding("loss", Verdict.WARNING if share <= _LOSS_WRONG else Verdict.WRONG, seen, advice, values)


def _side(heard: Heard) -> Finding:
    """Compare the leg of the configuration with the one that the sensor itself says."""
    said = {stream.leg for stream in heard.blocks} - {Leg.UNKNOWN}
    worn = heard.sensor.leg
    if not said or worn is Leg.UNKNOWN:
        return Finding("leg", Verdict.UNKNOWN, f"the sensor does not say; {worn} is what you set")
    if said == {worn}:
        return Finding("leg", Verdict.OK, f"{worn}, as the sensor says itself")
    return Finding(
        "leg",
        Verdict.WRONG,
        f"the sensor is marked {min(said)}, and you set {worn}",
        "swap the sensors, or soleus setup",
    )


def _radio(heard: Heard) -> Finding:
    if heard.rssi_dbm is None:
        return Finding("signal", Verdict.UNKNOWN, "not heard advertising")
    word, values = strength(heard.rssi_dbm), {"rssi_dbm": heard.rssi_dbm}
    seen = f"{word} ({heard.rssi_dbm:.0f} dBm)"
    if word != "weak":
        return Finding("signal", Verdict.OK, seen, "", values)
    return Finding("signal", Verdict.WARNING, seen, "bring the computer nearer to the bed, in sight of the leg", values)
