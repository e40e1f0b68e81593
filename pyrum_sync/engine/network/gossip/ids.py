"""What a topic's messages look like: their ids, their signature policy, how long they may be.

Topics that begin with `/eth2/` follow the consensus specification: StrictNoSign, ids of 20 bytes over the topic and
what the data decompresses to. All others follow Rumor, whose p2p/gossip/pubsub.go sets one rule for all topics:

- `WithMessageSigning(false)`, `WithStrictSignatureVerification(false)`: own messages have `from` and `seqno` and no
  signature; a signature that comes is checked, a missing one is fine.
- `MsgIDFunction`: the id is the SHA-256 of the data in base64 with the alphabet for URLs, as text. Neither topic nor
  author count: the same data is one message, on whatever topic, until it is forgotten after 120 s.

Rumor compresses in its commands, not in its router (control/actor/gossip/publish.go and log.go: topics that end in
`_snappy`, block format): a message's data and id are of the compressed form.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection
from typing import Final, Protocol

from pyrum_sync.spec.snappy import block_size, decompress_block

from .options import MAX_COMPRESSED_SIZE, MAX_PAYLOAD_SIZE, RUMOR_MAX_FRAME

ETH2_PREFIX: Final = "/eth2/"
SNAPPY_SUFFIX: Final = "_snappy"

_DOMAIN_INVALID_SNAPPY = bytes.fromhex("00000000")
_DOMAIN_VALID_SNAPPY = bytes.fromhex("01000000")
_FRAME_OVERHEAD = 1024
# snappy: an element of 3 bytes copies at most 64
_MAX_EXPANSION = 22


class TopicRules(Protocol):
    """The rules of one topic."""

    anonymous: bool
    """StrictNoSign: no `from`, `seqno`, `signature`, `key` is sent, and a message with one is refused."""
    must_decompress: bool
    """A message that does not decompress is refused."""
    max_frame: int
    """Bytes of an RPC that carries one message: a longer one is neither sent nor taken."""
    seen_seconds: float
    """How long a message is remembered, lest it be taken for new."""

    def identify(self, data: bytes) -> tuple[bytes, bytes | None]:
        """Returns the id of a message, and its content: `data`, decompressed where the topic says so.

        None where it should decompress and does not. Never raises.
        """


class Eth2Rules:
    """Topics of the consensus layer (phase0/p2p-interface.md, altair/p2p-interface.md)."""

    anonymous = True
    max_frame = MAX_COMPRESSED_SIZE + _FRAME_OVERHEAD
    seen_seconds = 2 * 32 * 12.0

    def __init__(self, topic: str, *, phase0: bool = False) -> None:
        self.must_decompress = topic.endswith(SNAPPY_SUFFIX)
        encoded = topic.encode()
        # since Altair the topic is part of the id
        self._salt = b"" if phase0 else len(encoded).to_bytes(8, "little") + encoded

    def identify(self, data: bytes) -> tuple[bytes, bytes | None]:
        """See TopicRules."""
        content = _decompressed(data)
        if content is None:
            message_id = _sha256(_DOMAIN_INVALID_SNAPPY, self._salt, data)[:20]
        else:
            message_id = _sha256(_DOMAIN_VALID_SNAPPY, self._salt, content)[:20]
        return message_id, content if self.must_decompress else data


class RumorRules:
    """Topics of everybody else."""

    anonymous = False
    must_decompress = False
    max_frame = RUMOR_MAX_FRAME
    seen_seconds = 120.0

    def __init__(self, topic: str) -> None:
        self._compressed = topic.endswith(SNAPPY_SUFFIX)

    def identify(self, data: bytes) -> tuple[bytes, bytes | None]:
        """See TopicRules."""
        message_id = urlsafe_b64encode(_sha256(data))
        return message_id, _decompressed(data) if self._compressed else data


def topic_rules(phase0_digests: Collection[str] = ()) -> Callable[[str], TopicRules]:
    """Returns the function that says which rules a topic has.

    Args:
        phase0_digests: The fork digests of phase 0, in hex as topics have them (mainnet's is `b5303f2a`): their topics'
            ids leave out the topic. A topic does not say which fork its digest is of; only somebody that knows the
            network can. Every other digest follows Altair, as all forks since then do.
    """
    digests = frozenset(phase0_digests)

    def rules(topic: str) -> TopicRules:
        if not topic.startswith(ETH2_PREFIX):
            return RumorRules(topic)
        return Eth2Rules(topic, phase0=topic[len(ETH2_PREFIX) :].split("/", 1)[0] in digests)

    return rules


def _decompressed(data: bytes) -> bytes | None:
    """What a message holds; None if it does not decompress, or says that it holds more than a message may."""
    try:
        # room for 10 MiB is not made for a few bytes that cannot hold them
        if block_size(data) > len(data) * _MAX_EXPANSION:
            return None
        return decompress_block(data, MAX_PAYLOAD_SIZE)
    except ValueError:
        return None


def _sha256(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()
