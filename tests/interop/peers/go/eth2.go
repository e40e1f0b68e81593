package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/golang/snappy"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	requestPrefix = "/eth2/beacon_chain/req/"
	requestSuffix = "/ssz_snappy"
	maxPayload    = 10 << 20
)

// The two forks of the blocks: up to slot 63, and from slot 64.
var forkDigests = [2][]byte{{0x01, 0xeb, 0x31, 0x00}, {0xb7, 0x6b, 0xa6, 0x06}}

func le(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }

func repeated(value byte, n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = value
	}
	return data
}

func joined(parts ...[]byte) []byte {
	var all []byte
	for _, each := range parts {
		all = append(all, each...)
	}
	return all
}

// What it always answers. ../README.md names the values.
var (
	status1   = joined(forkDigests[1], repeated(0x11, 32), le(7), repeated(0x22, 32), le(300))
	status2   = joined(status1, le(5))
	metadata2 = joined(le(9), repeated(0xa5, 8), []byte{0x0f})
	metadata3 = joined(metadata2, le(4))
)

// block is something that begins like a SignedBeaconBlock; its body grows with the slot.
func block(slot uint64) []byte {
	head := joined(
		[]byte{100, 0, 0, 0}, repeated(0x33, 96), le(slot), le(slot%16), repeated(0x44, 32), repeated(0x55, 32),
		[]byte{84, 0, 0, 0},
	)
	body, _ := io.ReadAll(generated(uint32(slot), int64(slot%70)*2000))
	return append(head, body...)
}

// eth2Handlers read a request to its end, report it as an event, and answer.
func (p *Program) eth2Handlers() map[string]func(network.Stream) error {
	one := func(answer []byte) func(network.Stream, []byte) error {
		return func(s network.Stream, _ []byte) error { return writeChunk(s, 0, nil, answer) }
	}
	answers := map[string]func(network.Stream, []byte) error{
		"status/1":   one(status1),
		"status/2":   one(status2),
		"metadata/2": one(metadata2),
		"metadata/3": one(metadata3),
		"ping/1":     one(le(9)),
		"goodbye/1":  func(network.Stream, []byte) error { return nil },
		"beacon_blocks_by_range/2": func(s network.Stream, request []byte) error {
			if len(request) != 24 || binary.LittleEndian.Uint64(request[8:]) > 1024 {
				return writeChunk(s, 1, nil, []byte("a range has 24 bytes and 1024 blocks at most"))
			}
			first := binary.LittleEndian.Uint64(request)
			for i := range binary.LittleEndian.Uint64(request[8:]) {
				fork := min((first+i)/64, 1)
				if err := writeChunk(s, 0, forkDigests[fork], block(first+i)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	handlers := map[string]func(network.Stream) error{}
	for name, answer := range answers {
		handlers[requestPrefix+name+requestSuffix] = func(s network.Stream) error {
			var request []byte
			var err error
			if !strings.HasPrefix(name, "metadata/") {
				if request, err = readPayload(s); err != nil {
					return writeChunk(s, 1, nil, []byte(err.Error()))
				}
			}
			rest, err := io.ReadAll(io.LimitReader(s, 1024))
			if err != nil {
				return err
			}
			p.write(Fields{
				"event": "eth2_request", "peer": s.Conn().RemotePeer().String(), "protocol": string(s.Protocol()),
				"ssz_hex": hex.EncodeToString(request), "rest_hex": hex.EncodeToString(rest),
			})
			return answer(s, request)
		}
	}
	return handlers
}

func writeChunk(w io.Writer, result byte, context, ssz []byte) error {
	if _, err := w.Write(joined([]byte{result}, context)); err != nil {
		return err
	}
	return writePayload(w, ssz)
}

func writePayload(w io.Writer, ssz []byte) error {
	if _, err := w.Write(binary.AppendUvarint(nil, uint64(len(ssz)))); err != nil {
		return err
	}
	frames := snappy.NewBufferedWriter(w)
	if _, err := frames.Write(ssz); err != nil {
		return err
	}
	return frames.Close()
}

// bytewise reads no byte more than it was asked for.
type bytewise struct{ io.Reader }

func (b bytewise) ReadByte() (byte, error) {
	var one [1]byte
	_, err := io.ReadFull(b, one[:])
	return one[0], err
}

func readPayload(r io.Reader) ([]byte, error) {
	size, err := binary.ReadUvarint(bytewise{r})
	if err != nil {
		return nil, fmt.Errorf("length: %w", err)
	}
	if size > maxPayload {
		return nil, fmt.Errorf("%d bytes are too many", size)
	}
	ssz := make([]byte, size)
	if _, err := io.ReadFull(snappy.NewReader(r), ssz); err != nil {
		return nil, fmt.Errorf("frames: %w", err)
	}
	return ssz, nil
}

// eth2Request asks, and reads all chunks of the answer.
func (p *Program) eth2Request(ctx context.Context, id peer.ID, c *Command) (Fields, error) {
	s, err := p.open(ctx, id, c.Protocol)
	if err != nil {
		return nil, err
	}
	defer s.Reset()
	if c.SSZHex != nil {
		ssz, err := hex.DecodeString(*c.SSZHex)
		if err != nil {
			return nil, err
		}
		if err := writePayload(s, ssz); err != nil {
			return nil, err
		}
	}
	if err := s.CloseWrite(); err != nil {
		return nil, err
	}
	found := []Fields{}
	for {
		result, err := bytewise{s}.ReadByte()
		if errors.Is(err, io.EOF) {
			return Fields{"chunks": found}, s.Close()
		}
		if err != nil {
			return nil, err
		}
		var digest [4]byte
		context := []byte{}
		if c.Context && result == 0 {
			if _, err := io.ReadFull(s, digest[:]); err != nil {
				return nil, fmt.Errorf("context: %w", err)
			}
			context = digest[:]
		}
		ssz, err := readPayload(s)
		if err != nil {
			return nil, fmt.Errorf("chunk %d: %w", len(found), err)
		}
		found = append(found, Fields{
			"result": result, "context": hex.EncodeToString(context), "ssz_hex": hex.EncodeToString(ssz),
		})
	}
}
