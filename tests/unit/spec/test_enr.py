"""Node records: read, checked, made."""

from __future__ import annotations

import copy
import ipaddress
import json
import pickle
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.spec import peer_id, rlp, secp256k1
from pyrum_sync.spec.enr import ForkId, Record
from pyrum_sync.spec.enr_keys import NAMES
from pyrum_sync.spec.keccak import keccak256
from tests.unit.spec.bootnodes import BOOTNODES
from tests.unit.spec.reading import tried

# EIP-778's example, and the key that signed it.
EXAMPLE = (
    "enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAAGJ"
    "c2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8"
)
KEY = "b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291"
_PUBLIC = bytes.fromhex("03ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd3138")
_SCHEME: dict[bytes, rlp.Encodable] = {b"id": b"v4", b"secp256k1": _PUBLIC}
_FORK = ForkId(bytes.fromhex("01eb3100"), bytes.fromhex("20000095"), 2)


def _signed(content: list[Any]) -> bytes:
    """A record of any content whose signature is right."""
    signature = secp256k1.sign(int(KEY, 16), keccak256(rlp.encode(content)))
    return rlp.encode([signature, *content])


def _items(record: Record) -> list[Any]:
    items = rlp.decode(bytes(record))
    assert isinstance(items, list)
    return items


def _of_pairs(pairs: dict[bytes, rlp.Encodable], seq: rlp.Encodable = b"\1") -> bytes:
    return _signed([seq, *(part for pair in sorted(pairs.items()) for part in pair)])


def test_the_example_of_the_specification() -> None:
    record = Record.parse(EXAMPLE)
    assert (record.seq, record.ip, record.udp) == (1, "127.0.0.1", 30303)
    assert record.node_id == "a448f24c6d18e575453db13171562b71999873db5b286df957af199ec94617f7"
    assert record.peer_id == "16Uiu2HAmSH2XVgZqYHWucap5kuPzLnt2TsNQkoppVxB5eJGvaXwm"
    assert record.public_key == _PUBLIC
    assert dict(record.pairs) == {
        "id": b"v4",
        "ip": bytes((127, 0, 0, 1)),
        "secp256k1": _PUBLIC,
        "udp": (30303).to_bytes(2, "big"),
    }
    assert str(record) == EXAMPLE
    assert record.multiaddrs() == []


def test_the_example_is_made_again() -> None:
    assert str(Record.make(KEY, ip="127.0.0.1", udp=30303)) == EXAMPLE


@pytest.mark.parametrize("text", [EXAMPLE[4:], "enr://" + EXAMPLE[4:], f" {EXAMPLE}\n"])
def test_the_forms_of_its_text(text: str) -> None:
    assert str(Record.parse(text)) == EXAMPLE


def test_what_a_record_lacks_is_none() -> None:
    record = Record.make(KEY)
    assert {name: getattr(record, name) for name in NAMES} == dict.fromkeys(NAMES)
    assert list(record.pairs) == ["id", "secp256k1"]


@pytest.mark.parametrize(("text", "ip"), BOOTNODES)
def test_mainnets_bootnodes(text: str, ip: str) -> None:
    record = Record.parse(text)
    assert str(record) == text
    assert record.ip == ip
    assert Record(bytes(record)) == record
    assert record.udp
    if record.eth2 is not None:
        assert record.eth2.fork_digest in (
            bytes.fromhex("f5a5fd42"),
            bytes.fromhex("b5303f2a"),
            bytes.fromhex("bba4da96"),
        )
    expected = [f"/ip4/{ip}/tcp/{record.tcp}/p2p/{record.peer_id}"] if record.tcp else []
    if record.tcp6:
        expected.append(f"/ip6/{record.ip6}/tcp/{record.tcp6}/p2p/{record.peer_id}")
    assert record.multiaddrs() == expected


def _full() -> Record:
    return Record.make(
        KEY,
        seq=2**64 - 1,
        ip="1.2.3.4",
        tcp=9000,
        udp=9001,
        quic=19202,
        ip6="2001:db8::1",
        tcp6=9003,
        udp6=9004,
        quic6=9005,
        eth2=_FORK,
        attnets=bytes(range(8)),
        syncnets=b"\x0f",
        custody_group_count=64,
        next_fork_digest=bytes.fromhex("b76ba606"),
        other=b"x",
    )


