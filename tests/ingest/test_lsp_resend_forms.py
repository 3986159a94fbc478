"""What was sent in packets of one form, and the link that carries only the other."""

from __future__ import annotations

from ingest.decoders.lsp_control import Result
from tests.ingest.logged_sensor import at_s, long_packet
from tests.ingest.test_lsp_resend import answer, asked, hear, planner


def test_what_does_not_fit_over_this_link_is_asked_for_over_the_next() -> None:
    asking = planner()
    hear(asking, map(long_packet, (0, 2)))
    request = asked(asking, at_s(0.2))
    assert request is not None
    answer(asking, request, Result.MTU_TOO_SMALL, at_s(0.3))
    assert asked(asking, at_s(10)) is None
    asking.linked(at_s(11))
    again = asked(asking, at_s(11))
    assert again is not None
    assert again.values == request.values
