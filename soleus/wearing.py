"""What ``soleus check`` says about wearing sensors: the short form of ``docs/wearing.md``."""

from __future__ import annotations

from typing import Final

# Eight lines: more is not read at bedtime. docs/wearing.md has the same lines, and a test compares them.
WEARING: Final = (
    "Leg movements: both shins, beside the shin bone, a hand below the knee (tibialis anterior).",
    "Calf cramps: the thick of the calf (gastrocnemius), a hand lower for the soleus. Others are not seen.",
    "Clean dry skin; two electrodes 2 cm apart along the muscle; the reference on bone at ankle or shin.",
    "Firm, not tight: a finger fits under the strap. Tape the cable in a loop so that nothing pulls.",
    "Never charge or plug in anything while it is worn. Start the night with a full battery.",
    "Not on sore, broken or irradiated skin, nor on a swollen leg or one with lymphoedema or under treatment.",
    "Implant (pacemaker, stimulator, pump): ask your doctor first. Rash or itching: take it off.",
    "One calf swollen, warm, red or painful, or sudden breathlessness: get medical help now, not a recording.",
)