def test_every_key() -> None:
    record = _full()
    assert (record.seq, record.ip, record.ip6) == (2**64 - 1, "1.2.3.4", "2001:db8::1")
    assert (record.tcp, record.udp, record.quic) == (9000, 9001, 19202)
    assert (record.tcp6, record.udp6, record.quic6) == (9003, 9004, 9005)
    assert record.eth2 == _FORK
    assert (record.attnets, record.syncnets) == (bytes(range(8)), b"\x0f")
    assert (record.custody_group_count, record.next_fork_digest) == (64, bytes.fromhex("b76ba606"))
    # as a client of today writes them
    assert record.pairs["eth2"].hex() == "01eb310020000095" + "0200000000000000"
    assert record.pairs["quic"].hex() == "4b02"
    assert record.pairs["cgc"].hex() == "40"
    assert record.pairs["nfd"].hex() == "b76ba606"
    assert record.pairs["other"] == b"x"
    assert list(record.pairs) == sorted(record.pairs)
    assert Record.parse(str(record)) == record


def test_addresses_in_their_order() -> None:
    record = _full()
    assert record.multiaddrs() == [
        f"/ip4/1.2.3.4/tcp/9000/p2p/{record.peer_id}",
        f"/ip6/2001:db8::1/tcp/9003/p2p/{record.peer_id}",
        f"/ip4/1.2.3.4/udp/19202/quic-v1/p2p/{record.peer_id}",
        f"/ip6/2001:db8::1/udp/9005/quic-v1/p2p/{record.peer_id}",
    ]


@pytest.mark.parametrize(
    ("pairs", "places"),
    [
        ({"ip": "1.2.3.4"}, []),
        ({"tcp": 5}, []),
        ({"ip": "1.2.3.4", "tcp": 0}, []),
        ({"ip6": "::1", "tcp": 5}, ["/ip6/::1/tcp/5"]),
        ({"ip": "1.2.3.4", "ip6": "::1", "tcp": 5}, ["/ip4/1.2.3.4/tcp/5", "/ip6/::1/tcp/5"]),
        ({"ip": "1.2.3.4", "tcp6": 5}, []),
        ({"ip": "1.2.3.4", "ip6": "::1", "tcp6": 5}, ["/ip6/::1/tcp/5"]),
        ({"ip": "1.2.3.4", "ip6": "::1", "quic": 5}, ["/ip4/1.2.3.4/udp/5/quic-v1"]),
        ({"ip6": "::ffff:1.2.3.4", "tcp": 5}, ["/ip6/::ffff:1.2.3.4/tcp/5"]),
    ],
)
def test_addresses_of_part_of_it(pairs: dict[str, Any], places: list[str]) -> None:
    record = Record.make(KEY, **pairs)
    assert record.multiaddrs() == [f"{place}/p2p/{record.peer_id}" for place in places]


def test_a_value_that_is_a_list() -> None:
    # execution clients write their fork so
    value: list[rlp.Encodable] = [[bytes(4), b""]]
    record = Record(_of_pairs({**_SCHEME, b"eth": value}))
    assert record.pairs["eth"] == rlp.encode(value)
    assert Record.parse(str(record)) == record


def test_a_port_with_a_leading_zero() -> None:
    assert Record(_of_pairs({**_SCHEME, b"tcp": b"\0\x50"})).tcp == 80


def test_a_count_of_zero_is_empty() -> None:
    record = Record.make(KEY, custody_group_count=0)
    assert record.pairs["cgc"] == b""
    assert record.custody_group_count == 0


def test_a_key_beyond_ascii() -> None:
    record = Record(_of_pairs({**_SCHEME, b"\xff\0": b"x"}))
    assert record.pairs["\xff\0"] == b"x"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the record is empty"),
        ("enr:", "the record is empty"),
        ("enr:" + "A" * 401, "over 300 bytes"),
        ("enr:!!!!", "not base64url: '!' at character 4"),
        ("enr:ab cd", "not base64url: ' ' at character 6"),
        ("enr:é", "not base64url: 'é' at character 4"),
        (EXAMPLE + "=", "not base64url: '='"),
        (EXAMPLE.replace("_", "/"), "not base64url: '/'"),
        ("ENR:" + EXAMPLE[4:], "not base64url: ':' at character 3"),
        (EXAMPLE[:-1] + "9", r"not base64url: its last character has bits that belong to no byte \(cut off\?\)"),
        ("enr:-IS4Q", "not base64url: 5 characters"),
        ("enr:AAAA", "not RLP"),
        ("enr:wA", "not RLP of a signature, a number"),
        ("enr:hAAAAAA", "not RLP of a signature, a number"),
    ],
)
def test_text_that_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Record.parse(text)


