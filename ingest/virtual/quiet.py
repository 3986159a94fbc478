"""Bumble's host without the text that it makes of every packet for a debug log that nobody reads.

Writing that text out takes more than half of the time of a notification (measured with Bumble 0.0.236).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bumble import hci
from bumble.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.host import Connection

ATT_CHANNEL, NOTIFICATION = 4, 0x1B
NOTIFICATION_HEADER_BYTES = 3


class QuietHost(Host):
    """A host whose data path writes no text, and which hands notifications straight to who asked for them."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through as they are
        self._takers: dict[tuple[int, int], Callable[[bytes], None]] = {}

    def take_notifications(self, connection: int, attribute: int, taker: Callable[[bytes], None]) -> None:
        """Call `taker` with the values that `attribute` notifies over a connection, until that ends."""
        self._takers[(connection, attribute)] = taker

    def leave_notifications(self, connection: int) -> None:
        """Forget who takes notifications of a connection, all of them."""
        self._takers = {key: taker for key, taker in self._takers.items() if key[0] != connection}

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Give a packet to the controller."""
        if isinstance(packet, hci.HCI_AclDataPacket) and self.hci_sink is not None:
            self.hci_sink.on_packet(bytes(packet))
        else:
            super().send_hci_packet(packet)

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Take a packet from the controller."""
        if isinstance(packet, hci.HCI_AclDataPacket):
            self.on_hci_acl_data_packet(packet)
        elif isinstance(packet, hci.HCI_Number_Of_Completed_Packets_Event):
            self.on_hci_event_packet(packet)
        else:
            super().on_hci_packet(packet)

    def on_l2cap_pdu(self, connection: Connection, cid: int, pdu: bytes) -> None:
        """Hand a notification to its taker, everything else to Bumble's own layers."""
        if cid == ATT_CHANNEL and pdu[0] == NOTIFICATION:
            attribute = int.from_bytes(pdu[1:NOTIFICATION_HEADER_BYTES], "little")
            taker = self._takers.get((connection.handle, attribute))
            if taker is not None:
                taker(pdu[NOTIFICATION_HEADER_BYTES:])
                return
        super().on_l2cap_pdu(connection, cid, pdu)
