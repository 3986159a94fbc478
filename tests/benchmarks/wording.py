"""Wording that would promise a patient more than a signal shows (science.md 10.1)."""

FORBIDDEN = (
    r"detects? cramps?", r"cramps? detected", r"diagnoses", r"clinically validated", r"proven", r"accura(te|cy) of",
    r"pain level", r"treatment is working", r"abnormal", r"guarantee",
)  # fmt: skip
