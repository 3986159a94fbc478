"""Write ``docs/devices.md`` out of the code: ``python -m ingest.decoders.documentation``.

Every sentence about a device stands in its own module; what is here is how they are put together, and how to
describe a sensor that has no module.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.decoders.catalogue import DEVICES
from ingest.decoders.documented_checks import HOW_TO_CHECK, method_of
from ingest.decoders.layout import MOST_OPTION, option_bounds
from ingest.decoders.profile import SetupOp
from ingest.decoders.reports import BATTERY_LEVEL_UUID, IDENTITY_UUIDS
from ingest.decoders.table import TableDevice, TableStream, TableWrite
from ingest.decoders.table_fields import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ingest.decoders.layout import Device, DeviceOption
    from ingest.decoders.profile import SetupStep

PATH = Path(__file__).parents[2] / "docs" / "devices.md"
EXAMPLE = """\
[[device]]
name = "my-sketch"                                  # what `device` of a [[sensor]] says
service = "19b10000-0000-537e-4f6c-d104768a1214"    # as it advertises, for `soleus scan`
start = [{ write = "19b10002-0000-537e-4f6c-d104768a1214", bytes = "01 32" }]
stop = [{ write = "19b10002-0000-537e-4f6c-d104768a1214", bytes = "00" }]

[[device.stream]]
characteristic = "19b10000-5001-537e-4f6c-d104768a1214"
quantity = "acceleration"
unit = "g"
fs_hz = 50
header = ["magic a5", "u8 number"]                  # once per packet
fields = ["i16 x", "i16 y", "i16 z"]                # one sample,
repeat = 5                                          # five of them per packet
scale = 0.000122                                    # what was sent, times this, is g
counter = "number"                                  # rises by one with each packet

[[sensor]]
name = "left-shin"
device = "my-sketch"
address = "C4:00:00:00:00:01"
leg = "left"
"""
"""A description that a test decodes a packet with."""
_PARAMETER = re.compile(r"^(\w[\w, ]*) : .+\n((?:    .+\n?)+)", re.MULTILINE)
_KEYS = {"streams": "stream", "payload_hex": "bytes"}
_STANDARD = {BATTERY_LEVEL_UUID, *IDENTITY_UUIDS}

_INTRODUCTION = """\
# Sensors that Soleus can listen to

This page is made from the code by `python -m ingest.decoders.documentation`; a test says that they agree.

**Nothing here was tried on a physical sensor by us.** The layouts were read in the sources that each part names, and
the tests hold encoder, decoder and public or derived byte vectors together. *Layout read* below means exactly that; a
*public vector* is a packet that somebody else published with its meaning. What nobody has checked stands under *Not
confirmed*, and how to check it at the end of the page. None of these sensors is a medical device in this use.

| device | what it is | placement | measures | how a loss is noticed | link (MTU) | status |
|---|---|---|---|---|---|---|
"""
_READING = """
- *Device* is the word for `device = "..."` in `soleus.toml`, and for `soleus decode --device`.
- *MTU*: 23 is what any link offers; a larger one is asked for by itself, but a few adapters refuse.
- *Rate only* means that neither a counter nor a clock comes with the samples. A loss shows only as fewer samples than
  the rate promises, is placed up to some seconds late, and a short one may be taken for a late packet.
- *Unless given*, among the options of a sensor, is what is assumed where `soleus.toml` says nothing, of the sampling
  rate above all. A sensor without the option `fs_hz` says its rate itself or has only the one under *measures*.
- Every sensor is asked for its battery (2A19) and for model, firmware, hardware and maker (180A); one that has none is
  fine.
"""
_OWN_SENSOR = """\
Then `soleus decode --device my-sketch FILE` turns hex lines (`<seconds> <characteristic> <hex>`) into samples, and a
night records and scores it like any other. A mistake is one line that names the file, the line and the key. The
description is kept in the night's folder, so an old night is scored as it was recorded, whatever `soleus.toml` says
later.

