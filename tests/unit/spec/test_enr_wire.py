"""How a record is written; what is refused is in test_enr."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import enr_wire, secp256k1
from tests.unit.spec.bootnodes import BOOTNODES


def test_taken_apart() -> None:
    data = enr_wire.encode(1, 5, {"secp256k1": secp256k1.compress(secp256k1.G), "id": b"v4", "ip": bytes(4)})
    content = enr_wire.decode(data)
    assert content.seq == 5
    assert list(content.pairs) == ["id", "ip", "secp256k1"]
    assert secp256k1.verify(secp256k1.G, content.signed, content.signature)


@pytest.mark.parametrize("text", [text for text, _ in BOOTNODES[:3]])
def test_text(text: str) -> None:
    assert enr_wire.encode_text(enr_wire.decode_text(text)) == text


@given(st.binary(min_size=1, max_size=enr_wire.MAX_SIZE))
def test_text_there_and_back(data: bytes) -> None:
    assert enr_wire.decode_text(enr_wire.encode_text(data)) == data


def test_the_longest_text() -> None:
    assert len(enr_wire.decode_text("enr:" + "A" * 400)) == enr_wire.MAX_SIZE
    with pytest.raises(ValueError, match="over 300 bytes"):
        enr_wire.decode_text("enr:" + "A" * 401)
