package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"
)

const blockSize = 1024

func parseAddress(text string) (multiaddr.Multiaddr, error) { return multiaddr.NewMultiaddr(text) }

// generated is the data that all programs make by one rule: see ../README.md.
func generated(seed uint32, size int64) io.Reader {
	return io.LimitReader(&generator{seed: seed}, size)
}

type generator struct {
	seed, number uint32
	rest         []byte
	block        [blockSize]byte
}

func (g *generator) Read(into []byte) (int, error) {
	if len(g.rest) == 0 {
		binary.BigEndian.PutUint32(g.block[:], g.seed)
		binary.BigEndian.PutUint32(g.block[4:], g.number)
		for i := 8; i < blockSize; i++ {
			g.block[i] = byte(i % 251)
		}
		g.number++
		g.rest = g.block[:]
	}
	n := copy(into, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

func digest(data io.Reader) (string, int64, error) {
	h := sha256.New()
	size, err := io.Copy(h, data)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

// serve offers the protocols that all programs have, and those of eth2.
func (p *Program) serve() error {
	handlers := map[string]func(network.Stream) error{
		"/test/echo/1":   echo,
		"/test/hash/1":   hashAll,
		"/test/sized/1":  sized,
		"/test/chunks/1": chunks,
		"/test/early/1":  p.early,
		"/test/reset/1":  func(s network.Stream) error { return errors.New("as asked") },
		"/test/silent/1": silent,
	}
	for id, handler := range p.eth2Handlers() {
		handlers[id] = handler
	}
	for id, handler := range handlers {
		p.host.SetStreamHandler(protocol.ID(id), func(s network.Stream) {
			if err := handler(s); err != nil {
				s.Reset()
			} else {
				s.Close()
			}
		})
	}
	return nil
}

func echo(s network.Stream) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{s}, struct{ io.Reader }{s}, make([]byte, 64<<10))
	return err
}

// sized sends a message back as soon as it has all of it, as requests of eth2 are read: by the length, not to the end.
func sized(s network.Stream) error {
	size := make([]byte, 1)
	if _, err := io.ReadFull(s, size); err != nil {
		return err
	}
	message := make([]byte, size[0])
	if _, err := io.ReadFull(s, message); err != nil {
		return err
	}
	_, err := s.Write(message)
	return err
}

func hashAll(s network.Stream) error {
	sum, size, err := digest(s)
	if err != nil {
		return err
	}
	return json.NewEncoder(s).Encode(Fields{"sha256": sum, "size": size})
}

func chunks(s network.Stream) error {
	var asked struct {
		Count uint32 `json:"count"`
		Size  uint32 `json:"size"`
		Pause int64  `json:"pause_ms"`
	}
	request, err := io.ReadAll(io.LimitReader(s, 4096))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(request, &asked); err != nil {
		return err
	}
	for i := range asked.Count {
		chunk := bytes.NewBuffer(binary.BigEndian.AppendUint32(nil, asked.Size))
		if _, err := chunk.ReadFrom(generated(i, int64(asked.Size))); err != nil {
			return err
		}
		if _, err := s.Write(chunk.Bytes()); err != nil {
			return err
		}
		time.Sleep(time.Duration(asked.Pause) * time.Millisecond)
	}
	return nil
}

// early answers and closes its side before it reads: the other half-close.
func (p *Program) early(s network.Stream) error {
	if _, err := s.Write([]byte("early")); err != nil {
		return err
	}
	if err := s.CloseWrite(); err != nil {
		return err
	}
	sum, size, err := digest(s)
	if err == nil {
		p.write(Fields{"event": "read_all", "peer": s.Conn().RemotePeer().String(), "sha256": sum, "size": size})
	}
	return err
}

// silent reads nothing and says nothing until the connection ends, ten minutes at most.
func silent(s network.Stream) error {
	for range 600 {
		if s.Conn().IsClosed() {
			break
		}
		time.Sleep(time.Second)
	}
	return errors.New("over")
}

func (p *Program) open(ctx context.Context, id peer.ID, name string) (network.Stream, error) {
	s, err := p.host.NewStream(network.WithNoDial(ctx, "told not to"), id, protocol.ID(name))
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		s.SetDeadline(deadline)
	}
	return s, nil
}

// exchange writes all of data, closes the writing side, and meanwhile reads to the end.
func (p *Program) exchange(ctx context.Context, id peer.ID, name string, data io.Reader, into io.Writer) error {
	s, err := p.open(ctx, id, name)
	if err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() {
		out := bufio.NewWriterSize(s, 64<<10)
		_, err := io.Copy(out, data)
		if err == nil {
			err = out.Flush()
		}
		if err == nil {
			err = s.CloseWrite()
		}
		if err != nil {
			s.Reset()
		}
		written <- err
	}()
	_, readError := io.Copy(into, s)
	if readError != nil {
		s.Reset()
	}
	if err := <-written; err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if readError != nil {
		return fmt.Errorf("read: %w", readError)
	}
	return s.Close()
}

