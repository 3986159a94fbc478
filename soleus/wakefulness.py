"""Will this computer stay awake all night: suspend, lid, power; and is its Bluetooth blocked by a switch."""

from __future__ import annotations

import sys
from pathlib import Path

from ingest.adapter import Bluetooth, Trouble
from soleus.machine import asked
from soleus.verdicts import Finding, Verdict

SYS, PROC, RUN = Path("/sys"), Path("/proc"), Path("/run")
# bleak's own condition.
LEAST_BLUEZ = (5, 55)
INHIBIT = "systemd-inhibit --what=sleep:idle:handle-lid-switch --who=soleus --why=night soleus night"


def stays_awake(system: Path = SYS, processes: Path = PROC, running: Path = RUN) -> Finding:
    """Judge whether the computer may go to sleep by itself.

    Parameters
    ----------
    system, processes, running : Path
        Where the kernel tells of devices and of the lid, and systemd that it is there.
    """
    if sys.platform != "linux":
        advice = "switch automatic sleep off for the night in the system's settings"
        return Finding("sleep", Verdict.UNKNOWN, "whether it goes to sleep by itself is not known", advice)
    if asked("systemctl", "is-enabled", "sleep.target") == "masked" or not (system / "power" / "state").exists():
        return Finding("sleep", Verdict.OK, "it cannot suspend")
    if not (running / "systemd" / "system").is_dir():
        return Finding("sleep", Verdict.UNKNOWN, "nothing is known here that suspends it by itself")
    lid = any((processes / "acpi" / "button" / "lid").glob("*"))
    seen = "closing the lid suspends it, and so may idleness" if lid else "it may suspend when it is idle"
    return Finding("sleep", Verdict.WARNING, seen, f"start nights with: {INHIBIT}")


def power(system: Path = SYS) -> Finding | None:
    """Judge whether a computer with a battery is plugged in; None if it has no battery.

    Parameters
    ----------
    system : Path
        Where the kernel tells of devices.
    """
    supplies = {path: _text(path / "type") for path in sorted((system / "class" / "power_supply").glob("*"))}
    # A mouse or a headset has a battery too; its scope is the device.
    own = [path for path, kind in supplies.items() if kind == "Battery" and _text(path / "scope") != "Device"]
    if not own:
        return None
    if any(_text(path / "online") == "1" for path, kind in supplies.items() if kind != "Battery"):
        return Finding("power", Verdict.OK, "plugged in")
    charge = _text(own[0] / "capacity")
    return Finding("power", Verdict.WARNING, f"on its battery ({charge or '?'} %)", "plug it in for the night")


def blocked(system: Path = SYS) -> Finding | None:
    """Judge whether a switch blocks Bluetooth; None if no adapter can be blocked.

    Parameters
    ----------
    system : Path
        Where the kernel tells of devices.
    """
    switches = [path for path in (system / "class" / "rfkill").glob("*") if _text(path / "type") == "bluetooth"]
    if not switches:
        return None
    if any(_text(path / "hard") == "1" for path in switches):
        return Finding("radio", Verdict.WRONG, "blocked by a switch of the computer", "switch it on; or in the BIOS")
    if all(_text(path / "soft") == "1" for path in switches):
        return Finding("radio", Verdict.WRONG, "blocked by software", "rfkill unblock bluetooth")
    return Finding("radio", Verdict.OK, "not blocked")


def bluez(found: Bluetooth) -> Finding:
    """Judge the version of the Bluetooth service.

    Parameters
    ----------
    found : Bluetooth
        What there is of Bluetooth.
    """
    if found.trouble in {Trouble.NO_BUS, Trouble.NO_SERVICE}:
        return Finding("BlueZ", Verdict.UNKNOWN, "not running")
    said = asked("bluetoothctl", "--version")
    words = (said or "").split()
    number = words[-1] if words else ""
    parts = number.split(".")
    if not all(part.isdigit() for part in parts):
        return Finding("BlueZ", Verdict.UNKNOWN, "runs; its version is not known")
    if tuple(map(int, parts)) < LEAST_BLUEZ:
        least = ".".join(map(str, LEAST_BLUEZ))
        return Finding("BlueZ", Verdict.WRONG, f"version {number}", f"install BlueZ {least} or later")
    return Finding("BlueZ", Verdict.OK, f"version {number}")


def _text(file: Path) -> str:
    """Return what a file of the kernel says; empty if it is not there or says nothing now."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
