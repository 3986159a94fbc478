"""The science with numpy and scipy and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

TOP = Path(__file__).parents[2]
PATIENCE_S = 240

SCORE = """
import sys
import numpy as np
from detectors.criteria import named
from detectors.pipeline import score
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import Leg, Quantity, Stream, Unit

FS_HZ, SECONDS = 500.0, 180
uv = np.random.default_rng(1).normal(0.0, 1.0, round(SECONDS * FS_HZ))
uv[round(120 * FS_HZ) : round(122 * FS_HZ)] *= 60.0
stream = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), FS_HZ)
recording = Recording("alone", 0, (ArraySource(stream, steady_clock(0, FS_HZ), uv[:, None]),))
movements = [event for event in score(recording, named("wasm-2016")).events if event.kind == "leg_movement"]
assert len(movements) == 1, movements
assert abs(movements[0].onset_ns / 1e9 - 120.0) < 0.1, movements
# Compiled Cython code makes a module of that name for itself.
others = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"cython_runtime"}
print(sorted(name for name in others if not name.startswith("_")))
"""

NOTEBOOK = """
import detectors
print(set(detectors.__all__) <= set(globals()), score is detectors.score)
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment from the two entries of the lock file, and put only the one package beside it."""
    folder = tmp_path_factory.mktemp("alone")
    entries = re.split(r"\n(?=\S)", (TOP / "requirements.lock").read_text(encoding="utf-8"))
    wanted = [entry for entry in entries if re.match(r"(numpy|scipy)==", entry)]
    (folder / "science.lock").write_text("\n".join(wanted) + "\n", encoding="utf-8")
    shutil.copytree(TOP / "detectors", folder / "detectors", ignore=shutil.ignore_patterns("__pycache__"))
    python = folder / "venv" / "bin" / "python"
    # Each module of them is read once or never: to compile all of them takes longer.
    install = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", "--require-hashes", "-r"]
    for command in (
        ["venv", "--without-pip", str(folder / "venv")],
        ["pip", "--python", str(python), *install, str(folder / "science.lock")],
    ):
        subprocess.run([sys.executable, "-m", *command], check=True, timeout=PATIENCE_S)
    return folder


def test_the_detectors_score_with_only_numpy_and_scipy_installed(alone: Path) -> None:
    python = alone / "venv" / "bin" / "python"
    done = subprocess.run(
        [str(python), "-W", "error", "-c", SCORE],
        cwd=alone,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['detectors', 'numpy', 'scipy']"


def test_a_notebook_has_every_public_name_with_only_numpy_and_scipy_installed(alone: Path) -> None:
    python = alone / "venv" / "bin" / "python"
    done = subprocess.run(
        [str(python), "-W", "error", "-c", f"from detectors import *; from detectors import score{NOTEBOOK}"],
        cwd=alone, capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True True"


def test_every_module_of_the_detectors_can_be_imported_alone(alone: Path) -> None:
    names = [
        path.relative_to(alone).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for path in sorted((alone / "detectors").rglob("*.py"))
    ]
    python = alone / "venv" / "bin" / "python"
    done = subprocess.run(
        [str(python), "-W", "error", "-c", "\n".join(f"import {name}" for name in names)],
        cwd=alone, capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