@pytest.mark.parametrize("value", [None, b"enr:", 5])
def test_what_is_no_text(value: Any) -> None:
    with pytest.raises(TypeError, match="a record is parsed from a str, not"):
        Record.parse(value)


def test_over_300_bytes() -> None:
    room = 300 - len(bytes(Record.make(KEY, x=b"y" * 150)))
    largest = Record.make(KEY, x=b"y" * (150 + room))
    assert len(bytes(largest)) == 300
    assert Record.parse(str(largest)) == largest
    with pytest.raises(ValueError, match="over 300 bytes"):
        Record.make(KEY, x=b"y" * (151 + room))
    with pytest.raises(ValueError, match="over 300 bytes"):
        Record(_of_pairs({**_SCHEME, b"x": bytes(300)}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([b"\1", b"secp256k1", _PUBLIC, b"id", b"v4"], "the key 'id' in the wrong order: keys are sorted"),
        ([b"\1", b"id", b"v4", b"id", b"v4", b"secp256k1", _PUBLIC], "the key 'id' twice"),
        ([b"\1", b"id", b"v4", b"secp256k1"], "keys and values in turn"),
        ([b"\1", [b"id"], b"v4"], "a list where a key should be"),
        ([b"\0", b"id", b"v4", b"secp256k1", _PUBLIC], r"number \(seq\) is no integer"),
        ([bytes((1,)) * 9, b"id", b"v4", b"secp256k1", _PUBLIC], r"number \(seq\) is no integer"),
        ([[], b"id", b"v4", b"secp256k1", _PUBLIC], r"number \(seq\) is no integer"),
        ([b"\1"], "has no id"),
        ([b"\1", b"secp256k1", _PUBLIC], "the record has no id, so its identity scheme is unknown"),
        ([b"\1", b"id", b"v5", b"secp256k1", _PUBLIC], "identity scheme is unknown: id is 'v5', not 'v4'"),
        ([b"\1", b"id", b"ed25519", b"secp256k1", _PUBLIC], "id is 'ed25519', not 'v4'"),
        ([b"\1", b"id", [b"v4"], b"secp256k1", _PUBLIC], "id is a list, not 'v4'"),
        ([b"\1", b"id", b"\x1b[31m", b"secp256k1", _PUBLIC], r"id is '\\x1b\[31m', not 'v4'"),
        ([b"\1", b"id", b"v4"], "the record has no secp256k1"),
        ([b"\1", b"id", b"v4", b"secp256k1", _PUBLIC[:-1]], "the record's secp256k1 is wrong: .*32 bytes, not 33"),
        ([b"\1", b"id", b"v4", b"secp256k1", b"\2" + bytes(32)], "the record's secp256k1 is wrong: .*not on the curve"),
        ([b"\1", b"id", b"v4", b"secp256k1", [_PUBLIC]], "the record's secp256k1 is wrong: a list"),
    ],
)
def test_content_that_is_refused(content: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Record(_signed(content))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (b"ip", bytes(3), "the record's ip is wrong: 3 bytes, an IPv4 address has 4"),
        (b"ip", bytes(16), "the record's ip is wrong: 16 bytes"),
        (b"ip6", bytes(4), "the record's ip6 is wrong: 4 bytes, an IPv6 address has 16"),
        (b"tcp", bytes(3), "the record's tcp is wrong: 3 bytes, a port has 2 at most"),
        (b"quic6", bytes(3), "the record's quic6 is wrong: 3 bytes"),
        (b"eth2", bytes(15), "the record's eth2 is wrong: 15 bytes, not 16"),
        (b"eth2", b"", "the record's eth2 is wrong: 0 bytes, not 16"),
        (b"attnets", bytes(7), "the record's attnets is wrong: 7 bytes, not 8"),
        (b"syncnets", bytes(2), "the record's syncnets is wrong: 2 bytes, not 1"),
        (b"cgc", bytes(9), "the record's cgc is wrong: 9 bytes"),
        (b"cgc", b"\0", "the record's cgc is wrong: a leading zero byte"),
        (b"nfd", bytes(5), "the record's nfd is wrong: 5 bytes, not 4"),
        (b"attnets", [bytes(8)], "the record's attnets is wrong: a list, where bytes should be"),
    ],
)
def test_a_value_of_the_wrong_size(key: bytes, value: rlp.Encodable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Record(_of_pairs({**_SCHEME, key: value}))


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        (bytes(63), "signature is 63 bytes, not 64"),
        (bytes(65), "signature is 65 bytes, not 64"),
        ([], "signature is a list, not 64 bytes"),
        (bytes(64), "signature is not by its key"),
        (b"\xff" * 64, "signature is not by its key"),
    ],
)
def test_a_wrong_signature(signature: rlp.Encodable, message: str) -> None:
    items = _items(Record.parse(EXAMPLE))
    with pytest.raises(ValueError, match=message):
        Record(rlp.encode([signature, *items[1:]]))


