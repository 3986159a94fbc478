"""A D-Bus daemon of the test's own, where the Bluetooth service of a computer would be reached."""

from __future__ import annotations

import contextlib
import os
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


@contextlib.contextmanager
def private_bus(folder: Path) -> Iterator[str]:
    """Run a D-Bus daemon; gives its address, for DBUS_SYSTEM_BUS_ADDRESS."""
    program = shutil.which("dbus-daemon")
    assert program, "dbus-daemon is not installed, and these tests drive BlueZ's interface: apt-get install dbus"
    socket, configuration = folder / "bus", folder / "bus.conf"
    configuration.write_text(CONFIGURATION.format(socket=socket))
    command = [program, f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ)
    assert daemon.stdout is not None
    try:
        # The address is printed when the socket listens.
        daemon.stdout.readline()
        yield f"unix:path={socket}"
    finally:
        daemon.terminate()
        daemon.wait()
        daemon.stdout.close()
