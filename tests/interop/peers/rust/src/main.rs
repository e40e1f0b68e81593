//! A rust-libp2p host that obeys lines of JSON on its standard input. See ../README.md.

mod exchange;
mod streams;

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

use futures::channel::oneshot;
use futures::future::join_all;
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::core::upgrade::{SelectUpgrade, Version};
use libp2p::identity::{Keypair, ecdsa, secp256k1};
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, NetworkBehaviour, StreamProtocol, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, Transport, identify, multiaddr, noise, ping, tcp, yamux};
use serde_json::{Value, json};
use tokio::io::AsyncBufReadExt;
use tokio::sync::mpsc;

use exchange::{Generated, Read, SERVED, exchange};
use streams::{Open, Opened};

type Failure = Box<dyn Error + Send + Sync>;

#[derive(NetworkBehaviour)]
struct Behaviour {
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    streams: streams::Behaviour,
}

/// What only the task that has the swarm can do.
enum Task {
    Dial(Multiaddr, oneshot::Sender<Result<Value, String>>),
    Open(PeerId, StreamProtocol, oneshot::Sender<Opened>),
    Identify(PeerId, oneshot::Sender<Option<Value>>),
    Peers(oneshot::Sender<Vec<String>>),
    Disconnect(PeerId, oneshot::Sender<()>),
}

fn write(line: Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

fn option(name: &str, default: &str) -> String {
    let mut arguments = std::env::args();
    arguments.find(|each| each == name).and_then(|_| arguments.next()).unwrap_or(default.into())
}

fn build() -> Result<Swarm<Behaviour>, Failure> {
    let key: Keypair = match option("--key", "secp256k1").as_str() {
        "secp256k1" => secp256k1::Keypair::generate().into(),
        "ecdsa" => ecdsa::Keypair::generate().into(),
        "ed25519" => Keypair::generate_ed25519(),
        other => return Err(format!("no kind of key: {other}").into()),
    };
    let muxer = option("--muxer", "yamux");
    let lazy = option("--lazy", "false") == "true"; // data right behind the proposal of a protocol
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_other_transport(|key| -> Result<_, Failure> {
            let secure = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true))
                .upgrade(if lazy { Version::V1Lazy } else { Version::V1 })
                .authenticate(noise::Config::new(key)?);
            let (yamux, mut mplex) = (yamux::Config::default(), libp2p_mplex::Config::new());
            mplex.set_max_num_streams(1024); // 128 by default, those of both sides together
            Ok(match muxer.as_str() {
                "yamux" => secure.multiplex(yamux).boxed(),
                "mplex" => secure.multiplex(mplex).boxed(),
                "yamux,mplex" => secure.multiplex(SelectUpgrade::new(yamux, mplex)).boxed(),
                other => return Err(format!("no such muxer: {other}").into()),
            })
        })?
        .with_behaviour(|key| Behaviour {
            identify: identify::Behaviour::new(
                identify::Config::new("interop/1".into(), key.public()).with_agent_version("interop-rust".into()),
            ),
            ping: ping::Behaviour::default(),
            streams: streams::Behaviour::new(SERVED.map(StreamProtocol::new).into(), exchange::serve),
        })?
        .with_swarm_config(|config| {
            let config = config.with_idle_connection_timeout(Duration::from_secs(3600));
            if lazy { config.with_substream_upgrade_protocol_override(Version::V1Lazy) } else { config }
        })
        .build();
    Ok(swarm)
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let mut swarm = build()?;
    swarm.listen_on(option("--listen", "/ip4/127.0.0.1/tcp/0").parse()?)?;
    let (tasks, mut coming) = mpsc::channel(1024);
    tokio::spawn(read_commands(tasks));
    let mut dialling: HashMap<ConnectionId, oneshot::Sender<Result<Value, String>>> = HashMap::new();
    let mut known: HashMap<PeerId, Value> = HashMap::new();
    loop {
        tokio::select! {
            task = coming.recv() => match task {
                Some(task) => perform(&mut swarm, task, &mut dialling, &known),
                None => return Ok(()),
            },
            event = swarm.select_next_some() => notice(&swarm, event, &mut dialling, &mut known),
        }
    }
}