def test_a_signature_in_its_high_form() -> None:
    items = _items(Record.parse(EXAMPLE))
    signature = items[0]
    high = secp256k1.N - int.from_bytes(signature[32:], "big")
    with pytest.raises(ValueError, match="signature is not by its key"):
        Record(rlp.encode([signature[:32] + high.to_bytes(32, "big"), *items[1:]]))


def test_the_signature_of_another_key() -> None:
    mine, other = (_items(Record.make(key, ip="1.2.3.4")) for key in (KEY, "01" * 32))
    with pytest.raises(ValueError, match="signature is not by its key"):
        Record(rlp.encode([other[0], *mine[1:]]))


def test_each_byte_changed() -> None:
    data = bytes(Record.parse(EXAMPLE))
    for position in range(len(data)):
        changed = data[:position] + bytes((data[position] ^ 1,)) + data[position + 1 :]
        with pytest.raises(ValueError, match="the record"):
            Record(changed)


def test_cut_off_at_each_byte() -> None:
    data = bytes(_full())
    for end in range(len(data)):
        with pytest.raises(ValueError, match="the record is not RLP"):
            Record(data[:end])
    with pytest.raises(ValueError, match="left over"):
        Record(data + b"\0")


def test_cut_off_at_each_character() -> None:
    for end in range(len(EXAMPLE)):
        with pytest.raises(ValueError, match="the record"):
            Record.parse(EXAMPLE[:end])


@given(st.binary(max_size=310))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="the record"):
        Record(data)


@given(st.text(max_size=50) | st.text("ABCabc019-_", max_size=400))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the record"):
        Record.parse("enr:" + text)


_VALUES = st.recursive(st.binary(max_size=40), lambda values: st.lists(values, max_size=3), max_leaves=4)
_KEYS = st.sampled_from([b"id", b"ip", b"ip6", b"tcp", b"eth2", b"cgc", b"secp256k1", b"attnets"]) | st.binary(
    max_size=4
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_KEYS, _VALUES, max_size=4), st.sampled_from([b"\1", b"", b"\xff" * 8]))
def test_any_content_with_a_right_signature_is_read_or_refused(pairs: dict[bytes, Any], seq: bytes) -> None:
    data = _of_pairs({**_SCHEME, **pairs}, seq)
    record, refusal = tried(Record, data)
    if record is None:
        assert refusal.startswith("the record")
        return
    assert bytes(record) == data
    assert Record.parse(str(record)) == record
    assert json.dumps(record.to_dict())


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, secp256k1.N - 1),
    st.integers(0, 2**64 - 1),
    st.fixed_dictionaries(
        {},
        optional={
            "ip": st.ip_addresses(v=4).map(str),
            "ip6": st.ip_addresses(v=6).map(str),
            "tcp": st.integers(0, 65535),
            "quic6": st.integers(0, 65535),
            "custody_group_count": st.integers(0, 2**64 - 1),
            "syncnets": st.binary(min_size=1, max_size=1),
            "eth2": st.builds(
                ForkId, st.binary(min_size=4, max_size=4), st.binary(min_size=4, max_size=4), st.integers(0, 2**64 - 1)
            ),
        },
    ),
)
def test_made_and_read(private: int, seq: int, values: dict[str, Any]) -> None:
    record = Record.make(private.to_bytes(32, "big"), seq=seq, **values)
    assert Record.parse(str(record)) == record
    assert record.seq == seq
    assert record.peer_id == peer_id.from_secp256k1(secp256k1.public_key(private))
    for name, value in values.items():
        found = getattr(record, name)
        assert found == value or ipaddress.ip_address(found) == ipaddress.ip_address(value)


