package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/golang/snappy"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
)

// Gossip is what the host publishes and hears.
type Gossip struct {
	program *Program
	pubsub  *pubsub.PubSub
	lock    sync.Mutex
	topics  map[string]*pubsub.Topic
	heard   map[string]*pubsub.Subscription
}

func newGossip(p *Program, sign string) (*Gossip, error) {
	var options []pubsub.Option
	switch sign {
	case "strict":
	case "none":
		options = append(
			options, pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign), pubsub.WithNoAuthor(),
			pubsub.WithMessageIdFn(altairID),
		)
	default:
		return nil, fmt.Errorf("no such policy: %s", sign)
	}
	router, err := pubsub.NewGossipSub(context.Background(), p.host, options...)
	if err != nil {
		return nil, err
	}
	return &Gossip{
		program: p, pubsub: router, topics: map[string]*pubsub.Topic{}, heard: map[string]*pubsub.Subscription{},
	}, nil
}

// altairID is the message id of eth2 since Altair.
func altairID(m *pb.Message) string {
	domain, data := []byte{1, 0, 0, 0}, m.GetData()
	if plain, err := snappy.Decode(nil, data); err == nil {
		data = plain
	} else {
		domain = []byte{0, 0, 0, 0}
	}
	topic := []byte(m.GetTopic())
	size := binary.LittleEndian.AppendUint64(nil, uint64(len(topic)))
	sum := sha256.Sum256(joined(domain, size, topic, data))
	return string(sum[:20])
}

func (g *Gossip) topic(name string) (*pubsub.Topic, error) {
	g.lock.Lock()
	defer g.lock.Unlock()
	if g.topics[name] == nil {
		topic, err := g.pubsub.Join(name)
		if err != nil {
			return nil, err
		}
		g.topics[name] = topic
	}
	return g.topics[name], nil
}

func (g *Gossip) do(ctx context.Context, c *Command) (Fields, error) {
	topic, err := g.topic(c.Topic)
	if err != nil {
		return nil, err
	}
	switch c.Cmd {
	case "subscribe":
		subscription, err := topic.Subscribe()
		if err != nil {
			return nil, err
		}
		g.lock.Lock()
		g.heard[c.Topic] = subscription
		g.lock.Unlock()
		go g.hear(subscription)
	case "unsubscribe":
		g.lock.Lock()
		defer g.lock.Unlock()
		if subscription := g.heard[c.Topic]; subscription != nil {
			subscription.Cancel()
			delete(g.heard, c.Topic)
		}
	case "publish":
		data, err := hex.DecodeString(c.DataHex)
		if err != nil {
			return nil, err
		}
		return Fields{}, topic.Publish(ctx, data)
	case "topic_peers":
		peers := []string{}
		for _, each := range topic.ListPeers() {
			peers = append(peers, each.String())
		}
		return Fields{"peers": peers}, nil
	}
	return Fields{}, nil
}

func (g *Gossip) hear(subscription *pubsub.Subscription) {
	for {
		m, err := subscription.Next(context.Background())
		if err != nil {
			return
		}
		g.program.write(Fields{
			"event": "message", "topic": m.GetTopic(), "data_hex": hex.EncodeToString(m.GetData()),
			"message_id": hex.EncodeToString([]byte(m.ID)), "received_from": m.ReceivedFrom.String(),
			"from": m.GetFrom().String(), "signed": len(m.Signature) > 0, "seqno": hex.EncodeToString(m.GetSeqno()),
		})
	}
}
