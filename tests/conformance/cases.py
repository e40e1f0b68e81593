"""What a Rumor must do, as scripts: sent line by line, each done before the next."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from benchmarks.servers import free_port
from pyrum_sync.engine.table import rumors
from pyrum_sync.spec import peer_id, secp256k1
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.conformance.driver import Driver, Entry
from tests.conformance.normal import Record, record


@dataclass(frozen=True)
class Until:
    """Wait for an entry of that call with this key, or with this text in its `msg`."""

    call: str
    sign: str

    def seen(self, entry: Entry) -> bool:
        """Whether this is the entry; for the call "" one that belongs to none, with the text anywhere in it."""
        if not self.call:
            return "call_id" not in entry and self.sign in str(entry.get("stdout", ""))
        return entry.get("call_id") == self.call and (self.sign in entry or self.sign in entry["msg"])


@dataclass(frozen=True)
class Background:
    """A line that is not waited for."""

    line: str


Step = str | Until | Background


@dataclass(frozen=True)
class Case:
    """A script; `unordered`: calls whose entries come in no fixed order; `new_records`: its ENRs differ in each run."""

    name: str
    steps: tuple[Step, ...]
    level: str = "trace"
    by_exit: bool = True
    unordered: tuple[str, ...] = ()
    new_records: bool = False


def _id(number: int) -> str:
    return peer_id.from_secp256k1(secp256k1.public_key(number))


ALICE, BOB, CAROL = _id(1), _id(2), _id(3)
CAROL_KEY = "".join(f"{part:064x}" for part in secp256k1.public_key(3))
# Of EIP-778.
EXAMPLE_RECORD = (
    "enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAA"
    "GJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8"
)
PORTS = ("PORT_A", "PORT_B", "PORT_C")


def _start(name: str, number: int, *flags: str, port: str | None = None) -> tuple[str, ...]:
    start = f"_start_{name} {name}: lvl_trace host start --nat=false --priv={number:064x} {' '.join(flags)}".rstrip()
    listen = f"_listen_{name} {name}: lvl_trace host listen --ip=127.0.0.1 --tcp={port}"
    return (start, listen) if port else (start,)


HOSTS = (*_start("alice", 1, port="PORT_A"), *_start("bob", 2))
CONNECT = f"_connect bob: lvl_trace peer connect /ip4/127.0.0.1/tcp/PORT_A/p2p/{ALICE}"
PAIR: tuple[Step, ...] = (
    *HOSTS,
    "_notify alice: lvl_trace host notify connection_open",
    CONNECT,
    Until("notify", "new"),
)
STATUS = "01020304" + "11" * 32 + "0500000000000000" + "22" * 32 + "0700000000000000"


def _request(method: str, data: str, *flags: str, name: str = "req") -> str:
    return f"_{name} bob: lvl_trace rpc {method} req raw {' '.join((*flags, ALICE, data))}"


def _exchange(method: str, request: str, answer: str, *flags: str) -> tuple[Step, ...]:
    """A request taken by steps on both sides, and answered."""
    return (
        *PAIR,
        f"_listen alice: lvl_trace rpc {method} listen",
        _request(method, request, *flags, "--max-chunks=1"),
        "_req next",
        Until("listen", "Received a request"),
        "_listen next",
        f"_resp alice: lvl_trace rpc {method} resp {answer}",
        Until("listen", "Responded!"),
        "_req next",
        Until("req", "Completed request"),
        "_req cancel",
        "_listen cancel",
    )


_METHODS = ("goodbye", "status", "ping", "metadata", "blocks-by-range", "blocks-by-root")
_HELP_GROUPS = (
    "host",
    "enr",
    "peer",
    "peer status",
    "peer metadata",
    "peerstore",
    "gossip",
    "rpc",
    *tuple(f"rpc {method}{rest}" for method in _METHODS for rest in ("", " req", " resp", " resp chunk")),
)


def _name(words: str) -> str:
    return words.replace(" ", "_").replace("-", "_")


CASES = (
    # The session.
    Case(
        "prefixes",
        (
            "_a sleep 1ms",
            "alice: _b lvl_trace sleep 1ms",
            "lvl_trace bob: _c sleep 1ms",
            "_d carol: sleep 1ms",
            "_e lvl_warn sleep 1ms",
            "_f lvl_bogus sleep 1ms",
            "_g one: two: sleep 1ms",
            "_h _i sleep 1ms",
            "sleep 1ms",
            "lvl_trace sleep 1ms",
        ),
    ),
    Case("nothing to run", ("_a", "lvl_trace", "foo:", "_a || echo no", "_a; echo no")),
    Case("unknown words", ("_a nosuchprogram x", "_b alice: lvl_trace nosuchprogram", "_c calls extra", '_d "" x')),
    Case(
        "verbs",
        (
            "alice: calls",
            "me",
            "alice: me",
            "_a lvl_trace sleep 1ms",
            "bob: kill",
            "_b lvl_trace sleep 1ms",
            "clear_log_data",
            "_c lvl_trace",
        ),
    ),
    Case(
        "grab",
        (
            "grab",
            "grab a b",
            "grab nothing",
            *_start("alice", 1),
            "_v alice: host view",
            "grab v_peer_id",
            "grab _v_peer_id",
            "grab __peer_id",
            "grab peer_id",
            'echo $_v_peer_id $__peer_id "${_v_peer_id}" ${_v_nothing:-none}',
            "clear_log_data",
            "grab v_peer_id",
        ),
    ),
    Case(
        "next and cancel without a call",
        (
            "next",
            "cancel",
            "_a next",
            "_a next 1s",
            "_a next x",
            "_a next 1s 2s",
            "_a cancel",
            "_a cancel 1s 2s",
        ),
    ),
    Case(
        "next and cancel that fail on a running call",
        (
            *_start("alice", 1),
            "_l alice: lvl_trace rpc ping listen",
            "_l next x",
            "_l next 10ms",
            "_l next 1s 2s",
            "_l cancel x",
            "_l cancel",
            "_l next 10ms",
        ),
    ),
    Case(
        "a waiting next when its call is cancelled",
        (
            *_start("alice", 1),
            "_l alice: lvl_trace rpc ping listen",
            Background("{ echo begin; _l next; } &"),
            Until("", "begin"),
            "_l cancel",
        ),
        unordered=("session",),
    ),
    Case(
        "next waits for a call without steps",
        (
            "_a lvl_trace sleep 100ms &",
            Until("a", "sleeping"),
            "_a next",
        ),
        unordered=("session",),
    ),
    Case(
        "cancel during the own part",
        ("_a lvl_trace sleep 100ms &", Until("a", "sleeping"), "_a cancel", Until("a", "__freed")),
    ),
    Case(
        "kill ends calls and host",
        (
            *_start("alice", 1),
            "_l alice: lvl_trace rpc ping listen",
            "alice: kill",
            Until("l", "__freed"),
            "_v alice: lvl_trace host view",
            "alice: calls",
        ),
    ),
    Case("calls of an actor", (*_start("alice", 1), "_l alice: lvl_trace rpc ping listen --raw", "alice: calls")),
    Case(
        "attach and detach by level",
        (
            *_start("alice", 1),
            "_l alice: lvl_error rpc ping listen",
            "_l lvl_trace",
            "_l cancel",
        ),
    ),
    Case(
        "default level hides the marks",
        ("_a lvl_trace sleep 1ms", "_b sleep x", "_c lvl_trace sleep x", "echo hi"),
        level="",
    ),
    Case("level info", ("_a lvl_trace sleep 1ms", "_b lvl_trace sleep x", "echo hi", "foo"), level="info"),
    Case("end of input", (*_start("alice", 1), "_l alice: lvl_trace rpc ping listen"), by_exit=False),
    Case("exit with a running call", (*_start("alice", 1), "_l alice: lvl_trace rpc ping listen")),
    # The language.
    Case(
        "echo",
        ("echo hi", "echo", "echo ''", "echo '  a  '", "echo a b", "echo -n a", 'echo "a\nb"', "printf '%s-%s\\n' a b"),
    ),
    Case(
        "quoting",
        (
            "echo 'single $x `y` \\\\'",
            'echo "double \\" \\$x"',
            "echo $'ansi\\t\\x41\\u00e9\\'q'",
            "echo a\\ b c\\\nd",
            "echo 'two\nlines'",
            "echo é☃😀",
            "echo a # comment",
            "# comment",
            "",
            "_a alice: lvl_trace 'sleep' \"1ms\"",
        ),
    ),
    Case(
        "status and order",
        (
            "false; echo never",
            "false || echo or",
            "true && echo and",
            "! false",
            "! true",
            "echo $?",
            "( exit 3 ); echo never",
            "echo $?",
            "sleep x; echo never",
            "{ sleep x; echo still $?; }",
            "if false; then echo a; elif true; then echo b; else echo c; fi",
            "for i in 1 2 3; do echo $i; done",
            "i=x; while [ $i != xxx ]; do i=x$i; echo $i; done",
            "until true; do echo never; done",
        ),
    ),
    Case(
        "variables",
        (
            "x=1; echo $x",
            "echo $x \"$x\" '$x' ${x} ${x:-2} ${y:-2}",
            "y='a  b'; echo $y; echo \"$y\"",
            "echo $(echo in)",
        ),
    ),
    Case(
        "tagged script",
        (
            '{ { ( eval \'echo "a  b"; echo err >&2; false\' ) | while IFS= read -r l; do echo "OUT:$l"; done; } 2>&1'
            ' | while IFS= read -r l; do echo "ALL:$l"; done; echo "END $?"; }',
            "( eval 'exit 3' ); echo never",
            "{ ( eval 'exit 3' ); echo \"END $?\"; }",
            "{ ( eval 'echo )' ); echo \"END $?\"; }",
            'echo a | while read -r l; do echo "<$l>"; done',
            "{ echo out; echo err >&2; } 2>&1",
        ),
        unordered=("session",),
    ),
    Case(
        "background",
        ("echo a & wait", "false & wait; echo b", "exit 3 & wait; echo c", "_a lvl_trace sleep 1ms & wait"),
    ),
    Case(
        "sleep",
        (
            "_a lvl_trace sleep 1ms",
            "_b lvl_trace sleep 0",
            "_c lvl_trace sleep 1.5us",
            "_d lvl_trace sleep 0.01s",
        ),
    ),
    # Arguments.
    Case(
        "bad arguments",
        (
            "_a lvl_trace sleep",
            "_b lvl_trace sleep x",
            "_c lvl_trace sleep 1",
            "_d lvl_trace sleep 1x",
            "_e lvl_trace sleep --foo=1",
            "_f lvl_trace sleep -x",
            "_g lvl_trace sleep --=x",
            "_h lvl_trace sleep --time",
            "_i lvl_trace host bogus",
            "_j lvl_trace host",
            "_k lvl_trace host start --nat=maybe",
            "_l lvl_trace host start --lo-peers=x",
            "_m lvl_trace host listen --tcp=70000",
            "_n lvl_trace host listen --ip=x",
            "_o lvl_trace peerstore switch",
            "_p lvl_trace rpc status req raw",
            "_q lvl_trace rpc bogus",
        ),
    ),
    Case(
        "ways to give arguments",
        (
            "_a lvl_trace sleep --time=1ms",
            "_b lvl_trace sleep --time 1ms",
            "_c lvl_trace sleep -- 1ms",
            "_d lvl_trace sleep 1ms too many",
            "_e lvl_trace sleep 0x1ms",
        ),
    ),
    Case(
        "help",
        (
            "_top_sleep lvl_trace sleep --help",
            "_a lvl_trace sleep -h",
            "_b lvl_trace sleep help",
            *_start("alice", 1),
            *(f"_{_name(words)} alice: lvl_trace {words} --help" for words in _HELP_GROUPS),
            *(f"_{_name(' '.join(words))} alice: lvl_trace {' '.join(words)} --help" for words in rumors()),
        ),
    ),
    # host.
    Case(
        "host",
        (
            "_a alice: lvl_trace host view",
            "_b alice: lvl_trace host stop",
            "_b2 alice: lvl_trace host listen --ip=127.0.0.1 --tcp=PORT_A",
            f"_c alice: lvl_trace host start --nat=false --priv={1:064x}",
            "_d alice: lvl_trace host start --nat=false",
            "_e alice: lvl_trace host view",
            "_f alice: lvl_trace host listen --ip=127.0.0.1 --tcp=PORT_A",
            "_g alice: lvl_trace host view",
            "_h alice: lvl_trace host stop",
            "_i alice: lvl_trace host view",
            "_j alice: lvl_trace host start --nat=false",
            f"_k bob: lvl_trace host start --nat=false --priv={1:063x}",
            "_k2 bob: lvl_trace host start --nat=false --priv=zz",
            "_l bob: lvl_trace host start --nat=false --transport=quic",
            "_m bob: lvl_trace host start --nat=false --mux=x",
            "_n bob: lvl_trace host start --nat=false --security=x",
            "_o bob: lvl_trace host start --nat=false --security=none,noise",
            f"_p bob: lvl_trace host start --nat=false --priv={2:064x}",
        ),
    ),
    Case(
        "host notify",
        (
            *HOSTS,
            "_bad alice: lvl_trace host notify bogus",
            "_all alice: lvl_trace host notify connection stream",
            "_lis bob: lvl_trace host notify listen",
            "_l bob: lvl_trace host listen --ip=127.0.0.1 --tcp=PORT_B",
            CONNECT,
            Until("all", "new peer connection"),
            f"_id alice: lvl_trace peer identify {BOB}",
            f"_dis bob: lvl_trace peer disconnect {ALICE}",
            Until("all", "peer disconnected"),
            "_all cancel",
            "_lis cancel",
        ),
        unordered=("all",),
    ),
    # peer.
    Case(
        "peer without a host",
        (
            "_a lvl_trace peer list",
            "_b lvl_trace peerstore create one",
            "_c lvl_trace peer list",
            "_d lvl_trace peer list all",
            f"_e lvl_trace peer add /ip4/127.0.0.1/tcp/5/p2p/{BOB}",
            "_f lvl_trace peer list all",
            f"_g lvl_trace peer connect /ip4/127.0.0.1/tcp/5/p2p/{BOB}",
            "_h lvl_trace peer trim",
            "_i lvl_trace gossip start",
            f"_j lvl_trace rpc ping req raw {BOB} 00",
        ),
    ),
    Case(
        "peer connect and disconnect",
        (
            *PAIR,
            CONNECT.replace("_connect ", "_again "),
            "_list bob: lvl_trace peer list",
            "_list2 alice: lvl_trace peer list connected",
            "_bogus alice: lvl_trace peer list bogus",
            f"_identify bob: lvl_trace peer identify {ALICE}",
            f"_info bob: lvl_trace peer info {ALICE}",
            f"_self alice: lvl_trace peer info {ALICE}",
            "_details bob: lvl_trace peer list --details",
            "_addrs alice: lvl_trace peer addrs",
            "_addrs2 bob: lvl_trace peer addrs",
            f"_addrs3 bob: lvl_trace peer addrs {ALICE}",
            "_everyone bob: lvl_trace peer list all",
            f"_dis bob: lvl_trace peer disconnect {ALICE}",
            "_list3 bob: lvl_trace peer list",
            f"_dis2 bob: lvl_trace peer disconnect {ALICE}",
            f"_identify2 bob: lvl_trace peer identify {ALICE}",
            f"_tagged bob: lvl_trace peer connect /ip4/127.0.0.1/tcp/PORT_A/p2p/{ALICE} friend",
            f"_protect bob: lvl_trace peer protect {ALICE} other",
            f"_unprotect bob: lvl_trace peer unprotect {ALICE} other",
            "_trim bob: lvl_trace peer trim 1s",
        ),
    ),
    Case(
        "peer connect that fails",
        (
            *HOSTS,
            "_a bob: lvl_trace peer connect",
            "_b bob: lvl_trace peer connect /ip4/127.0.0.1/tcp/PORT_A",
            "_c bob: lvl_trace peer connect !!!",
            f"_d bob: lvl_trace peer connect /ip4/127.0.0.1/tcp/PORT_B/p2p/{CAROL}",
            f"_e bob: lvl_trace peer connect /ip4/127.0.0.1/tcp/PORT_B/p2p/{CAROL}",
            f"_f bob: lvl_trace peer connect /ip4/127.0.0.1/tcp/PORT_B/p2p/{BOB}",
            f"_h bob: lvl_trace peer info {CAROL}",
            "_i bob: lvl_trace peer info 1",
            "_j bob: lvl_trace peer add /ip4/127.0.0.1/tcp/5",
            f"_k bob: lvl_trace peer add /ip4/127.0.0.1/tcp/5 --peer-id={CAROL}",
            f"_l bob: lvl_trace peer addrs {CAROL}",
            f"_m bob: lvl_trace peer identify {CAROL}",
            f"_n alice: lvl_trace peer connect /ip4/127.0.0.1/tcp/PORT_A/p2p/{BOB}",
        ),
    ),
    Case(
        "time limits that are over at once",
        (
            *HOSTS,
            f"_a bob: lvl_trace peer connect --timeout=1ns /ip4/127.0.0.1/tcp/PORT_A/p2p/{ALICE}",
            f"_b bob: lvl_trace peer connect --timeout=-1s /ip4/127.0.0.1/tcp/PORT_A/p2p/{ALICE}",
            f"_c bob: lvl_trace peer status req --timeout=1ns {ALICE}",
            f"_d bob: lvl_trace peer metadata ping --timeout=1ns {ALICE}",
            f"_e bob: lvl_trace peer metadata req --timeout=1ns {ALICE}",
            # connected is connected; what needs the network is a race in Rumor then
            CONNECT,
            f"_f bob: lvl_trace peer connect --timeout=1ns /ip4/127.0.0.1/tcp/PORT_A/p2p/{ALICE}",
            "_g bob: lvl_trace peer trim 1ns",
        ),
    ),
    Case(
        "identify switched off",
        (
            *_start("alice", 1, port="PORT_A"),
            *_start("bob", 2, "--identify=false"),
            CONNECT,
            f"_a bob: lvl_trace peer identify {ALICE}",
            f"_b bob: lvl_trace peer info {ALICE}",
        ),
    ),
    Case(
        "peer status",
        (
            *PAIR,
            "_get bob: lvl_trace peer status get",
            "_set bob: lvl_trace peer status set --head-slot=5 --fork-digest=0x01020304",
            "_set2 bob: lvl_trace peer status set --finalized-epoch=2",
            "_set3 alice: lvl_trace peer status set --head-root=" + "ab" * 32 + " --merge=false",
            "_bad bob: lvl_trace peer status set --fork-digest=01",
            "_follow bob: lvl_trace peer status follow",
            "_follow2 bob: lvl_trace peer status follow false",
            f"_none bob: lvl_trace peer status req {ALICE}",
            "_serve alice: lvl_trace peer status serve",
            f"_req bob: lvl_trace peer status req {ALICE}",
            Until("serve", "handled"),
            f"_info bob: lvl_trace peer info {ALICE}",
            f"_info2 alice: lvl_trace peer info {BOB}",
            "_poll bob: lvl_trace peer status poll --interval=1h",
            Until("poll", "status request success"),
            "_poll cancel",
            _request("status", "00", name="raw"),
            Until("serve", "failed to read"),
            "_serve cancel",
            f"_self bob: lvl_trace peer status req {BOB}",
            f"_far bob: lvl_trace peer status req {CAROL}",
        ),
    ),
    Case(
        "peer metadata",
        (
            *PAIR,
            "_get bob: lvl_trace peer metadata get",
            "_set alice: lvl_trace peer metadata set --seq-number=4 --attnets=0100000000000000",
            "_set2 alice: lvl_trace peer metadata set --seq-number=5",
            "_follow alice: lvl_trace peer metadata follow",
            "_serve alice: lvl_trace peer metadata serve",
            f"_req bob: lvl_trace peer metadata req {ALICE}",
            Until("serve", "handled"),
            "_serve cancel",
            "_serve2 alice: lvl_trace peer metadata serve",
            "_pong alice: lvl_trace peer metadata pong --update=false",
            "_set3 alice: lvl_trace peer metadata set --seq-number=6",
            f"_ping bob: lvl_trace peer metadata ping {ALICE}",
            Until("pong", "handled"),
            f"_info bob: lvl_trace peer info {ALICE}",
            f"_ping2 bob: lvl_trace peer metadata ping {ALICE} --update=false",
            f"_ping3 bob: lvl_trace peer metadata ping {ALICE} --force-update",
            "_poll bob: lvl_trace peer metadata poll --interval=1h",
            Until("poll", "ping request success"),
            "_poll cancel",
            "_pong cancel",
            f"_ping4 bob: lvl_trace peer metadata ping {ALICE}",
        ),
    ),
    Case(
        "pong asks back",
        (
            *PAIR,
            "_pong alice: lvl_trace peer metadata pong",
            f"_ping bob: lvl_trace peer metadata ping {ALICE} --update=false",
            Until("pong", "failed to request metadata"),
        ),
        unordered=("pong",),
    ),
    # enr.
    Case(
        "enr make and view",
        (
            "_a alice: lvl_trace enr view",
            "_b alice: lvl_trace enr make --gen-priv=false",
            f"_c alice: lvl_trace enr make --priv={1:064x}",
            "_d alice: lvl_trace enr view --kv",
            "_e alice: lvl_trace enr make --ip=127.0.0.2 --tcp=5 --udp=6 --attnets=0102030405060708",
            "_f alice: lvl_trace enr make",
            "_g alice: lvl_trace enr view --kv",
            "_h alice: lvl_trace enr make --fork-digest=01020304",
            "_i alice: lvl_trace enr make --next-fork-epoch=7 --tcp=6",
            "_j alice: lvl_trace enr view --kv",
            "_k alice: lvl_trace enr make --rm-ip",
            "_l alice: lvl_trace enr view",
            "_m alice: lvl_trace enr make --ip=::1",
            "_n alice: lvl_trace enr view --kv",
            f"_o alice: lvl_trace enr make --priv={2:064x}",
            "_p bob: lvl_trace enr make --static-ip=127.0.0.9 --fallback-ip=127.0.0.8 --fallback-udp=77"
            f" --priv={2:064x}",
            "_q bob: lvl_trace enr view --kv",
            f"_r carol: lvl_trace enr make --fallback-ip=127.0.0.8 --fallback-udp=77 --priv={3:064x}",
            "_s carol: lvl_trace enr view --kv",
            "_t carol: lvl_trace host start --nat=false",
            f"_u carol: lvl_trace enr view {EXAMPLE_RECORD} --kv",
            "_v carol: lvl_trace host listen --help",
            "_w lvl_trace enr gen-key",
        ),
    ),
    Case(
        "enr that fails",
        (
            "_a lvl_trace enr view enr:!!",
            "_b lvl_trace enr view enr:",
            f"_c lvl_trace enr view {EXAMPLE_RECORD.removeprefix('enr:')}",
            "_d lvl_trace enr make --fork-digest=01",
            "_e lvl_trace enr make --priv=zz",
            "_f lvl_trace enr make --ip=x",
            "_g lvl_trace enr",
            "_h lvl_trace enr bogus",
        ),
    ),
    Case(
        "peers by their records",
        (
            *HOSTS,
            "_make alice: lvl_trace enr make --attnets=0102030405060708 --fork-digest=01020304",
            "_view alice: lvl_trace host view",
            "_add bob: lvl_trace peer add $_make_enr",
            "_add2 bob: lvl_trace peer add $_make_enr",
            f"_info bob: lvl_trace peer info {ALICE}",
            "_connect bob: lvl_trace peer connect $_make_enr",
            "_more alice: lvl_trace enr make --attnets=0302030405060708",
            "_again bob: lvl_trace peer connect $_more_enr friend",
            f"_info2 bob: lvl_trace peer info {ALICE}",
            f"_node bob: lvl_trace peer add enode://{CAROL_KEY}@127.0.0.1:5?discport=6",
            f"_node2 bob: lvl_trace peer connect enode://{CAROL_KEY}@127.0.0.1:5",
            f"_info3 bob: lvl_trace peer info {CAROL}",
            "_details bob: lvl_trace peer list all --details",
        ),
        new_records=True,
    ),
    # peerstore.
    Case(
        "peerstore",
        (
            "_a lvl_trace peerstore list",
            "_b lvl_trace peerstore create one",
            "_c lvl_trace peerstore create one",
            "_d lvl_trace peerstore create two --switch=false",
            "_e lvl_trace peerstore list",
            "_f lvl_trace peerstore switch two",
            "_g lvl_trace peerstore switch three",
            "_h lvl_trace peerstore create x --store-type=leveldb",
            "_i lvl_trace peerstore create x --store-path=y",
            "_j lvl_trace peerstore create x --store-type=z",
            *_start("alice", 1),
            "_k alice: lvl_trace peerstore create",
            "_l alice: lvl_trace peer list all",
        ),
    ),
    # gossip.
    Case(
        "gossip alone",
        (
            *_start("alice", 1),
            "_a alice: lvl_trace gossip list",
            "_b alice: lvl_trace gossip start",
            "_c alice: lvl_trace gossip start",
            "_d alice: lvl_trace gossip list",
            "_e alice: lvl_trace gossip join one",
            "_f alice: lvl_trace gossip join one",
            "_g alice: lvl_trace gossip list",
            "_h alice: lvl_trace gossip list-peers one",
            "_i alice: lvl_trace gossip publish two 00",
            "_j alice: lvl_trace gossip publish one zz",
            "_log alice: lvl_trace gossip log one",
            "_k alice: lvl_trace gossip publish one 0x0A0b",
            Until("log", "new message"),
            "_l alice: lvl_trace gossip leave one",
            "_log cancel",
            "_m alice: lvl_trace gossip leave one",
            "_n alice: lvl_trace gossip leave one",
            "_o alice: lvl_trace gossip log one",
            "_p alice: lvl_trace gossip list-peers one",
            "_q alice: lvl_trace gossip events one",
            f"_r alice: lvl_trace gossip blacklist {BOB}",
        ),
    ),
    Case(
        "gossip started after connecting",
        (
            *PAIR,
            "_sa alice: lvl_trace gossip start",
            "_sb bob: lvl_trace gossip start",
            "_ja alice: lvl_trace gossip join news",
            "_jb bob: lvl_trace gossip join news",
            "_la alice: lvl_trace gossip log news",
            "_lb bob: lvl_trace gossip log news",
            "_pub bob: lvl_trace gossip publish news 01",
            Until("lb", "new message"),
            "_peers bob: lvl_trace gossip list-peers news",
        ),
    ),
    Case(
        "gossip between two",
        (
            *HOSTS,
            "_sa alice: lvl_trace gossip start",
            "_sb bob: lvl_trace gossip start",
            CONNECT,
            "_ja alice: lvl_trace gossip join news_snappy",
            "_jb bob: lvl_trace gossip join news_snappy",
            "_ev bob: lvl_trace gossip events news_snappy",
            "_la alice: lvl_trace gossip log news_snappy",
            Until("ev", "topic joined"),
            "_peers bob: lvl_trace gossip list-peers news_snappy",
            "_pub bob: lvl_trace gossip publish news_snappy 010203",
            Until("la", "new message"),
            "_la cancel",
            Until("ev", "topic left"),
            "_ev cancel",
            Until("ev", "Stopped listening"),
            "_leave bob: lvl_trace gossip leave news_snappy",
        ),
    ),
    # rpc.
    Case("rpc status", _exchange("status", STATUS, f"chunk raw 0 {STATUS}")),
    Case("rpc status raw", _exchange("status", STATUS, f"chunk raw 0 {STATUS}", "--raw")),
    Case("rpc ping", _exchange("ping", "0100000000000000", "chunk raw 0 0200000000000000", "--compression=snappy")),
    Case("rpc metadata", _exchange("metadata", '""', "chunk raw 0 01000000000000000200000000000000")),
    Case(
        "rpc goodbye kept",
        (
            *PAIR,
            "_listen alice: lvl_trace rpc goodbye listen --drop=false",
            _request("goodbye", "0100000000000000", "--max-chunks=1"),
            "_req next",
            "_listen next",
            "_resp alice: lvl_trace rpc goodbye resp chunk raw 0 0300000000000000 --done=false",
            "_req next",
            "_close alice: lvl_trace rpc goodbye close 0",
            Until("listen", "Responded!"),
        ),
    ),
    Case(
        "rpc goodbye dropped",
        (
            *PAIR,
            "_listen alice: lvl_trace rpc goodbye listen",
            _request("goodbye", "0100000000000000"),
            Until("listen", "dropping"),
            "_req next",
            Until("req", "Completed request"),
            "_req next 10ms",
        ),
    ),
    Case(
        "rpc blocks by range",
        _exchange(
            "blocks-by-range", "010000000000000002000000000000000300000000000000", "chunk raw 0 0102 --done", "--raw"
        ),
    ),
    Case("rpc blocks by root", _exchange("blocks-by-root", "33" * 64, "chunk raw 0 0102 --done", "--raw")),
    Case("rpc status too short", _exchange("status", STATUS, "chunk raw 0 0102030405")),
    Case("rpc metadata too short", _exchange("metadata", '""', "chunk raw 0 0102030405060708")),
    Case("rpc ping too short", _exchange("ping", "0100000000000000", "chunk raw 0 01")),
    Case("rpc ping too long", _exchange("ping", "0100000000000000", "chunk raw 0 0100000000000000ff")),
    Case(
        "rpc ping much too long",
        (
            *PAIR,
            "_listen alice: lvl_trace rpc ping listen",
            _request("ping", "0100000000000000"),
            "_req next",
            Until("listen", "Received a request"),
            "_listen next",
            f"_resp alice: lvl_trace rpc ping resp chunk raw 0 {'01' * 300}",
            Until("listen", "Responded!"),
            Until("req", "failed to make request"),
        ),
    ),
    Case("rpc server error", _exchange("status", STATUS, 'server-error 0 "no <way>"')),
    Case("rpc invalid request", _exchange("ping", "0100000000000000", "invalid-request 0 bad --result-code=1")),
    Case("rpc unknown code", _exchange("ping", "0100000000000000", "chunk raw 0 01 --result-code=140")),
    *(
        Case(
            f"rpc {method} errors and close",
            (
                *PAIR,
                f"_listen alice: lvl_trace rpc {method} listen --drop=false --read=false --compression=none",
                _request(method, "33" * 32, "--compression=none", "--max-chunks=1"),
                "_req next",
                Until("listen", "Received a request"),
                "_listen next",
                f"_a alice: lvl_trace rpc {method} resp invalid-request 0 one --done=false --result-code=2",
                "_req next",
                Until("req", "Completed request"),
                f"_b alice: lvl_trace rpc {method} resp server-error 0 two --done=false",
                f"_c alice: lvl_trace rpc {method} close 0",
                Until("listen", "Responded!"),
                f"_d alice: lvl_trace rpc {method} close 0",
                f"_e alice: lvl_trace rpc {method} close x",
                f"_f alice: lvl_trace rpc {method} resp chunk raw 0 00",
            ),
        )
        for method in _METHODS
    ),
    Case(
        "rpc bad request data",
        (
            *PAIR,
            "_listen alice: lvl_trace rpc status listen",
            _request("status", "00"),
            "_req next",
            Until("listen", "Received a request"),
            "_listen next",
            "_c alice: lvl_trace rpc status close 0",
            Until("req", "Completed request"),
            "_req next 10ms",
            _request("status", "zz", name="bad"),
            _request("status", "00", "--compression=zip", name="bad2"),
        ),
    ),
    # After one request of a wrong length a Rumor's listener reads no request any more.
    *(
        Case(
            f"rpc {method} {flag} after a wrong length".replace("  ", " "),
            (
                *PAIR,
                f"_listen alice: lvl_trace rpc {method} listen --drop {flag}",
                _request(method, "00", name="bad"),
                Until("listen", "dropping"),
                _request(method, good, name="good"),
                "_good next",
                Until("good", "Completed request"),
            ),
            unordered=("listen",),
        )
        for method, good, flag in (
            ("status", STATUS, ""),
            ("status", STATUS, "--raw"),
            ("ping", "0100000000000000", ""),
            ("blocks-by-range", "01" * 24, ""),
        )
    ),
    Case(
        "rpc no answer in time",
        (
            *PAIR,
            "_listen alice: lvl_trace rpc status listen --timeout=200ms",
            _request("status", STATUS),
            "_req next",
            Until("listen", "Received a request"),
            "_listen next",
            Until("req", "Completed request"),
            f"_late alice: lvl_trace rpc status resp chunk raw 0 {STATUS}",
        ),
    ),
    Case(
        "rpc not supported or not known",
        (
            *PAIR,
            _request("status", STATUS),
            Until("req", "failed to make request"),
            "_req next 10ms",
            f"_far bob: lvl_trace rpc status req raw {CAROL} {STATUS}",
            Until("far", "failed to make request"),
            f"_self bob: lvl_trace rpc status req raw {BOB} {STATUS}",
            Until("self", "failed to make request"),
            "_req cancel",
        ),
    ),
    Case(
        "rpc connects by itself",
        (
            *PAIR,
            f"_dis bob: lvl_trace peer disconnect {ALICE}",
            "_serve alice: lvl_trace peer status serve",
            f"_req bob: lvl_trace peer status req {ALICE}",
            "_list bob: lvl_trace peer list",
        ),
    ),
    Case(
        "rpc listener cancelled with a request waiting for its answer",
        (
            *PAIR,
            "_listen alice: lvl_trace rpc ping listen",
            _request("ping", "0100000000000000"),
            "_req next",
            Until("listen", "Received a request"),
            "_listen next",
            "_listen cancel",
            Until("req", "Completed request"),
        ),
        unordered=("listen",),
    ),
)


def run(case: Case, command: list[str]) -> Record:
    """Run a case on a fresh process; what came of it, comparable."""
    ports = {name: str(free_port()) for name in PORTS}
    with Driver(command, level=case.level) as driver:
        for step in case.steps:
            if isinstance(step, Until):
                driver.wait(step.seen)
                continue
            text = step.line if isinstance(step, Background) else step
            for name, port in ports.items():
                text = text.replace(name, port)
            # below the trace level there is no mark to wait for, and none needed: lines run one after the other
            if isinstance(step, Background) or case.level != "trace":
                driver.send(text)
            else:
                driver.do(text)
        status = driver.end(by_exit=case.by_exit)
    names = {f"{before}{port}": f"{before}{name}" for name, port in ports.items() for before in ("tcp/", "tcp=", ":")}
    binary = {
        base64.b64encode(Multiaddr.tcp("127.0.0.1", int(port)).binary()).decode(): f"<{n}>" for n, port in ports.items()
    }
    enrs = {e["enr"]: "<enr>" for e in driver.entries if "enr" in e} if case.new_records else {}
    result = record(driver.entries, names | binary | enrs)
    for call in case.unordered:
        entries = result["session"] if call == "session" else result["calls"].get(call, [])
        entries.sort(key=str)
    return {**result, "exit": status}
