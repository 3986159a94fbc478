"""The bar at the top of every page: where one can go from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from dashboards.bench import Studio
    from dashboards.book import NightBook, NightCard

TONIGHT = "/tonight"
DIARY = "/diary"
WEEKS = "/weeks"
COMPARE = "/compare"
SENSORS = "/sensors"
BENCH = "/bench"
LABEL = "/label"
_OF_A_NIGHT = "/sensors"
# Pages that are reached from a place of the bar, and are none themselves.
_BELOW = (f"{DIARY}/", COMPARE, f"{BENCH}/", f"{LABEL}/")


class Place(NamedTuple):
    """A page that the bar leads to.

    Parameters
    ----------
    title : str
        What the bar calls it.
    path : str
        Its address.
    current : str
        Value of ``aria-current``: ``page`` on this very page, ``true`` on a page below it, else empty.
    """

    title: str
    path: str
    current: str = ""


def nights_of(book: NightBook, request: Request) -> Sequence[NightCard]:
    """Return every night, newest first; of a book of years they are asked for once for each request.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    request : Request
        What is answered: page and bar show the same nights.
    """
    if not hasattr(request.state, "nights"):
        request.state.nights = tuple(book.nights())
    nights: Sequence[NightCard] = request.state.nights
    return nights


def navigation(book: NightBook, studio: Studio | None = None) -> Callable[[Request], dict[str, object]]:
    """Return what gives every template the function ``places``, which looks at the nights only when it is called.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    studio : Studio, optional
        Whether there is a bench.

    Returns
    -------
    callable
        A context processor: takes the request, returns names for the template.
    """

    def processor(request: Request) -> dict[str, object]:
        benched = studio is not None
        return {"places": lambda: places(book, request, benched=benched), "benched": benched}

    return processor


def places(book: NightBook, request: Request, *, benched: bool = False) -> tuple[Place, ...]:
    """Return the places of the bar: on a page of one night, *Night* and *Sensors* stay with that night.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    request : Request
        The page that is asked for.
    benched : bool
        Whether thresholds can be moved here.

    Returns
    -------
    tuple of Place
        In the order of the bar; *Tonight* only while a night runs.
    """
    nights = nights_of(book, request)
    newest = nights[0] if nights else None
    asked = request.path_params.get("night_id")
    night_id = asked or (newest.night_id if newest else None)
    night = f"/night/{quote(night_id, safe='')}" if night_id else "/"
    sensors = f"{night}{_OF_A_NIGHT}" if asked else SENSORS
    of_event = "event" in request.path_params
    here = "Night" if of_event else _place_of(request.url.path, asked=bool(asked))
    tonight = (("Tonight", TONIGHT),) if newest is not None and newest.running else ()
    bench = (("Bench", BENCH),) if benched else ()
    entries = (*tonight, ("Night", night), ("Diary", DIARY), ("Weeks", WEEKS), ("Sensors", sensors), *bench)
    current = "true" if of_event or request.url.path.startswith(_BELOW) else "page"
    return tuple(Place(title, path, current if title == here else "") for title, path in entries)


def _place_of(path: str, *, asked: bool) -> str:
    """Return the title of the place that an address belongs to."""
    titles = {TONIGHT: "Tonight", DIARY: "Diary", WEEKS: "Weeks", COMPARE: "Weeks", SENSORS: "Sensors", BENCH: "Bench"}
    if path.startswith(f"{DIARY}/"):
        return "Diary"
    if path.startswith((f"{BENCH}/", f"{LABEL}/")):
        return "Bench"
    if asked:
        return "Sensors" if path.endswith(_OF_A_NIGHT) else "Night"
    return titles.get(path, "")