fn perform(
    swarm: &mut Swarm<Behaviour>, task: Task, dialling: &mut HashMap<ConnectionId, oneshot::Sender<Result<Value, String>>>,
    known: &HashMap<PeerId, Value>,
) {
    match task {
        Task::Dial(addr, reply) => {
            let Some(multiaddr::Protocol::P2p(peer)) = addr.iter().last() else {
                let _ = reply.send(Err("the address names no peer".into()));
                return;
            };
            let condition = PeerCondition::Disconnected;
            let options = DialOpts::peer_id(peer).addresses(vec![addr]).condition(condition).build();
            let id = options.connection_id();
            if swarm.is_connected(&peer) {
                let _ = reply.send(Ok(json!({"peer": peer.to_string()})));
            } else if let Err(error) = swarm.dial(options) {
                let _ = reply.send(Err(error.to_string()));
            } else {
                dialling.insert(id, reply);
            }
        }
        Task::Open(peer, protocol, reply) => {
            if swarm.is_connected(&peer) {
                swarm.behaviour_mut().streams.open(peer, Open { protocol, reply });
            } else {
                let _ = reply.send(Err("not connected".into()));
            }
        }
        Task::Identify(peer, reply) => drop(reply.send(known.get(&peer).cloned())),
        Task::Peers(reply) => drop(reply.send(swarm.connected_peers().map(PeerId::to_string).collect())),
        Task::Disconnect(peer, reply) => {
            let _ = swarm.disconnect_peer_id(peer);
            let _ = reply.send(());
        }
    }
}

fn notice(
    swarm: &Swarm<Behaviour>, event: SwarmEvent<BehaviourEvent>,
    dialling: &mut HashMap<ConnectionId, oneshot::Sender<Result<Value, String>>>, known: &mut HashMap<PeerId, Value>,
) {
    match event {
        SwarmEvent::NewListenAddr { address, .. } => {
            let addr = address.with(multiaddr::Protocol::P2p(*swarm.local_peer_id()));
            let versions = json!({"libp2p": "0.57.1", "libp2p-mplex": "0.44.0"});
            write(json!({
                "event": "listening", "peer_id": swarm.local_peer_id().to_string(), "addrs": [addr], "versions": versions,
            }));
        }
        SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
            let mut line = json!({
                "peer": peer_id.to_string(), "addr": endpoint.get_remote_address(),
                "direction": if endpoint.is_dialer() { "outbound" } else { "inbound" },
            });
            if let Some(reply) = dialling.remove(&connection_id) {
                let _ = reply.send(Ok(line.clone()));
            }
            line["event"] = "connected".into();
            write(line);
        }
        SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
            if let Some(reply) = dialling.remove(&connection_id) {
                let _ = reply.send(Err(error.to_string()));
            }
        }
        SwarmEvent::IncomingConnectionError { error, .. } => {
            write(json!({"event": "not_accepted", "error": error.to_string()}));
        }
        SwarmEvent::ConnectionClosed { peer_id, cause, .. } => {
            let cause = cause.map(|each| each.to_string());
            write(json!({"event": "disconnected", "peer": peer_id.to_string(), "error": cause}));
        }
        SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. })) => {
            let protocols: Vec<&str> = info.protocols.iter().map(AsRef::as_ref).collect();
            let found = json!({
                "agent": info.agent_version, "protocol_version": info.protocol_version, "protocols": protocols,
                "addrs": info.listen_addrs, "observed": info.observed_addr,
                "key_type": info.public_key.key_type().to_string(),
            });
            known.insert(peer_id, found);
            write(json!({"event": "identified", "peer": peer_id.to_string()}));
        }
        SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Error { peer_id, error, .. })) => {
            write(json!({"event": "not_identified", "peer": peer_id.to_string(), "error": error.to_string()}));
        }
        SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event { peer, result, .. })) => {
            let (rtt, error) = (result.as_ref().ok().map(Duration::as_micros), result.as_ref().err().map(|e| e.to_string()));
            write(json!({"event": "pinged", "peer": peer.to_string(), "rtt_us": rtt, "error": error}));
        }
        _ => {}
    }
}