@pytest.mark.parametrize("key", ["0x" + KEY, KEY.upper(), bytes.fromhex(KEY), bytearray.fromhex(KEY)])
def test_the_forms_of_a_private_key(key: Any) -> None:
    assert str(Record.make(key, ip="127.0.0.1", udp=30303)) == EXAMPLE


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "32 bytes, not 0"),
        (KEY[2:], "32 bytes, not 31"),
        (KEY + "00", "32 bytes, not 33"),
        ("zz" * 32, "not hex"),
        (bytes(32), "zero, or past the curve's order"),
        (secp256k1.N.to_bytes(32, "big"), "zero, or past the curve's order"),
    ],
)
def test_a_wrong_private_key_is_not_shown(key: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^the private key .*{message}") as caught:
        Record.make(key)
    assert KEY[2:20] not in str(caught.value)


@pytest.mark.parametrize(
    ("pairs", "error", "message"),
    [
        ({"ip": "::1"}, ValueError, "ip: '::1' is not an IPv4 address"),
        ({"ip": "1.2.3"}, ValueError, "ip: '1.2.3'"),
        ({"ip": 5}, TypeError, "ip: an IP address as text is needed, not int"),
        ({"ip6": "1.2.3.4"}, ValueError, "ip6: '1.2.3.4' is not an IPv6 address"),
        ({"ip6": "fe80::1%lo"}, ValueError, "ip6: 'fe80::1%lo' is not an IPv6 address"),
        ({"tcp": 65536}, ValueError, "tcp: 65536 is not between 0 and 65535"),
        ({"udp": -1}, ValueError, "udp: -1 is not between"),
        ({"quic": "9000"}, TypeError, "quic: an int is needed, not str"),
        ({"tcp6": True}, TypeError, "tcp6: an int is needed, not bool"),
        ({"eth2": bytes(15)}, ValueError, "eth2 is wrong: 15 bytes, not 16"),
        ({"eth2": "00"}, TypeError, "eth2: bytes are needed, not str"),
        ({"attnets": bytes(9)}, ValueError, "attnets is wrong: 9 bytes"),
        ({"custody_group_count": 2**64}, ValueError, "cgc: "),
        ({"next_fork_digest": "b76ba606"}, TypeError, "nfd: bytes are needed, not str"),
        ({"custody_group_count": 1, "cgc": b"\1"}, ValueError, "cgc is given twice"),
        ({"id": b"v4"}, ValueError, "id is given twice, or set by the record itself"),
        ({"secp256k1": _PUBLIC}, ValueError, "secp256k1 is given twice, or set"),
        ({"other": 5}, TypeError, "other: bytes are needed, not int"),
        ({"snowman☃": b""}, ValueError, "the key 'snowman☃' is not ASCII"),
        ({"seq": -1}, ValueError, "seq must be 0 to 2\\^64 - 1, not -1"),
        ({"seq": 2**64}, ValueError, "seq must be 0 to 2\\^64 - 1"),
        ({"seq": "1"}, TypeError, "seq: an int is needed, not str"),
    ],
)
def test_what_no_record_is_made_of(pairs: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Record.make(KEY, **pairs)


def test_addresses_as_objects_and_keys_under_their_own_names() -> None:
    record = Record.make(KEY, ip=ipaddress.IPv4Address("1.2.3.4"), cgc=4, nfd=bytes(4), eth2=_FORK.encode())
    assert (record.ip, record.custody_group_count, record.next_fork_digest) == ("1.2.3.4", 4, bytes(4))
    assert record.eth2 == _FORK


def test_equal_hashed_copied_pickled() -> None:
    record = Record.parse(EXAMPLE)
    again = Record.make(KEY, ip="127.0.0.1", udp=30303)
    assert record == again
    assert len({record, again}) == 1
    assert record != _full()
    assert record != EXAMPLE
    for copied in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):
        assert copied == record
        assert copied.to_dict() == record.to_dict()
    assert eval(repr(record)) == record


def test_a_record_cannot_be_changed() -> None:
    record = Record.parse(EXAMPLE)
    for name, value in (("ip", "1.2.3.4"), ("seq", 2), ("nonsense", 1)):
        with pytest.raises(AttributeError):
            setattr(record, name, value)
    with pytest.raises(TypeError):
        record.pairs["ip"] = b""  # type: ignore[index]


def test_as_plain_values() -> None:
    record = _full()
    values = record.to_dict()
    assert json.loads(json.dumps(values)) == values
    assert values["enr"] == str(record)
    assert values["eth2"] == {
        "fork_digest": "0x01eb3100",
        "next_fork_version": "0x20000095",
        "next_fork_epoch": 2,
    }
    assert values["attnets"] == "0x0001020304050607"
    assert values["custody_group_count"] == 64
    assert values["multiaddrs"] == record.multiaddrs()
    assert values["pairs"]["other"] == "0x78"
    assert Record.make(KEY).to_dict()["ip"] is None


def test_reading_is_fast_enough_for_a_crawl() -> None:
    seconds = []
    for _ in range(5):
        start = time.process_time()
        Record.parse(EXAMPLE)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.05
