"""From a bare connection to a secured and muxed one.

multistream-select agrees on noise; noise proves who the peers are, and mostly agrees on the muxer, too; where it does
not (a peer without early muxer negotiation), multistream-select does so inside the encrypted channel.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from .mplex import Mplex
from .multistream import Dialler, Listener
from .muxer import Muxer
from .muxer_state import MuxerLimits, ReceiveBudget
from .noise import PROTOCOL, NoiseHandshake, NoiseKey, Secured
from .secured import SecuredConnection
from .yamux import Yamux

MUXERS: dict[str, type[Muxer]] = {Yamux.protocol: Yamux, Mplex.protocol: Mplex}
"""The muxers there are, by their protocol's name; the preferred first."""


class Stage(enum.Enum):
    """How far an upgrade is."""

    NEGOTIATING_SECURITY = "negotiating the security protocol"
    HANDSHAKE = "handshake of noise"
    NEGOTIATING_MUXER = "negotiating the muxer"
    DONE = "done"


class Upgrade:
    """One side of the way to a secured connection.

    `data_to_send` and `receive_data` go on until `connection` is set; what `data_to_send` still has then goes before
    the connection's own data. Bytes that came early are in the connection already: its muxer may have events.

    Args:
        initiator: Whether this side dialled.
        key: This side's key, with its identity.
        expected: The peer id that was dialled; None takes any.
        muxers: The muxers to use, by name, the preferred first (that of the dialler counts).
        early_muxer: Whether to negotiate the muxer in the handshake, where the other side does, too.
        budget: See `Muxer`.
        limits: See `Muxer`.
    """

    def __init__(
        self,
        *,
        initiator: bool,
        key: NoiseKey,
        expected: str | None = None,
        muxers: Sequence[str] = tuple(MUXERS),
        early_muxer: bool = True,
        budget: ReceiveBudget | None = None,
        limits: MuxerLimits | None = None,
    ) -> None:
        if not muxers or set(muxers) - set(MUXERS):
            raise ValueError(f"muxers are some of {', '.join(MUXERS)}, not {muxers!r}")
        self._initiator = initiator
        self._key = key
        self._expected = expected
        self._muxers = tuple(muxers)
        self._early_muxer = early_muxer
        self._budget = budget
        self._limits = limits
        self._select = self._selector((PROTOCOL,))
        self._noise: NoiseHandshake | None = None
        self._secured: Secured | None = None
        self._output = bytearray(self._select.data_to_send())
        self.stage = Stage.NEGOTIATING_SECURITY
        self.connection: SecuredConnection | None = None

    def data_to_send(self) -> bytes:
        """Returns what is to be sent now, once."""
        out = bytes(self._output)
        self._output.clear()
        return out

    def receive_data(self, data: bytes) -> None:
        """Takes bytes of the wire.

        Raises:
            ProtocolError: The other side breaks a protocol, or does not prove who it is.
            WrongPeer: It proved to be another peer than the one that was dialled.
            ProtocolsRefused: It has no noise, or no muxer in common with this side.
        """
        if self.stage is Stage.NEGOTIATING_SECURITY:
            self._negotiate_security(data)
        elif self.stage is Stage.HANDSHAKE:
            self._shake_hands(data)
        elif self.stage is Stage.NEGOTIATING_MUXER:
            assert self._secured is not None
            self._negotiate_muxer(self._secured, self._secured.channel.receive_data(data))
        else:
            assert self.connection is not None
            self.connection.receive_data(data)

    def _negotiate_security(self, data: bytes) -> None:
        self._select.receive_data(data)
        self._output += self._select.data_to_send()
        if self._select.protocol is not None:
            self.stage = Stage.HANDSHAKE
            self._noise = NoiseHandshake(
                initiator=self._initiator,
                key=self._key,
                muxers=self._muxers if self._early_muxer else (),
                expected=self._expected,
            )
            self._shake_hands(self._select.rest)

    def _shake_hands(self, data: bytes) -> None:
        assert self._noise is not None
        self._noise.receive_data(data)
        self._output += self._noise.data_to_send()
        secured = self._noise.secured
        if secured is None:
            return
        if secured.muxer is not None:
            self._finish(secured, secured.muxer, secured.channel.receive_data(b""))
            return
        self.stage = Stage.NEGOTIATING_MUXER
        self._secured = secured
        self._select = self._selector(self._muxers)
        self._output += secured.channel.encrypt(self._select.data_to_send())
        self._negotiate_muxer(secured, secured.channel.receive_data(b""))

    def _negotiate_muxer(self, secured: Secured, text: bytes) -> None:
        self._select.receive_data(text)
        self._output += secured.channel.encrypt(self._select.data_to_send())
        if self._select.protocol is not None:
            self._finish(secured, self._select.protocol, self._select.rest)

    def _finish(self, secured: Secured, name: str, text: bytes) -> None:
        muxer = MUXERS[name](initiator=self._initiator, budget=self._budget, limits=self._limits)
        self.connection = SecuredConnection(secured.public_key, secured.channel, muxer, text)
        self.stage = Stage.DONE

    def _selector(self, protocols: Sequence[str]) -> Dialler | Listener:
        return Dialler(protocols) if self._initiator else Listener(protocols.__contains__)
