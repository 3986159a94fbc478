"""Nights for reports, and what a report says."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pypdfium2

from dashboards.book import NightView, SensorView
from dashboards.diary import DiaryEntry
from detectors.signal import Leg
from tests.fake_sleep import SleepingBook
from tests.fakes import FakeNightBook
from tests.synthetic_night import to_ns

NO_SIGNAL: dict[str, object] = {
    "cramp_probable": None, "cramp_possible": None, "plms_wasm_per_h": None, "lm_per_h": None, "valid_h": {},
    "longest_undisturbed_min": None, "tst_est_h": None, "reasons": {"plms_wasm_per_h": "an electrode was off"},
}  # fmt: skip


@dataclass(slots=True)
class WordyBook(SleepingBook):
    """A night about which somebody wrote much."""

    n_notes: int = 1
    text: str = ""

    def diary(self, night_id: str) -> tuple[DiaryEntry, ...]:
        self.card(night_id)
        return tuple(DiaryEntry(to_ns(60.0 * i), "note", f"{i}: {self.text}") for i in range(self.n_notes))


class CrowdedBook(SleepingBook):
    """A night with a sensor in every place that there is, each with a long name, and a reason for every number."""

    def night(self, night_id: str) -> NightView:
        view = SleepingBook.night(self, night_id)
        more = tuple(
            SensorView(f"{leg}-{place}-of-the-second-set", leg, f"{place}, gastrocnemius medialis and lateralis")
            for leg in (Leg.LEFT, Leg.RIGHT, Leg.BOTH, Leg.UNKNOWN)
            for place in ("calf", "thigh")
        )
        hours = {f"{sensor.name}/emg": 6.5 for sensor in more}
        unscored = {f"{sensor.name}/rotation": "there are no rules for rotation " * 3 for sensor in more}
        why = "an electrode was off, and the other sensor sent nothing that could be read, for most of the night " * 3
        numbers = {"plms_wasm_per_h": None, "lm_per_h": None, "tst_est_h": None, "waso_est_min": None}
        reasons = dict.fromkeys(numbers, why)
        summary = {**view.summary, **numbers, "valid_h": hours, "unscored": unscored, "reasons": reasons}
        return replace(view, sensors=(*view.sensors, *more), summary=summary, criteria="wasm-2016, " * 12)


BOOKS = {
    "over": SleepingBook(),
    "running": FakeNightBook(running=True, so_far_s=3_000),
    "just begun": FakeNightBook(running=True, so_far_s=60, summary={}, all_events=()),
    "without signal": FakeNightBook(summary=NO_SIGNAL, all_events=()),
    "crowded": CrowdedBook(),
    "wordy": WordyBook(n_notes=80, text="words " * 150, completeness="left-shin, emg: nothing was received " * 20),
}


def text_of(pdf: bytes) -> str:
    """Return what a document says, as one line."""
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
