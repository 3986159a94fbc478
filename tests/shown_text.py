"""What a page shows: its pieces of text, each with the elements around it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_UNSEEN = frozenset({"script", "style"})
_SPOKEN = ("title", "aria-label", "alt", "placeholder")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text, or of what is read out for an element.

    Parameters
    ----------
    text : str
        The text.
    around : tuple of tuple of str and dict
        Name and attributes of the elements around it, outermost first.
    """

    text: str
    around: tuple[tuple[str, dict[str, str]], ...]

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers in it, as they are written."""
        return numbers_in(self.text)

    def inside(self, name: str) -> bool:
        """Return whether an element around it has a tag, id (``#``) or class (``.``)."""
        return any(
            name == tag
            or name == f"#{given.get('id')}"
            or name[1:] in given.get("class", "").split() * (name[0] == ".")
            for tag, given in self.around
        )

    @property
    def given(self) -> dict[str, str]:
        """The attributes of the element that holds it."""
        return self.around[-1][1] if self.around else {}


@dataclass
class _Reader(HTMLParser):
    pieces: list[Piece] = field(default_factory=list)
    around: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.around.append((tag, given))
        for name in _SPOKEN:
            self._keep(given.get(name, ""))
        if tag in _VOID:
            self.around.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.around.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.around and self.around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def _keep(self, text: str) -> None:
        text = " ".join(text.split())
        if text and not any(tag in _UNSEEN for tag, _ in self.around):
            self.pieces.append(Piece(text, tuple(self.around)))


def pieces_of(html: str) -> list[Piece]:
    """Return every piece of text of a page, and every name that is read out."""
    reader = _Reader()
    reader.feed(html)
    return reader.pieces


def numbers_in(text: str) -> frozenset[str]:
    """Return the numbers in a text, as they are written."""
    return frozenset(_NUMBER.findall(text))