A field is a type and a name, `"i16 x"`; or `"magic a5 01"`, bytes that have to be there; or `"skip 3"`, bytes that say
nothing. Fields follow each other without space between them. UUIDs may be short (`"2a19"`). A packet may feed several
streams (repeat its `fields`, choose the columns with `axes`), and a stream may come in several forms (one table each)
that differ in length or in a `magic` field. A packet that has no described form is counted as malformed. There is one
stream per quantity: acceleration in g, rotation in dps, EMG in uV or counts, and `other`, which is kept and not scored.
"""
_CHECKING = """\
You have the sensor; we did not. Go down the list of yours, and open an issue with what you saw: one line per point is
enough. The letter behind a point says how.
"""


def document() -> str:
    """Return the page.

    Returns
    -------
    str
        Markdown.
    """
    rows = "".join(_row(device) for device in DEVICES.values())
    sections = "\n".join(_section(device) for device in DEVICES.values())
    return f"{_INTRODUCTION}{rows}{_READING}\n{sections}\n{_described()}\n{_checklist()}"


def _row(device: Device) -> str:
    card = device.card
    cells = (f"[`{device.name}`](#{device.name})", card.title, card.placement, card.modality, card.loss, card.mtu)
    return f"| {' | '.join((*cells, _status(device)))} |\n"


def _status(device: Device) -> str:
    public = any("public vector" in point for point in device.card.confirmed)
    read = "layout read, public vectors" if public else "layout read"
    return f"{read}; not tried on hardware, {len(device.card.unconfirmed)} points open"


def _section(device: Device) -> str:
    card, profile = device.card, device.profile(device.settled({}))
    silence = "no end" if profile.silence_timeout_s is None else f"{profile.silence_timeout_s:g} s"
    names = ", ".join(f"`{name}`" for name in profile.name_prefixes) or "none known"
    services = ", ".join(f"`{uuid}`" for uuid in profile.service_uuids) or "none known"
    parts = [
        f"## {device.name}\n",
        f"{card.title}. Advertises {services}, or a name that begins with {names}. Patience in silence: {silence}.\n",
        *_options(device),
        "Set-up, on each connect:\n",
        *(f"{number}. {_step(step)}" for number, step in enumerate(_own(profile.setup), start=1)),
        "",
        *(["To stop: " + "; ".join(_step(step) for step in profile.stop) + ".\n"] if profile.stop else []),
        *_points("Rests on", card.confirmed),
        *_points("Not confirmed", card.unconfirmed),
        *_points("Sources", card.sources),
    ]
    return "\n".join(parts)


def _own(steps: Iterable[SetupStep]) -> list[SetupStep]:
    return [step for step in steps if step.characteristic not in _STANDARD]


def _options(device: Device) -> Iterator[str]:
    if not device.options:
        yield "No options.\n"
        return
    yield "| option | meaning | unless given | allowed |\n|---|---|---|---|"
    yield from (_option(name, option) for name, option in device.options.items())
    yield ""


def _option(name: str, option: DeviceOption) -> str:
    least, most = option_bounds(name)
    allowed = ", ".join(f"{value:g}" for value in option.allowed)
    allowed = allowed or ("any positive number" if most == MOST_OPTION else f"{least:g} to {most:g}")
    return f"| `{name}` | {option.meaning} | {_settled(option)} | {allowed} |"


def _settled(option: DeviceOption) -> str:
    """Return what holds where nobody gave an option."""
    if option.default is not None:
        return f"{option.default:g}"
    return "none" if option.assumed is None else f"what the sensor says, or else {option.assumed:g}"


def _step(step: SetupStep) -> str:
    where = f"`{step.characteristic}`"
    if step.op in (SetupOp.READ, SetupOp.SUBSCRIBE):
        said = f"{'read' if step.op is SetupOp.READ else 'subscribe to'} {where}"
    else:
        time = " and the time in µs" if step.append_utc_us else ""
        said = f"write `{step.payload.hex(' ')}`{time} to {where}"
        said += " without response" if step.op is SetupOp.WRITE_NO_RSP else ""
        said += "".join(f", or else `{other.hex(' ')}`" for other in step.otherwise)
        said += f", expecting `{step.expect_prefix.hex(' ')}`" if step.expect_prefix else ""
    said += f" if it answered `{step.only_after.hex(' ')}`" if step.only_after else ""
    return said if step.required else f"{said} (left out if refused)"


def _points(title: str, points: Iterable[str]) -> Iterator[str]:
    listed = [f"- {point}" for point in points]
    if listed:
        yield "\n".join([f"{title}:\n", *listed, ""])


def _described() -> str:
    parts = [
        "## A sensor of your own\n",
        "A sensor whose packets have a fixed layout needs no code: describe it in `soleus.toml`.\n",
        f"```toml\n{EXAMPLE}```\n",
        _OWN_SENSOR,
        f"Types of a field: {', '.join(f'`{kind}`' for kind in TYPES)}.\n",
        "`[[device]]`\n",
        _keys(TableDevice),
        "Each entry of `start` and `stop`\n",
        _keys(TableWrite),
        "`[[device.stream]]`\n",
        _keys(TableStream),
    ]
    return "\n".join(parts)


def _keys(kind: type) -> str:
    said = dict(_meanings(kind))
    rows = ["| key | meaning | unless given |", "|---|---|---|"]
    for item in dataclasses.fields(kind):
        default = "required" if item.default is dataclasses.MISSING else _value(item.default)
        rows.append(f"| `{_KEYS.get(item.name, item.name)}` | {said[item.name]} | {default} |")
    return "\n".join(rows) + "\n"


def _meanings(kind: type) -> Iterator[tuple[str, str]]:
    for names, text in _PARAMETER.findall(inspect.getdoc(kind) or ""):
        for name in names.split(", "):
            yield name, " ".join(text.split()).replace("``", "`")


def _value(default: object) -> str:
    if default in ("", ()):
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _checklist() -> str:
    parts = [
        "## Checking a sensor on hardware\n",
        _CHECKING,
        *("\n  ".join(f"- **{letter}.** {how}".splitlines()) for letter, how in HOW_TO_CHECK.items()),
        "",
    ]
    for device in DEVICES.values():
        parts.append(f"### {device.name}, step by step\n")
        parts += [f"- [ ] {point} ({method_of(point)})" for point in device.card.unconfirmed]
        parts.append("")
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    PATH.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
