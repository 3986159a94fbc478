"""Why a book cannot answer now, although nothing is wrong with the question.

UnavailableError            what is needed is not there now; a page that has something to keep asks again
  EndingError               the program ends, and answers no question any more
  UnreadableLabelsError     the marks of raters cannot be read or kept
"""

from __future__ import annotations


class UnavailableError(Exception):
    """What is needed is not there now; the message is one line for a person."""


class EndingError(UnavailableError):
    """The program ends, and answers no question any more."""


class UnreadableLabelsError(UnavailableError, OSError):
    """The marks of raters cannot be read or kept now; nothing of them was touched. The message says which file."""
