"""What is kept of a recording while it is scored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.chain import Output
    from detectors.events import Epoch, Event, EventKey


@dataclass(slots=True)
class Kept:
    """The newest revision of every event, the epochs, and what was rejected, as far as it is wanted."""

    with_rejected: bool
    with_epochs: bool
    newest: dict[EventKey, Event] = field(default_factory=dict)
    epochs: list[Epoch] = field(default_factory=list)
    rejected: list[Event] = field(default_factory=list)

    def take(self, output: Output) -> None:
        """Take what the pipeline said in one step."""
        for event in output.events:
            held = self.newest.get(event.key)
            if held is None or event.revision > held.revision:
                self.newest[event.key] = event
        if self.with_epochs:
            self.epochs += output.epochs
        if self.with_rejected:
            self.rejected += output.rejected
