// A go-libp2p host that obeys lines of JSON on its standard input. See ../README.md.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/upgrader"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

// A Command is one line of the standard input.
type Command struct {
	ID        json.RawMessage `json:"id"`
	Cmd       string          `json:"cmd"`
	Addr      string          `json:"addr"`
	Peer      string          `json:"peer"`
	Protocol  string          `json:"protocol"`
	DataHex   string          `json:"data_hex"`
	DataSize  int64           `json:"data_size"`
	Read      string          `json:"read"`
	N         int             `json:"n"`
	Size      int64           `json:"size"`
	TimeoutMs int64           `json:"timeout_ms"`
	SSZHex    *string         `json:"ssz_hex"`
	Context   bool            `json:"context"`
	Topic     string          `json:"topic"`
	Parallel  int             `json:"parallel"`
}

// Fields is what a line of the standard output has.
type Fields map[string]any

// The Program is a host and what it has learnt.
type Program struct {
	host     host.Host
	out      sync.Mutex
	lock     sync.Mutex
	observed map[peer.ID]string
	gossip   *Gossip
	crowd    []host.Host
}

func (p *Program) write(line Fields) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	p.out.Lock()
	defer p.out.Unlock()
	os.Stdout.Write(append(text, '\n'))
}

func main() {
	keyType := flag.String("key", "secp256k1", "identity: secp256k1, ed25519, rsa or ecdsa")
	listen := flag.String("listen", "/ip4/127.0.0.1/tcp/0", "address")
	early := flag.Bool("early", true, "agree on the muxer within the noise handshake")
	sign := flag.String("sign", "", "gossip: strict (signed), none (StrictNoSign, as eth2 has it); empty: no gossip")
	flag.Parse()
	program, err := start(*keyType, *listen, *early, *sign)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var command Command
		if err := json.Unmarshal(lines.Bytes(), &command); err != nil {
			program.write(Fields{"event": "error", "error": err.Error()})
			continue
		}
		if command.Cmd == "close" {
			program.host.Close()
			program.write(Fields{"id": command.ID, "ok": true})
			return
		}
		go program.obey(&command)
	}
}

func start(keyType, listen string, early bool, sign string) (*Program, error) {
	kinds := map[string]int{
		"secp256k1": crypto.Secp256k1, "ed25519": crypto.Ed25519, "rsa": crypto.RSA, "ecdsa": crypto.ECDSA,
	}
	kind, known := kinds[keyType]
	if !known {
		return nil, fmt.Errorf("no kind of key: %s", keyType)
	}
	key, _, err := crypto.GenerateKeyPairWithReader(kind, 2048, rand.Reader)
	if err != nil {
		return nil, err
	}
	var security any = noise.New
	if !early { // the same handshake, which offers no muxers
		security = func(id protocol.ID, key crypto.PrivKey, _ []upgrader.StreamMuxer) (*noise.Transport, error) {
			return noise.New(id, key, nil)
		}
	}
	h, err := libp2p.New(
		libp2p.Identity(key),
		libp2p.NoListenAddrs,
		libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport()),
		libp2p.Security(noise.ID, security),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.DisableRelay(),
		libp2p.UserAgent("interop-go"),
	)
	if err != nil {
		return nil, err
	}
	p := &Program{host: h, observed: map[peer.ID]string{}}
	h.Network().Notify(&network.NotifyBundle{
		ConnectedF:    func(_ network.Network, c network.Conn) { p.write(p.connection("connected", c)) },
		DisconnectedF: func(_ network.Network, c network.Conn) { p.write(p.connection("disconnected", c)) },
	})
	if err := p.watchIdentify(); err != nil {
		return nil, err
	}
	if err := p.serve(); err != nil {
		return nil, err
	}
	if sign != "" {
		if p.gossip, err = newGossip(p, sign); err != nil {
			return nil, err
		}
	}
	address, err := parseAddress(listen)
	if err != nil {
		return nil, err
	}
	if err := h.Network().Listen(address); err != nil {
		return nil, err
	}
	infos, err := peer.AddrInfoToP2pAddrs(host.InfoFromHost(h))
	if err != nil {
		return nil, err
	}
	var addresses []string
	for _, each := range infos {
		addresses = append(addresses, each.String())
	}
	p.write(Fields{"event": "listening", "peer_id": h.ID().String(), "addrs": addresses, "versions": versions()})
	return p, nil
}

// versions are those of the libraries that are put to the test.
func versions() map[string]string {
	found := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, each := range info.Deps {
			switch each.Path {
			case "github.com/libp2p/go-libp2p", "github.com/libp2p/go-libp2p-pubsub":
				found[each.Path[len("github.com/libp2p/"):]] = each.Version
			}
		}
	}
	return found
}