async fn read_commands(tasks: mpsc::Sender<Task>) {
    let mut lines = tokio::io::BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let command: Value = match serde_json::from_str(&line) {
            Ok(command) => command,
            Err(error) => {
                write(json!({"event": "error", "error": error.to_string()}));
                continue;
            }
        };
        if command["cmd"] == "close" {
            write(json!({"id": command["id"], "ok": true}));
            break;
        }
        tokio::spawn(obey(tasks.clone(), command));
    }
    std::process::exit(0);
}

async fn obey(tasks: mpsc::Sender<Task>, command: Value) {
    let limit = Duration::from_millis(command["timeout_ms"].as_u64().unwrap_or(30_000));
    let mut answer = match tokio::time::timeout(limit, act(&tasks, &command)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => json!({"error": error.to_string()}),
        Err(_) => json!({"error": "timed out"}),
    };
    answer["id"] = command["id"].clone();
    answer["ok"] = answer.get("error").is_none().into();
    write(answer);
}

async fn ask<T>(tasks: &mpsc::Sender<Task>, make: impl FnOnce(oneshot::Sender<T>) -> Task) -> Result<T, Failure> {
    let (reply, answer) = oneshot::channel();
    tasks.send(make(reply)).await?;
    answer.await.map_err(|_| "the connection has ended".into())
}

async fn open(tasks: &mpsc::Sender<Task>, peer: PeerId, protocol: &str) -> Result<libp2p::swarm::Stream, Failure> {
    let protocol = StreamProtocol::try_from_owned(protocol.into())?;
    Ok(ask(tasks, |reply| Task::Open(peer, protocol, reply)).await??)
}

async fn act(tasks: &mpsc::Sender<Task>, command: &Value) -> Result<Value, Failure> {
    let text = |name: &str| command[name].as_str().unwrap_or_default();
    let number = |name: &str| command[name].as_u64().unwrap_or(0);
    match text("cmd") {
        "dial" => {
            let addr = text("addr").parse()?;
            return Ok(ask(tasks, |reply| Task::Dial(addr, reply)).await??);
        }
        "peers" => return Ok(json!({"peers": ask(tasks, Task::Peers).await?})),
        _ => {}
    }
    let peer: PeerId = text("peer").parse()?;
    match text("cmd") {
        "request" => {
            let stream = open(tasks, peer, text("protocol")).await?;
            let pieces: Box<dyn Iterator<Item = Vec<u8>> + Send> = match number("data_size") {
                0 => Box::new([hex::decode(text("data_hex"))?].into_iter()),
                size => Box::new(Generated::new(0, size)),
            };
            let read = if text("read") == "hash" { Read::default() } else { Read::whole() };
            Ok(exchange(stream, pieces, read).await?.described())
        }
        "many" => {
            let (began, size) = (Instant::now(), number("size"));
            let one = async |seed: u32| -> Result<(), Failure> {
                let stream = open(tasks, peer, "/test/echo/1").await?;
                let read = exchange(stream, Generated::new(seed, size), Read::whole()).await?;
                let same = read.described()["data_hex"]
                    == hex::encode(Generated::new(seed, size).flatten().collect::<Vec<u8>>());
                if same { Ok(()) } else { Err("not the same came back".into()) }
            };
            let results = join_all((0..number("n") as u32).map(one)).await;
            let failed = results.iter().enumerate().filter_map(|(i, each)| Some(format!("{i}: {}", each.as_ref().err()?)));
            let errors: Vec<String> = failed.collect();
            let ms = began.elapsed().as_millis() as u64;
            Ok(json!({"succeeded": results.len() - errors.len(), "errors": errors, "ms": ms}))
        }
        "identify" => Ok(ask(tasks, |reply| Task::Identify(peer, reply)).await?.ok_or("not identified")?),
        "ping" => {
            let mut stream = open(tasks, peer, "/ipfs/ping/1.0.0").await?;
            let (began, sent, mut back) = (Instant::now(), [7; 32], [0; 32]);
            stream.write_all(&sent).await?;
            stream.flush().await?;
            stream.read_exact(&mut back).await?;
            stream.close().await?;
            if sent == back { Ok(json!({"rtt_us": began.elapsed().as_micros() as u64})) } else { Err("other bytes".into()) }
        }
        "disconnect" => {
            ask(tasks, |reply| Task::Disconnect(peer, reply)).await?;
            Ok(json!({}))
        }
        other => Err(format!("no such command: {other}").into()),
    }
}
