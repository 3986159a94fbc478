"""A radio that exists only in memory.

Bumble's own link never loses a sensor, reports one signal strength for all and takes any amount of data. A night
needs range, a supervision timeout and back pressure: a frame counts as sent when its receiver has taken it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.core import PhysicalTransport
from bumble.link import LocalLink

if TYPE_CHECKING:
    from collections.abc import Callable

# An ATT notification at MTU 247 plus the L2CAP header in one piece; Bumble's 27 cuts it in ten.
ACL_LENGTH_BYTES = 251
DEFAULT_RSSI_DBM = -50


class Frame(NamedTuple):
    """One L2CAP frame on its way through the air."""

    sender: RadioController
    receiver: hci.Address
    data: bytes


# Controller and link are Bumble's to call: inheritance is the only way in.
class RadioController(Controller):
    """A Bluetooth controller whose host learns when its data has really arrived.

    Parameters
    ----------
    name : str
        Name in Bumble's log.
    radio : Radio
        The air it sends through.
    public_address : str
        Address in Bumble's notation.
    """

    le_acl_data_packet_length = ACL_LENGTH_BYTES

    def __init__(self, name: str, radio: Radio, public_address: str) -> None:
        super().__init__(name, link=radio, public_address=public_address)
        self.radio = radio
        self.delivered: Callable[[bytes], None] | None = None
        self._pieces: dict[int, int] = {}

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Take a packet from the host; Bumble would first write data out for its debug log, read or not."""
        if isinstance(packet, hci.HCI_AclDataPacket):
            self.on_hci_acl_data_packet(packet)
        else:
            super().on_hci_packet(packet)

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Send host data; unlike Bumble's, it is completed on delivery and not on receipt."""
        connection = self.find_connection_by_handle(packet.connection_handle)
        if connection is None:
            return
        self._pieces[connection.handle] = self._pieces.get(connection.handle, 0) + 1
        connection.assembler.feed_packet(packet)

    def complete(self, connection: Connection, data: bytes) -> None:
        """Tell the host that a frame has arrived."""
        pieces = self._pieces.pop(connection.handle, 0)
        if pieces:
            self.send_hci_packet(
                hci.HCI_Number_Of_Completed_Packets_Event(
                    connection_handles=[connection.handle], num_completed_packets=[pieces]
                )
            )
        if self.delivered is not None:
            self.delivered(data)

    def lose(self, peer: hci.Address) -> None:
        """End the link to a peer that no longer answers."""
        connection = self.le_connections.get(peer)
        if connection is not None:
            self._pieces.pop(connection.handle, None)
            self.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Cancel a pending connection; Bumble 0.0.236 says yes, keeps it, and refuses every later one."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        cancelled = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address.address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        # After the answer to the command, as a real controller orders them.
        asyncio.get_running_loop().call_soon(self.send_hci_packet, cancelled)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Send an event to the host; an advertisement carries its sender's signal strength."""
        if isinstance(packet, hci.HCI_LE_Extended_Advertising_Report_Event | hci.HCI_LE_Advertising_Report_Event):
            for report in packet.reports:
                report.rssi = self.radio.rssi_dbm(report.address)
        if self.hci_sink is not None:
            asyncio.get_running_loop().call_soon(self.hci_sink.on_packet, bytes(packet))


