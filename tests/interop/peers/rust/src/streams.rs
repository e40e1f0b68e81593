//! Streams of the protocols that the program serves, and streams that it opens: all that come are served, and any
//! number is opened at once. (`libp2p-stream` drops those that come in a burst, and opens one after the other.)

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use futures::channel::oneshot;
use libp2p::core::transport::PortUse;
use libp2p::core::upgrade::{InboundUpgrade, OutboundUpgrade, UpgradeInfo};
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::swarm::handler::{ConnectionEvent, ConnectionHandlerEvent};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionId, FromSwarm, NetworkBehaviour, NotifyHandler, Stream, StreamProtocol,
    SubstreamProtocol, ToSwarm,
};
use libp2p::PeerId;

pub type Opened = Result<Stream, String>;
pub type Serve = fn(PeerId, StreamProtocol, Stream);

#[derive(Debug)]
pub struct Open {
    pub protocol: StreamProtocol,
    pub reply: oneshot::Sender<Opened>,
}

pub struct Behaviour {
    serve: Serve,
    protocols: Vec<StreamProtocol>,
    opening: VecDeque<(PeerId, Open)>,
}

impl Behaviour {
    pub fn new(protocols: Vec<StreamProtocol>, serve: Serve) -> Self {
        Self { serve, protocols, opening: VecDeque::new() }
    }

    pub fn open(&mut self, peer: PeerId, open: Open) {
        self.opening.push_back((peer, open));
    }

    fn handler(&self, peer: PeerId) -> Handler {
        Handler { peer, serve: self.serve, protocols: self.protocols.clone(), opening: VecDeque::new() }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self, _: ConnectionId, peer: PeerId, _: &Multiaddr, _: &Multiaddr,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(self.handler(peer))
    }

    fn handle_established_outbound_connection(
        &mut self, _: ConnectionId, peer: PeerId, _: &Multiaddr, _: Endpoint, _: PortUse,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(self.handler(peer))
    }

    fn on_swarm_event(&mut self, _: FromSwarm) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: Infallible) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, Open>> {
        match self.opening.pop_front() {
            Some((peer_id, event)) => Poll::Ready(ToSwarm::NotifyHandler { peer_id, handler: NotifyHandler::Any, event }),
            None => Poll::Pending, // what comes later wakes the swarm by the command that brings it
        }
    }
}

pub struct Handler {
    peer: PeerId,
    serve: Serve,
    protocols: Vec<StreamProtocol>,
    opening: VecDeque<Open>,
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Open;
    type ToBehaviour = Infallible;
    type InboundProtocol = Names;
    type OutboundProtocol = Names;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = oneshot::Sender<Opened>;

    fn listen_protocol(&self) -> SubstreamProtocol<Names> {
        SubstreamProtocol::new(Names(self.protocols.clone()), ())
    }

    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn on_behaviour_event(&mut self, open: Open) {
        self.opening.push_back(open);
    }

    fn poll(
        &mut self, _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Names, oneshot::Sender<Opened>, Infallible>> {
        match self.opening.pop_front() {
            Some(Open { protocol, reply }) => Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest {
                protocol: SubstreamProtocol::new(Names(vec![protocol]), reply),
            }),
            None => Poll::Pending,
        }
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<Names, Names, (), oneshot::Sender<Opened>>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(new) => {
                let (stream, protocol) = new.protocol;
                (self.serve)(self.peer, protocol, stream);
            }
            ConnectionEvent::FullyNegotiatedOutbound(new) => {
                let _ = new.info.send(Ok(new.protocol.0));
            }
            ConnectionEvent::DialUpgradeError(failed) => {
                let _ = failed.info.send(Err(format!("{}", failed.error)));
            }
            _ => {}
        }
    }
}

/// Names of protocols, which nothing follows but the stream itself.
pub struct Names(Vec<StreamProtocol>);

impl UpgradeInfo for Names {
    type Info = StreamProtocol;
    type InfoIter = std::vec::IntoIter<StreamProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.clone().into_iter()
    }
}

impl InboundUpgrade<Stream> for Names {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        ready(Ok((stream, protocol)))
    }
}

impl OutboundUpgrade<Stream> for Names {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        ready(Ok((stream, protocol)))
    }
}
