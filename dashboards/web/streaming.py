"""A long page in pieces: a browser shows the top of it while the rest is still being written."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.templating import Jinja2Templates

HEAD: Final = 1_500
"""What a page begins with says which styles and scripts it needs; a browser asks for them while the rest is made."""
PIECE: Final = 32_768
"""After that so many characters leave together: a browser takes about that much in one go."""


def streamed(templates: Jinja2Templates, request: Request, name: str, context: Mapping[str, object]) -> Response:
    """Answer with a page whose top leaves before its end is written.

    Parameters
    ----------
    templates : Jinja2Templates
        The pages.
    request : Request
        What is answered.
    name : str
        Name of the template.
    context : mapping of str to object
        What it shows.

    Returns
    -------
    Response
        What fails in its first piece is raised here; after that an error ends the answer half way.
    """
    whole = {"request": request, **context}
    for process in templates.context_processors:
        whole.update(process(request))
    pieces = in_pieces(templates.get_template(name).generate(whole))
    first = next(pieces)
    return StreamingResponse(chain((first,), pieces), media_type="text/html")


def in_pieces(texts: Iterable[str], head: int = HEAD, size: int = PIECE) -> Iterator[str]:
    """Join texts into pieces of about `size` characters, the first one of about `head`.

    Examples
    --------
    >>> list(in_pieces(["a", "bc", "d", "e", "f"], head=1, size=3))
    ['a', 'bcd', 'ef']
    """
    held: list[str] = []
    n = size - head
    for text in texts:
        held.append(text)
        n += len(text)
        if n >= size:
            yield "".join(held)
            held, n = [], 0
    yield "".join(held)