func (p *Program) request(ctx context.Context, id peer.ID, c *Command) (Fields, error) {
	data := generated(0, c.DataSize)
	if c.DataSize == 0 {
		raw, err := hex.DecodeString(c.DataHex)
		if err != nil {
			return nil, err
		}
		data = bytes.NewReader(raw)
	}
	if c.Read == "hash" {
		h := &counted{Hash: sha256.New()}
		if err := p.exchange(ctx, id, c.Protocol, data, h); err != nil {
			return nil, err
		}
		return Fields{"sha256": hex.EncodeToString(h.Sum(nil)), "size": h.size}, nil
	}
	var answer bytes.Buffer
	if err := p.exchange(ctx, id, c.Protocol, data, &answer); err != nil {
		return nil, err
	}
	return Fields{"data_hex": hex.EncodeToString(answer.Bytes()), "size": answer.Len()}, nil
}

type counted struct {
	hash.Hash
	size int64
}

func (c *counted) Write(data []byte) (int, error) {
	c.size += int64(len(data))
	return c.Hash.Write(data)
}

// many asks for n echoes at once, each of other data, and compares what comes back.
func (p *Program) many(ctx context.Context, id peer.ID, c *Command) (Fields, error) {
	began := time.Now()
	errs := make([]error, c.N)
	var all sync.WaitGroup
	for i := range c.N {
		all.Go(func() {
			want, _, _ := digest(generated(uint32(i), c.Size))
			h := &counted{Hash: sha256.New()}
			if errs[i] = p.exchange(ctx, id, "/test/echo/1", generated(uint32(i), c.Size), h); errs[i] != nil {
				return
			}
			if got := hex.EncodeToString(h.Sum(nil)); got != want {
				errs[i] = fmt.Errorf("%d bytes came back, and not the same", h.size)
			}
		})
	}
	all.Wait()
	failed := []string{}
	for i, err := range errs {
		if err != nil {
			failed = append(failed, fmt.Sprintf("%d: %s", i, err))
		}
	}
	return Fields{"succeeded": c.N - len(failed), "errors": failed, "ms": time.Since(began).Milliseconds()}, nil
}

// load makes c.N requests, at most c.Parallel of them at once, and says how long that took.
func (p *Program) load(ctx context.Context, id peer.ID, c *Command) (Fields, error) {
	data, err := hex.DecodeString(c.DataHex)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	var left atomic.Int64
	left.Store(int64(c.N))
	errs := make([]error, c.Parallel)
	var all sync.WaitGroup
	for i := range c.Parallel {
		all.Go(func() {
			for errs[i] == nil && left.Add(-1) >= 0 {
				var answer bytes.Buffer
				errs[i] = p.plain(ctx, id, c.Protocol, data, &answer)
				if errs[i] == nil && answer.Len() == 0 {
					errs[i] = errors.New("an empty answer")
				}
			}
		})
	}
	all.Wait()
	return Fields{"seconds": time.Since(began).Seconds()}, errors.Join(errs...)
}

// plain is an exchange whose few bytes are written before any are read.
func (p *Program) plain(ctx context.Context, id peer.ID, name string, data []byte, into io.Writer) error {
	s, err := p.open(ctx, id, name)
	if err != nil {
		return err
	}
	if _, err = s.Write(data); err == nil {
		err = s.CloseWrite()
	}
	if err == nil {
		_, err = io.Copy(into, s)
	}
	if err != nil {
		s.Reset()
		return err
	}
	return s.Close()
}

// joinCrowd lets c.N hosts of their own dial an address, and keeps them until disperse.
func (p *Program) joinCrowd(ctx context.Context, c *Command) (Fields, error) {
	info, err := peer.AddrInfoFromString(c.Addr)
	if err != nil {
		return nil, err
	}
	for range c.N {
		h, err := libp2p.New(
			libp2p.NoListenAddrs,
			libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport()),
			libp2p.Security(noise.ID, noise.New),
			libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
			libp2p.DisableRelay(),
		)
		if err != nil {
			return nil, err
		}
		p.lock.Lock()
		p.crowd = append(p.crowd, h)
		p.lock.Unlock()
		if err := h.Connect(ctx, *info); err != nil {
			return nil, err
		}
	}
	return Fields{}, nil
}

func (p *Program) disperse() (Fields, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	for _, each := range p.crowd {
		each.Close()
	}
	p.crowd = nil
	return Fields{}, nil
}
