"""Several clients, calls of others, actors: which client owns what."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pyrum_sync import Actor, CallEnded, CallTimeout, Rumor
from pyrum_sync.protocol.lines import quote
from tests.conftest import HANG, Background
from tests.real.hosts import eventually, start
from tests.support.servers import RumorServer

pytestmark = pytest.mark.rumor

Start = Callable[[Callable[[], object]], Background]
Names = Callable[[str], str]


@pytest.fixture(params=["tcp", "unix", "ws"])
def other(request: pytest.FixtureRequest, server: RumorServer) -> Rumor:
    """A second client of the same server; for `with`."""
    return Rumor(getattr(server, request.param)(), timeout=HANG)


# -- attach


def test_attach_to_the_call_of_another(client: Rumor, other: Rumor, cast: Callable[[str], Actor]) -> None:
    alice = cast("alice")
    alice.host.start(nat=False)
    notes = alice.host.notify("all")
    with other:
        attached = other.attach(notes.id)
        assert attached.id == notes.id
        assert attached.wait() == {}
        assert other.attach(notes.id) is attached
        assert client.attach(notes.id) is notes
        assert other.calls == {notes.id: attached}

        alice.host.listen(ip="127.0.0.1", tcp=0)  # both hear of it
        addr = notes.addr()
        assert attached.addr() == addr
        assert next(attached.entries())["event"] == "listen_open"

        notes.cancel()
        assert attached.finished()["addr"] == addr
        assert attached.done
        with pytest.raises(CallEnded):
            attached.addr()
        assert list(attached.field("event")) == ["listen_open"]


def test_attached_call_can_be_cancelled(client: Rumor, other: Rumor, cast: Callable[[str], Actor]) -> None:
    alice = cast("alice")
    alice.host.start(nat=False)
    notes = alice.host.notify("all")
    with other, other.attach(notes.id) as attached:
        pass
    assert attached.done
    notes.finished()
    assert notes.id not in client.calls


def test_attached_call_outlives_its_watcher(client: Rumor, server: RumorServer, cast: Callable[[str], Actor]) -> None:
    alice = cast("alice")
    alice.host.start(nat=False)
    notes = alice.host.notify("all")
    with Rumor(server.tcp(), timeout=HANG) as other:
        other.attach(notes.id)
    assert notes.id in alice.calls()
    alice.host.listen(ip="127.0.0.1", tcp=0)
    assert notes.field("event")() == "listen_open"
    assert notes.id in client.calls


def test_attach_to_a_call_that_is_set_up(client: Rumor, server: RumorServer) -> None:
    sleep = client.nowait.sleep("600ms")
    assert sleep.msg() == "sleeping 600ms"
    with Rumor(server.tcp(), timeout=HANG) as other:
        attached = other.attach(sleep.id)
        assert attached.finished() == {"msg": "done sleeping!"}


def test_attach_to_what_is_not_there(client: Rumor, server: RumorServer) -> None:
    over = client.sleep("1ns")
    over.finished()
    assert eventually(lambda: over.id not in server.report()["calls"])
    with pytest.raises(CallEnded, match=over.id):
        client.attach(over.id)
    with pytest.raises(CallEnded, match="no_such_call"):
        client.attach("no_such_call")
    for name in ("_x", "a b", "a;b", "a'b", "a\n", "$x", "a\x80"):
        with pytest.raises(CallEnded, match="the server has no running call"):
            client.attach(name)
    for name in ("", "x:"):
        with pytest.raises(ValueError, match="call id"):
            client.attach(name)


@pytest.mark.parametrize(
    "call_id", ["_y", "_", "__", "a b", "a-b", "a;b", "$x", "a'b", "é", "a\n", "lvl_info", "cancel"]
)
def test_attach_to_any_id_that_is_listed(
    client: Rumor, server: RumorServer, cast: Callable[[str], Actor], call_id: str
) -> None:
    alice = cast("alice")
    alice.host.start(nat=False)
    client.shell(f"{quote('_' + call_id)} {alice.name}: host notify all")
    assert call_id in alice.calls()
    with Rumor(server.tcp(), timeout=HANG) as other:
        attached = other.attach(call_id)
        alice.host.listen(ip="127.0.0.1", tcp=0)
        assert attached.field("event")() == "listen_open"
        attached.cancel()
    assert eventually(lambda: call_id not in alice.calls())


def test_many_attach_at_once(server: RumorServer, cast: Callable[[str], Actor]) -> None:
    alice = cast("alice")
    alice.host.start(nat=False)
    notes = [alice.host.notify("all") for _ in range(8)]
    with Rumor(server.tcp(), timeout=HANG) as other, ThreadPoolExecutor(8) as pool:
        attached = list(pool.map(lambda note: other.attach(note.id), notes))
        alice.host.listen(ip="127.0.0.1", tcp=0)
        assert [call.field("event")() for call in attached] == ["listen_open"] * 8


def test_one_call_attached_to_by_many_threads(client: Rumor, cast: Callable[[str], Actor]) -> None:
    """Whether it is there or not: all of them are told the same."""
    ready = threading.Barrier(4)

    def attach(call_id: str) -> object:
        ready.wait(HANG)
        try:
            return client.attach(call_id)
        except CallEnded:
            return None

    alice = cast("alice")
    alice.host.start(nat=False)
    client.shell(f"_{alice.name.replace('-', '_')} {alice.name}: host notify all")
    with ThreadPoolExecutor(4) as pool:
        for number in range(50):
            assert list(pool.map(attach, [f"no_such_{number}"] * 4)) == [None] * 4
        found = set(pool.map(attach, [alice.name.replace("-", "_")] * 4))
    assert len(found) == 1
    assert None not in found


def test_steps_of_an_attached_listener(client: Rumor, other: Rumor, cast: Callable[[str], Actor]) -> None:
    alice, bob = start(cast("alice")), start(cast("bob"))
    bob.actor.peer.connect(alice.addr)
    listener = alice.actor.rpc.status.listen(raw=True)
    with other:
        attached = other.attach(listener.id)
        with pytest.raises(CallTimeout):
            attached.next(timeout=0.05)
        request = bob.actor.rpc.status.req.raw(alice.peer_id, b"\x01" * 84, raw=True)
        step = attached.next()
        assert step["data"] == "01" * 84
        other.actor(alice.actor.name).rpc.status.resp.chunk.raw(step["req_id"], b"\x02" * 84)
        assert [step.get("data") for step in request] == [None, "02" * 84]
        request.finished()  # its last step comes before that
        listener.cancel()
        assert list(attached) == []
    assert client.calls == {}


# -- calls


def test_calls_in_flight(rumor: Rumor) -> None:
    assert rumor.calls == {}
    alice = rumor.actor("alice")
    alice.host.start(nat=False)
    notes = alice.host.notify("all")
    sleep = rumor.nowait.sleep("1h")
    assert rumor.calls == {notes.id: notes, sleep.id: sleep}
    assert all(call is rumor.calls[call.id] for call in (notes, sleep))
    notes.cancel()
    assert rumor.calls == {sleep.id: sleep}


def test_calls_of_an_actor(server: RumorServer, cast: Callable[[str], Actor]) -> None:
    """As Rumor tells them: those of all its clients."""
    alice, bob = cast("alice"), cast("bob")
    assert alice.calls() == {}
    alice.host.start(nat=False)
    notes = alice.host.notify("listen", "connection")
    mine = {notes.id: {"actor": alice.name, "args": ["host", "notify", "listen", "connection"]}}
    assert eventually(lambda: alice.calls() == mine)
    assert bob.calls() == {}
    with Rumor(server.tcp(), timeout=HANG) as other:
        theirs = other.actor(alice.name).host.notify("all")
        assert set(alice.calls()) == {notes.id, theirs.id} == set(other.actor(alice.name).calls())
    assert eventually(lambda: set(alice.calls()) == {notes.id})  # a client that leaves takes its calls along
    assert server.report()["calls"][notes.id]["args"][:2] == ["host", "notify"]
    notes.cancel()
    assert eventually(lambda: alice.calls() == {})  # Rumor strikes it off just after it says that it is freed


def test_calls_of_many_actors_at_once(cast: Callable[[str], Actor]) -> None:
    actors = [cast("actor") for _ in range(8)]
    notes = {}
    for actor in actors:
        actor.host.start(nat=False)
        notes[actor] = {actor.host.notify("all").id for _ in range(3)}
    with ThreadPoolExecutor(8) as pool:
        for actor, calls in zip(actors * 5, pool.map(lambda actor: actor.calls(), actors * 5), strict=True):
            assert set(calls) == notes[actor]


# -- kill


def test_kill(client: Rumor, server: RumorServer, fresh: Names) -> None:
    alice = client.actor(fresh("alice"))
    first = start(alice)
    notes = alice.host.notify("all")
    listener = alice.rpc.status.listen()
    assert alice.name in server.report()["actors"]
    alice.kill()
    assert alice.name not in server.report()["actors"]
    notes.finished()
    assert listener.finished() == listener.data
    assert list(listener) == []
    with pytest.raises(CallEnded):
        listener.next()

    # The name can be used again, for a new one.
    second = start(alice)
    assert second.peer_id != first.peer_id
    alice.kill()
    alice.kill()  # of nobody: nothing happens


def test_kill_wakes_who_waits(client: Rumor, fresh: Names, background: Start) -> None:
    alice = client.actor(fresh("alice"))
    start(alice)
    listener = alice.rpc.status.listen()
    with pytest.raises(CallTimeout):
        listener.next(timeout=0.05)  # now a `next` is waiting in Rumor
    step = background(listener.next)
    entries = background(lambda: [entry["msg"] for entry in listener.entries()])
    assert next(listener.field("msg").values()) == "Opened listener"
    alice.kill()
    assert isinstance(step.raised(), CallEnded)
    assert entries.value() == ["Opened listener"]


# -- the default actor


def test_default_actor(rumor: Rumor) -> None:
    assert {entry["actor"] for entry in rumor.sleep("1ns").entries()} == {"DEFAULT_ACTOR_ID"}
    alice, bob = rumor.actor("alice"), rumor.actor("bob")
    host = start(alice)
    alice.me()
    assert rumor.host.view().peer_id() == host.peer_id
    assert rumor.nowait.host.view().peer_id() == host.peer_id
    assert rumor.within(HANG).host.view().peer_id() == host.peer_id
    bob.me()
    assert {entry["actor"] for entry in rumor.sleep("1ns").entries()} == {"bob"}
    assert "bob" in rumor.shell("bob: sleep 1ns; sleep 1ns").entries[-1]["actor"]


def test_default_actor_is_each_clients_own(client: Rumor, other: Rumor, cast: Callable[[str], Actor]) -> None:
    alice = cast("alice")
    alice.me()
    with other:
        assert {entry["actor"] for entry in other.sleep("1ns").entries()} == {"DEFAULT_ACTOR_ID"}
        assert {entry["actor"] for entry in client.sleep("1ns").entries()} == {alice.name}


# -- two clients on one server


def test_two_clients_never_mix(server: RumorServer, fresh: Names) -> None:
    """Both start calls from several threads at once; each gets its own, whole and in order, and nothing else."""
    rounds, threads = 60, 4
    ready = threading.Barrier(2 * threads)

    def work(client: Rumor, mine: str) -> None:
        ready.wait(HANG)
        for number in range(rounds):
            name = f"{mine}-{number}"
            call = client.nowait.blocks.rm(name)
            assert [entry.get("name") for entry in call.entries()] == [name]
            assert call.data == {"existed": False, "name": name, "msg": "removed DB"}

    with Rumor(server.tcp(), timeout=HANG) as one, Rumor(server.tcp(), timeout=HANG) as two:
        both = [one, two]
        with ThreadPoolExecutor(2 * threads) as pool:
            jobs = [pool.submit(work, both[n % 2], fresh("client")) for n in range(2 * threads)]
            for job in jobs:
                job.result(HANG)
        assert one.calls == two.calls == {}


def test_two_clients_with_listeners_of_their_own(other: Rumor, cast: Callable[[str], Actor], fresh: Names) -> None:
    """Each answers the requests to its own actor, and asks the actor of the other."""
    with other:
        mine, theirs = start(cast("mine")), start(other.actor(fresh("theirs")))
        mine.actor.peer.connect(theirs.addr)
        with mine.actor.rpc.status.listen(raw=True) as here, theirs.actor.rpc.status.listen(raw=True) as there:
            asked = mine.actor.rpc.status.req.raw(theirs.peer_id, b"\x01" * 84, raw=True)
            asked_by_them = theirs.actor.rpc.status.req.raw(mine.peer_id, b"\x02" * 84, raw=True)
            for host, listener, data in ((mine, here, "02"), (theirs, there, "01")):
                request = listener.next()
                assert request["data"] == data * 84
                host.actor.rpc.status.resp.chunk.raw(request["req_id"], bytes.fromhex(data) * 84)
            assert [step.get("data") for step in asked] == [None, "01" * 84]
            assert [step.get("data") for step in asked_by_them] == [None, "02" * 84]
        theirs.actor.kill()
