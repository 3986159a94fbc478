"""Explain one event: every comparison that led to it, and the one that would have turned it round.

The same for a candidate that a rule turned down, which says what it would have taken.

Prints
------
leg movement at 187.2 s
  onset_uv: 66.6 against 8.53016, held
  offset_uv: 1.51 against 2.53016, held
  min_s: 3.91 against 0.5, held
  morphology: 54.4 against 2.53016, held
  max_lf_hf: 0.0347 against 2, held
  min_rise_ratio: 1.99 against 0.06, held
  clm_max_s: 3.93 against 10, held
  in_series: 1 against 0, held
  would be decided otherwise with onset_uv 66.65
turned down at 827.2 s
  onset_uv: 14.1 against 8.53614, held
  offset_uv: 0.913 against 2.53614, held
  min_s: 0.16 against 0.5, did not hold
  morphology: 14.1 against 2.53614, held
  max_lf_hf: 0.029 against 2, held
  min_rise_ratio: 2 against 0.06, held
  would be decided otherwise with min_s 0.16
"""

from detectors import (
    EventKind,
    Leg,
    Quantity,
    Stream,
    Unit,
    explain_event,
    named,
    recording_of,
    score,
    simulate_night,
)

simulated = simulate_night(0.25, seed=1000, regime="clean").legs[0]
shin = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), simulated.emg_fs_hz)
night = score(recording_of({shin: simulated.emg(0, simulated.n_emg)}), named("wasm-2016"), with_rejected=True)

movement = next(event for event in night.events if event.kind is EventKind.LEG_MOVEMENT)
turned_down = next(event for event in night.rejected if event.kind is EventKind.LEG_MOVEMENT)
for title, event, told in (("leg movement", movement, True), ("turned down", turned_down, False)):
    explanation = explain_event(event, told=told)
    print(f"{title} at {event.onset_ns / 1e9:.1f} s")
    for step in explanation.path:
        print(f"  {step.rule}: {step.value:.3g} against {step.threshold:g}, {'held' if step.held else 'did not hold'}")
    for flip in explanation.flips:
        print(f"  would be decided otherwise with {flip.step.rule} {flip.to:.4g}")
