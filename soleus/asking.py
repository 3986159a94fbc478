"""Questions that a tired person can answer: a wrong answer is asked again with its reason."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from detectors.signal import Leg
from ingest.errors import LinkLost
from soleus.errors import ConfigError
from soleus.in_range import NoBluetooth, backends, is_sensor, kinds, listen, strength
from soleus.settings import AlarmSettings, MqttSettings, SensorSettings, Settings, StoreSettings
from soleus.settings_rules import check_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soleus.in_range import InRange

T = TypeVar("T")
LEGS = (Leg.LEFT, Leg.RIGHT, Leg.UNKNOWN)
YES_OR_NO = {"y": True, "yes": True, "n": False, "no": False}
DEFAULT_KIND = "lsp"
NONE = "none"
SITE = "tibialis anterior"
BEFORE_THE_SCAN = "Switch the sensors on, lay them beside the computer, and close the apps that use them."


@dataclass(frozen=True, slots=True)
class Search:
    """How to look for sensors.

    Parameters
    ----------
    seconds : float
        How long, s.
    hci : str or None
        Transport of an adapter to drive through Bumble; None for the computer's own.
    """

    seconds: float
    hci: str | None = None


def ask_all(before: Settings, search: Search) -> Settings:
    """Ask everything that a first night needs; Enter takes what was set before.

    Parameters
    ----------
    before : Settings
        What was set before.
    search : Search
        How to look for sensors.

    Returns
    -------
    Settings
        The answers.

    Raises
    ------
    ConfigError
        If the input ends before the questions do.
    """
    settings = before
    settings = _asked("Who wears the sensors? One word for file names", before.person, _person(settings))
    settings = replace(settings, sensors=tuple(_ask_sensors(settings, search)))
    settings = replace(settings, alarm=_ask_alarm(before.alarm))
    url = before.mqtt.url or NONE
    settings = _asked("MQTT broker (mqtt://host:1883), or none", url, _broker(settings))
    return _asked("InfluxDB (http://host:8086), or none", settings.store.url or NONE, _store(settings))


def _person(settings: Settings) -> Callable[[str], Settings]:
    return lambda answer: replace(settings, person=answer)


def _broker(settings: Settings) -> Callable[[str], Settings]:
    return lambda answer: replace(settings, mqtt=with_broker(settings.mqtt, answer))


def _store(settings: Settings) -> Callable[[str], Settings]:
    return lambda answer: replace(settings, store=with_store(settings.store, answer))


def with_broker(mqtt: MqttSettings, url: str) -> MqttSettings:
    """Return the settings of the broker with another address; ``none`` for none."""
    return replace(mqtt, url=None if url == NONE else url)


def with_store(store: StoreSettings, url: str) -> StoreSettings:
    """Return the settings of the store with another address; ``none`` for none."""
    return replace(store, url=None if url == NONE else url)


def _asked(question: str, default: str, taken: Callable[[str], T]) -> T:
    """Ask until an answer can be taken; ValueError says why one cannot."""

    def understood(answer: str) -> T:
        try:
            return taken(answer.strip())
        except ValueError as error:
            raise click.UsageError(str(error)) from error

    # Without a default, click asks an empty answer again and does not say why.
    with _input_goes_on(question):
        found: T = click.prompt(question, default=default, show_default=bool(default), value_proc=understood)
    return found


@contextmanager
def _input_goes_on(question: str) -> Iterator[None]:
    """Say so where the input ends before the questions do; only Ctrl-C is an interruption."""
    try:
        yield
    except click.Abort as ended:
        if not isinstance(ended.__context__, EOFError):
            raise
        click.echo()  # the question's line is still open
        msg = f"the input ended at {question.strip()!r}, expected an answer; nothing was written (--yes asks nothing)"
        raise ConfigError(msg) from ended


def confirmed(question: str, *, default: bool) -> bool:
    """Ask until the answer is yes or no."""

    def understood(answer: str) -> bool:
        if answer.strip().lower() not in YES_OR_NO:
            msg = f"{answer!r} is neither yes nor no"
            raise click.UsageError(msg)
        return YES_OR_NO[answer.strip().lower()]

    word, suffix = ("y", " [Y/n]: ") if default else ("n", " [y/N]: ")
    with _input_goes_on(question):
        answer: bool = click.prompt(
            question, default=word, show_default=False, prompt_suffix=suffix, value_proc=understood
        )
    return answer


def _ask_sensors(before: Settings, search: Search) -> list[SensorSettings]:
    click.echo(f"\n{BEFORE_THE_SCAN}")
    known = list(before.sensors)
    if known:
        click.echo("Sensors so far: " + ", ".join(f"{sensor.name} ({sensor.address})" for sensor in known))
        known = known if confirmed("Keep them?", default=True) else []
    found = _search(before, search) if confirmed("Look for sensors now?", default=True) else []
    for heard in found:
        if any(is_sensor(sensor, heard) for sensor in known):
            continue
        sighting = heard.sighting
        named = f"{sighting.name} ({sighting.address})" if sighting.name else sighting.address
        kind = f"{heard.device}, {strength(sighting.rssi_dbm)} signal"
        if confirmed(f"\nFound {named}: {kind}. Is it yours?", default=True):
            known.append(_ask_worn(known, heard.device, sighting.address))
    while confirmed("\nAdd a sensor by hand?", default=False):
        more = _ask_by_hand(before, known)
        if more is None:
            break
        known.append(more)
    return known


def _search(settings: Settings, search: Search) -> list[InRange]:
    try:
        found = asyncio.run(_heard(settings, search))
    except (NoBluetooth, LinkLost) as error:
        click.echo(f"{error}\nIt can be put right later; sensors can be entered by hand.")
        return []
    own = [heard for heard in found if heard.device]
    if not own:
        click.echo("No leg sensor in range. Is it charged, switched on, near, and not connected to a phone?")
    return own


async def _heard(settings: Settings, search: Search) -> list[InRange]:
    async with backends(hci=search.hci) as through:
        click.echo(f"Listening for {search.seconds:g} s ...")
        return await listen(search.seconds, through, kinds(settings))


def _ask_by_hand(settings: Settings, known: list[SensorSettings]) -> SensorSettings | None:
    address = _asked("  Its Bluetooth address, or the name that it advertises (Enter: none)", "", _unused(known))
    if not address:
        return None
    names = ", ".join(kinds(settings))
    device = _asked(f"  Its kind ({names})", DEFAULT_KIND, _one_of(tuple(kinds(settings))))
    return _ask_worn(known, device, address)


def _ask_worn(known: list[SensorSettings], device: str, address: str) -> SensorSettings:
    taken = {sensor.leg for sensor in known}
    free = next((leg for leg in LEGS if leg not in taken), Leg.LEFT)
    leg = Leg(_asked("  On which leg? (left, right, unknown)", free, _one_of(LEGS)))
    site = _asked("  Where on it? (tibialis anterior, calf, ankle, ...)", SITE, _text)
    return made(known, leg, device, address, site)


def made(known: list[SensorSettings], leg: Leg, device: str, address: str, site: str) -> SensorSettings:
    """Return the settings of one more sensor, with a name of its own: its leg, and a number if that is taken."""
    names = {sensor.name for sensor in known}
    base = "sensor" if leg is Leg.UNKNOWN else leg.value
    name = next(name for name in (base, *(f"{base}-{n}" for n in range(2, len(names) + 3))) if name not in names)
    # One adapter is named for all sensors or for none.
    adapter = known[-1].adapter if known else ""
    return SensorSettings(name, device, address, leg, site, adapter)


def _unused(known: list[SensorSettings]) -> Callable[[str], str]:
    """Take an address or a name that no other sensor has, or nothing."""

    def taken(answer: str) -> str:
        if answer:
            check_address(answer)
            twice = next((sensor.name for sensor in known if sensor.address.upper() == answer.upper()), None)
            if twice is not None:
                msg = f"{answer} is {twice} already, expected another sensor"
                raise ValueError(msg)
        return answer

    return taken


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def taken(answer: str) -> str:
        if answer.lower() not in choices:
            msg = f"{answer!r} is not one of: {', '.join(choices)}"
            raise ValueError(msg)
        return answer.lower()

    return taken


def _text(answer: str) -> str:
    return answer


def _ask_alarm(before: AlarmSettings) -> AlarmSettings:
    click.echo("")
    if not confirmed("Ring the computer's bell if a sensor stays away at night?", default=before.sound):
        return replace(before, sound=False)

    def minutes(answer: str) -> AlarmSettings:
        return replace(before, sound=True, after_min=number(answer))

    return _asked("  After how many minutes?", f"{before.after_min:g}", minutes)


def number(answer: Any) -> float:
    """Return an answer as a number, or say why it is none."""
    try:
        return float(answer)
    except ValueError:
        msg = f"{answer!r} is not a number"
        raise ValueError(msg) from None