class Radio(LocalLink):
    """The air between sensors and adapters.

    Parameters
    ----------
    supervision_s : float
        Wall-clock seconds without contact after which both ends give a link up.
    """

    def __init__(self, supervision_s: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bumble leaves it unannotated
        self.supervision_s = supervision_s
        self._away: dict[Controller, asyncio.TimerHandle] = {}
        self._congested: set[Controller] = set()
        self._held: dict[tuple[Controller, hci.Address], deque[Frame]] = {}
        self._rssi: dict[hci.Address, int] = {}

    def rssi_dbm(self, address: hci.Address) -> int:
        """Return the signal strength at which everyone hears `address`, dBm."""
        return self._rssi.get(address, DEFAULT_RSSI_DBM)

    def set_rssi_dbm(self, address: hci.Address, rssi_dbm: int) -> None:
        """Let everyone hear `address` at this signal strength, dBm."""
        self._rssi[address] = rssi_dbm

    def leave(self, controller: Controller) -> None:
        """Take a controller out of range: nothing passes, and after the supervision timeout its links are lost."""
        if controller not in self._away:
            loop = asyncio.get_running_loop()
            self._away[controller] = loop.call_later(self.supervision_s, self._expire, controller)

    def come_back(self, controller: Controller) -> None:
        """Bring it back into range; what a link that still stands was holding arrives late, in order."""
        timer = self._away.pop(controller, None)
        if timer is not None:
            timer.cancel()
            self._release()

    def is_away(self, controller: Controller) -> bool:
        """Whether a controller is out of range."""
        return controller in self._away

    def congest(self, controller: Controller) -> None:
        """Hold what goes to a controller whose host takes no more."""
        self._congested.add(controller)

    def relieve(self, controller: Controller) -> None:
        """Let it flow again."""
        self._congested.discard(controller)
        self._release()

    def unplug(self, controller: Controller) -> None:
        """Remove a controller for good; its peers notice after the supervision timeout."""
        links = [(link.peer_address, link.self_address) for link in controller.le_connections.values()]
        controller.le_connections.clear()
        controller.pending_le_connection = None
        self._congested.discard(controller)
        self._held = {key: held for key, held in self._held.items() if key[0] is not controller}
        self.remove_controller(controller)
        loop = asyncio.get_running_loop()
        for peer, own in links:
            loop.call_later(self.supervision_s, self._lose, peer, own)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Send a frame, or hold it while the receiver cannot be reached."""
        if transport != PhysicalTransport.LE or not isinstance(sender_controller, RadioController):
            return
        frame = Frame(sender_controller, destination_address, data)
        held = self._held.get((sender_controller, destination_address))
        if held or not self._passes(frame):
            self._held.setdefault((sender_controller, destination_address), deque()).append(frame)
        else:
            self._deliver(frame)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Send link control; the end of a link that cannot be told is noticed by the supervision timeout."""
        ends = [self.find_le_controller(address) for address in (sender_address, receiver_address)]
        if any(end is None or end in self._away for end in ends):
            if isinstance(packet, ll.TerminateInd):
                loop = asyncio.get_running_loop()
                loop.call_later(self.supervision_s, self._lose, receiver_address, sender_address)
            return
        super().send_ll_control_pdu(sender_address, receiver_address, packet)

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """Let every controller in range hear an advertisement."""
        if sender_controller in self._away:
            return
        loop = asyncio.get_running_loop()
        for controller in self.controllers:
            if controller is not sender_controller and controller not in self._away:
                loop.call_soon(controller.on_ll_advertising_pdu, packet)

    def _passes(self, frame: Frame) -> bool:
        """Whether a frame can be delivered now."""
        receiver = self.find_le_controller(frame.receiver)
        return receiver is not None and not (
            frame.sender in self._away or receiver in self._away or receiver in self._congested
        )

    def _deliver(self, frame: Frame) -> None:
        """Hand a frame to its receiver and tell the sender; a receiver without this link ends it for the sender."""
        receiver = self.find_le_controller(frame.receiver)
        sent = frame.sender.le_connections.get(frame.receiver)
        if sent is None or receiver is None:
            return
        if sent.self_address not in receiver.le_connections:
            frame.sender.lose(frame.receiver)
            return
        receiver.on_link_acl_data(sent.self_address, PhysicalTransport.LE, frame.data)
        frame.sender.complete(sent, frame.data)

    def _release(self) -> None:
        """Deliver what was held, in order, as far as it goes."""
        for key, held in list(self._held.items()):
            while held and self._passes(held[0]):
                self._deliver(held.popleft())
            if not held:
                self._held.pop(key, None)

    def _lose(self, address: hci.Address, peer: hci.Address) -> None:
        """One end of a link gives it up; what it was still sending is lost."""
        controller = self.find_le_controller(address)
        if isinstance(controller, RadioController):
            self._held.pop((controller, peer), None)
            controller.lose(peer)

    def _expire(self, controller: Controller) -> None:
        """Give up every link of a controller that stayed out of range."""
        for connection in list(controller.le_connections.values()):
            self._lose(connection.peer_address, connection.self_address)
            self._lose(connection.self_address, connection.peer_address)