func (p *Program) connection(what string, c network.Conn) Fields {
	state := c.ConnState()
	return Fields{
		"event": what, "peer": c.RemotePeer().String(), "direction": c.Stat().Direction.String(),
		"addr": c.RemoteMultiaddr().String(), "muxer": string(state.StreamMultiplexer),
		"security": string(state.Security), "early": state.UsedEarlyMuxerNegotiation,
	}
}

func (p *Program) watchIdentify() error {
	events, err := p.host.EventBus().Subscribe([]any{
		new(event.EvtPeerIdentificationCompleted), new(event.EvtPeerIdentificationFailed), new(event.EvtPeerProtocolsUpdated),
	})
	if err != nil {
		return err
	}
	go func() {
		for each := range events.Out() {
			switch e := each.(type) {
			case event.EvtPeerIdentificationCompleted:
				if e.ObservedAddr != nil {
					p.lock.Lock()
					p.observed[e.Peer] = e.ObservedAddr.String()
					p.lock.Unlock()
				}
				p.write(Fields{"event": "identified", "peer": e.Peer.String()})
			case event.EvtPeerIdentificationFailed:
				p.write(Fields{"event": "not_identified", "peer": e.Peer.String(), "error": e.Reason.Error()})
			case event.EvtPeerProtocolsUpdated:
				p.write(Fields{"event": "protocols", "peer": e.Peer.String(), "added": e.Added, "removed": e.Removed})
			}
		}
	}()
	return nil
}

func (p *Program) obey(command *Command) {
	limit := time.Duration(command.TimeoutMs) * time.Millisecond
	if limit == 0 {
		limit = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	answer, err := p.do(ctx, command)
	if err != nil {
		answer = Fields{"ok": false, "error": err.Error()}
	} else {
		answer["ok"] = true
	}
	answer["id"] = command.ID
	p.write(answer)
}

func (p *Program) do(ctx context.Context, c *Command) (Fields, error) {
	if c.Cmd == "dial" {
		return p.dial(ctx, c.Addr)
	}
	if c.Cmd == "peers" {
		found := []string{}
		for _, each := range p.host.Network().Peers() {
			found = append(found, each.String())
		}
		return Fields{"peers": found}, nil
	}
	switch c.Cmd {
	case "crowd":
		return p.joinCrowd(ctx, c)
	case "disperse":
		return p.disperse()
	case "subscribe", "unsubscribe", "publish", "topic_peers":
		if p.gossip == nil {
			return nil, errors.New("started without --sign")
		}
		return p.gossip.do(ctx, c)
	}
	id, err := peer.Decode(c.Peer)
	if err != nil {
		return nil, err
	}
	switch c.Cmd {
	case "request":
		return p.request(ctx, id, c)
	case "many":
		return p.many(ctx, id, c)
	case "load":
		return p.load(ctx, id, c)
	case "eth2_request":
		return p.eth2Request(ctx, id, c)
	case "identify":
		return p.identify(id)
	case "ping":
		select {
		case result := <-ping.Ping(ctx, p.host, id):
			return Fields{"rtt_us": result.RTT.Microseconds()}, result.Error
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	case "disconnect":
		return Fields{}, p.host.Network().ClosePeer(id)
	}
	return nil, fmt.Errorf("no such command: %s", c.Cmd)
}

func (p *Program) dial(ctx context.Context, addr string) (Fields, error) {
	info, err := peer.AddrInfoFromString(addr)
	if err != nil {
		return nil, err
	}
	if err := p.host.Connect(network.WithForceDirectDial(ctx, "told to"), *info); err != nil {
		return nil, err
	}
	connections := p.host.Network().ConnsToPeer(info.ID)
	if len(connections) == 0 {
		return nil, errors.New("connected, and at once disconnected")
	}
	answer := p.connection("", connections[0])
	delete(answer, "event")
	return answer, nil
}

func (p *Program) identify(id peer.ID) (Fields, error) {
	store := p.host.Peerstore()
	protocols, err := store.GetProtocols(id)
	if err != nil {
		return nil, err
	}
	addresses := []string{}
	for _, each := range store.Addrs(id) {
		addresses = append(addresses, each.String())
	}
	agent, _ := store.Get(id, "AgentVersion")
	version, _ := store.Get(id, "ProtocolVersion")
	p.lock.Lock()
	defer p.lock.Unlock()
	answer := Fields{
		"agent": agent, "protocol_version": version, "protocols": protocols, "addrs": addresses,
		"observed": p.observed[id],
	}
	if key := store.PubKey(id); key != nil {
		answer["key_type"] = key.Type().String()
	}
	return answer, nil
}
