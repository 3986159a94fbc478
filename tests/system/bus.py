"""A D-Bus daemon of the test's own, where the Bluetooth service of a computer would be reached."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/>
  </policy>
</busconfig>
"""


class PrivateBus:
    """A D-Bus daemon that can be killed and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("dbus-daemon")
        assert program, "dbus-daemon is not installed, and these tests drive BlueZ's interface: apt-get install dbus"
        socket, configuration = folder / "bus", folder / "bus.conf"
        configuration.write_text(CONFIGURATION.format(socket=socket))
        self._command = [program, f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address"]
        self._daemon: subprocess.Popen[bytes] | None = None
        self.address = f"unix:path={socket}"

    def start(self) -> None:
        self._daemon = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._daemon.stdout is not None
        # The address is printed when the socket listens.
        self._daemon.stdout.readline()

    def kill(self) -> None:
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            assert self._daemon.stdout is not None
            self._daemon.stdout.close()
            self._daemon = None


@contextlib.contextmanager
def private_bus(folder: Path) -> Iterator[PrivateBus]:
    """Run a D-Bus daemon; its address is for DBUS_SYSTEM_BUS_ADDRESS."""
    bus = PrivateBus(folder)
    try:
        bus.start()
        yield bus
    finally:
        bus.kill()
