"""Nights for reports, and what a report says."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2

from dashboards.diary import DiaryEntry
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


BOOKS = {
    "over": SleepingBook(),
    "running": FakeNightBook(running=True, so_far_s=3_000),
    "just begun": FakeNightBook(running=True, so_far_s=60, summary={}, all_events=()),
    "without signal": FakeNightBook(summary=NO_SIGNAL, all_events=()),
    "wordy": WordyBook(n_notes=80, text="words " * 150, completeness="left-shin, emg: nothing was received " * 20),
}


def text_of(pdf: bytes) -> str:
    """Return what a document says, as one line."""
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
