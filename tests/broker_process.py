"""The embedded broker as it runs for real: in a process of its own that ends when its standard input closes."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.address import BrokerAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
WITHIN_S = 60.0


@contextmanager
def broker_process(port: int = 0) -> Iterator[BrokerAddress]:
    """Run the broker; its address speaks MQTT 3.1.1."""
    argv = [sys.executable, "-m", "ingest.broker", "--supervised", "--port", str(port)]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield BrokerAddress.parse(process.stdout.readline().strip() + "?protocol=3.1.1")
        process.stdin.close()
        assert process.wait(WITHIN_S) == 0
