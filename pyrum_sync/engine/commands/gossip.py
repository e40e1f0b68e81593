"""``gossip``: topics and their messages (Rumor's control/actor/gossip)."""

from __future__ import annotations

from pyrum_sync.engine.commands.arguments import Option, required
from pyrum_sync.engine.commands.base import Command, Group, Run
from pyrum_sync.engine.commands.option_types import BYTES, PEER_ID, STRING
from pyrum_sync.engine.network.api import Gossip, Message, NetworkError, Topic
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.spec.snappy import compress_block


def _gossip(run: Run) -> Gossip:
    if run.actor.gossip is None:
        raise CommandError("Must start gossip-sub first. Try 'gossip start'")
    return run.actor.gossip


def _topic(run: Run) -> tuple[str, Topic]:
    _gossip(run)
    name = run.args.text("topic")
    topic = run.actor.topics.get(name)
    if topic is None:
        raise CommandError(f"not on gossip topic {name}")
    return name, topic


async def _start(run: Run) -> None:
    host = run.host
    if run.actor.gossip is not None:
        raise CommandError("Already started GossipSub")
    run.actor.gossip = host.start_gossip()
    run.info("Started GossipSub")


async def _list(run: Run) -> None:
    _gossip(run)
    topics = list(run.actor.topics)
    run.info(f"On {len(topics)} topics.", topics=topics)


async def _join(run: Run) -> None:
    gossip = _gossip(run)
    name = run.args.text("topic")
    if name in run.actor.topics:
        raise CommandError(f"already on gossip topic {name}")
    try:
        run.actor.topics[name] = gossip.join(name)
    except NetworkError as error:
        raise CommandError(str(error)) from None
    run.info(f"joined topic {name}")


async def _leave(run: Run) -> None:
    name, topic = _topic(run)
    try:
        topic.close()
    except NetworkError as error:
        raise CommandError(str(error)) from None
    del run.actor.topics[name]


async def _events(run: Run) -> None:
    name, topic = _topic(run)

    def event(peer: str, came: bool) -> None:
        run.info("topic joined" if came else "topic left", peer_id=peer, topic=name)

    run.info(f"Started listening for peer join/leave events for topic {name}")
    observation = topic.observe(event)

    def stop() -> None:
        observation.end()
        run.info(f"Stopped listening for peer join/leave events for topic {name}")

    run.call.register_stop(stop)


async def _list_peers(run: Run) -> None:
    name, topic = _topic(run)
    peers = topic.peers()
    run.info(f"{len(peers)} peers on topic {name}", peers=peers or None)


async def _blacklist(run: Run) -> None:
    gossip = _gossip(run)
    peer = run.args.text("peer-id")
    gossip.blacklist(peer)
    run.info(f"Blacklisted peer {peer}")


async def _log(run: Run) -> None:
    name, topic = _topic(run)

    def heard(message: Message) -> None:
        if message.content is None:
            run.error("Cannot decompress snappy message", topic=name, error="snappy: corrupt input")
            return
        fields = {
            "from": message.received_from,
            "data": message.content.hex(),
            "signature": message.signature.hex(),
            "seq_no": message.seq_no.hex(),
        }
        run.call.log(Level.INFO, f"new message on {name}", fields)

    subscription = topic.subscribe(heard)

    def stop() -> None:
        subscription.end()
        run.info("Stopped gossip logger")

    run.call.register_stop(stop)


async def _publish(run: Run) -> None:
    name, topic = _topic(run)
    data = run.args.data("message")
    topic.publish(compress_block(data) if name.endswith("_snappy") else data)


def _topic_name(what: str) -> Option:
    return required("topic", STRING, f"The name of the topic to {what}")


GOSSIP = Group(
    "Manage Libp2p GossipSub",
    {
        "start": Command("Start GossipSub", _start),
        "list": Command("List joined gossip topics", _list),
        "join": Command(
            "Join a gossip topic. This only sets up the topic, it does not actively find peers. "
            "See `gossip log start` and `gossip publish`.",
            _join,
            (_topic_name("join"),),
        ),
        "events": Command(
            "Listen for events (not messages) on this topic. Events: 'join=<peer-ID>', 'leave=<peer-ID>'",
            _events,
            (_topic_name("track events of"),),
        ),
        "list-peers": Command("List the peers known for the given topic", _list_peers, (_topic_name("list peers of"),)),
        "blacklist": Command(
            "Blacklist a peer from GossipSub", _blacklist, (required("peer-id", PEER_ID, "The peer to blacklist"),)
        ),
        "leave": Command("Leave a gossip topic.", _leave, (_topic_name("leave"),)),
        "log": Command(
            "Log the messages of a gossip topic. Messages are hex-encoded. Join a topic first.",
            _log,
            (_topic_name("log messages of"),),
        ),
        "publish": Command(
            "Publish a message to the topic. The message should be hex-encoded.",
            _publish,
            (
                _topic_name("publish to"),
                required("message", BYTES, "The uncompressed message bytes, hex-encoded", b""),
            ),
        ),
    },
)
