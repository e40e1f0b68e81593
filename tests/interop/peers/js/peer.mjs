// A js-libp2p host that obeys lines of JSON on its standard input. See ../README.md.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import { mplex } from '@libp2p/mplex'
import { noise } from '@libp2p/noise'
import { peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const { values: options } = parseArgs({
  options: {
    key: { type: 'string', default: 'secp256k1' }, // or ed25519, rsa
    listen: { type: 'string', default: '/ip4/127.0.0.1/tcp/0' },
    muxer: { type: 'string', default: 'yamux' }, // or mplex, or both: yamux,mplex
    // Without those of the library's limits that a test on a busy machine meets: see ../README.md.
    generous: { type: 'string', default: 'false' }
  }
})
const KEYS = { secp256k1: 'secp256k1', ed25519: 'Ed25519', rsa: 'RSA' }
const GENEROUS = options.generous === 'true'
const MUXERS = {
  yamux: () => yamux(),
  mplex: () => mplex(GENEROUS ? { disconnectThreshold: 1e6 } : {})
}
const STREAMS = { maxInboundStreams: 1000, maxOutboundStreams: 1000 }
const BUFFER = 256 << 20 // mplex has no back-pressure

// What is thrown may be the event of a stream's end.
const text = (error) => String(error instanceof Event ? error.error ?? `stream ${error.type}` : error)
const write = (line) => process.stdout.write(JSON.stringify(line) + '\n')

// The data that all programs make by one rule: see ../README.md.
function * generated (seed, size) {
  for (let number = 0, left = size; left > 0; number += 64) {
    const blocks = Buffer.alloc(65536)
    for (let at = 0; at < blocks.length; at++) blocks[at] = (at % 1024) % 251
    for (let i = 0; i < 64; i++) {
      blocks.writeUInt32BE(seed, i * 1024)
      blocks.writeUInt32BE(number + i, i * 1024 + 4)
    }
    yield left < blocks.length ? blocks.subarray(0, left) : blocks
    left -= Math.min(left, blocks.length)
  }
}

// Hands what comes to `take` until the other side has closed its writing side. `for await` over a stream is not
// enough: it waits for ever when that side was closed before the loop began (libp2p 3.3).
function readAll (stream, take) {
  stream.maxReadBufferLength = BUFFER
  return new Promise((resolve, reject) => {
    const over = (event) => {
      if (event?.error != null) reject(event.error)
      else if (stream.status === 'reset' || stream.status === 'aborted') reject(new Error(`stream ${stream.status}`))
      else resolve()
    }
    stream.addEventListener('message', (event) => take(event.data))
    stream.addEventListener('end', over)
    stream.addEventListener('close', over)
    if (stream.readableEnded) over()
  })
}

async function writeAll (stream, pieces) {
  for (const piece of pieces) {
    if (!stream.send(piece)) await stream.onDrain()
  }
  await stream.close()
}

async function hashAll (stream) {
  const hash = createHash('sha256')
  let size = 0
  await readAll(stream, (data) => {
    size += data.byteLength
    hash.update(data.subarray())
  })
  return { sha256: hash.digest('hex'), size }
}

async function readBytes (stream, limit = BUFFER) {
  const parts = []
  let size = 0
  await readAll(stream, (data) => {
    size += data.byteLength
    if (size <= limit) parts.push(data.subarray())
  })
  if (size > limit) throw new Error(`${size} bytes are too many`)
  return Buffer.concat(parts)
}

const node = await createLibp2p({
  privateKey: await generateKeyPair(KEYS[options.key]),
  addresses: { listen: [options.listen] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: options.muxer.split(',').map((name) => MUXERS[name]()),
  nodeInfo: { userAgent: 'interop-js' },
  ...(GENEROUS && {
    connectionManager: { inboundConnectionThreshold: 1e6 },
    connectionMonitor: { abortConnectionOnPingFailure: false }
  }),
  services: { identify: identify(), identifyPush: identifyPush(), ping: ping({ maxInboundStreams: 64 }) }
})

const handlers = {
  '/test/echo/1': async (stream) => {
    await readAll(stream, (data) => {
      if (!stream.send(data) && stream.readStatus === 'readable') {
        stream.pause()
        stream.onDrain().then(() => { if (stream.readStatus === 'paused') stream.resume() }, () => {})
      }
    })
    await stream.close()
  },
  // The echo as a user of the library writes it.
  '/test/await/1': async (stream) => {
    for await (const data of stream) {
      if (!stream.send(data)) await stream.onDrain()
    }
    await stream.close()
  },
  '/test/hash/1': async (stream) => {
    await writeAll(stream, [Buffer.from(JSON.stringify(await hashAll(stream)) + '\n')])
  },
  '/test/chunks/1': async (stream) => {
    const asked = JSON.parse(await readBytes(stream, 4096))
    for (let i = 0; i < asked.count; i++) {
      const size = Buffer.alloc(4)
      size.writeUInt32BE(asked.size)
      if (!stream.send(Buffer.concat([size, ...generated(i, asked.size)]))) await stream.onDrain()
      if (asked.pause_ms > 0) await sleep(asked.pause_ms)
    }
    await stream.close()
  },
  '/test/early/1': async (stream, connection) => {
    const read = hashAll(stream)
    stream.send(Buffer.from('early'))
    await stream.close()
    write({ event: 'read_all', peer: connection.remotePeer.toString(), ...(await read) })
  },
  '/test/reset/1': (stream) => stream.abort(new Error('as asked')),
  '/test/silent/1': () => {}
}
for (const [protocol, handler] of Object.entries(handlers)) {
  await node.handle(protocol, async (stream, connection) => {
    try {
      await handler(stream, connection)
    } catch (error) {
      write({ event: 'handler_failed', protocol, error: text(error) })
      stream.abort(new Error(text(error)))
    }
  }, STREAMS)
}

function described (connection) {
  return {
    peer: connection.remotePeer.toString(),
    direction: connection.direction,
    addr: connection.remoteAddr.toString(),
    muxer: connection.multiplexer,
    security: connection.encryption
  }
}

const known = new Map()
node.addEventListener('connection:open', ({ detail }) => write({ event: 'connected', ...described(detail) }))
node.addEventListener('connection:close', ({ detail }) => write({ event: 'disconnected', ...described(detail) }))
node.addEventListener('peer:identify', ({ detail }) => {
  known.set(detail.peerId.toString(), {
    agent: detail.agentVersion,
    protocol_version: detail.protocolVersion,
    protocols: detail.protocols,
    addrs: detail.listenAddrs.map(String),
    observed: detail.observedAddr?.toString()
  })
  write({ event: 'identified', peer: detail.peerId.toString() })
})

async function open (command, signal) {
  const [connection] = node.getConnections(peerIdFromString(command.peer))
  if (connection == null) throw new Error('not connected')
  const stream = await connection.newStream(command.protocol, { signal, ...STREAMS })
  signal.addEventListener('abort', () => stream.abort(signal.reason))
  return stream
}

// Writes all, closes the writing side, and meanwhile reads to the end.
async function exchange (stream, pieces, read) {
  const reading = read(stream)
  const [answer] = await Promise.all([reading, writeAll(stream, pieces)])
  return answer
}

const commands = {
  async dial ({ addr }, signal) {
    return described(await node.dial(multiaddr(addr), { signal }))
  },
  async request (command, signal) {
    const stream = await open(command, signal)
    const data = command.data_size > 0 ? generated(0, command.data_size) : [Buffer.from(command.data_hex ?? '', 'hex')]
    if (command.read === 'hash') return exchange(stream, data, hashAll)
    const answer = await exchange(stream, data, (each) => readBytes(each))
    return { data_hex: answer.toString('hex'), size: answer.length }
  },
  async many ({ peer, n, size }, signal) {
    const began = Date.now()
    const errors = []
    await Promise.all(Array.from({ length: n }, async (_, i) => {
      try {
        const stream = await open({ peer, protocol: '/test/echo/1' }, signal)
        const want = createHash('sha256')
        for (const piece of generated(i, size)) want.update(piece)
        const got = await exchange(stream, generated(i, size), hashAll)
        if (got.sha256 !== want.digest('hex')) throw new Error(`${got.size} bytes came back, and not the same`)
      } catch (error) {
        errors.push(`${i}: ${text(error)}`)
      }
    }))
    return { succeeded: n - errors.length, errors, ms: Date.now() - began }
  },
  async identify ({ peer }) {
    const found = known.get(peer)
    if (found == null) throw new Error('not identified')
    const { protocols } = await node.peerStore.get(peerIdFromString(peer)) // with what was pushed since
    return { ...found, protocols, key_type: peerIdFromString(peer).type }
  },
  async ping ({ peer }, signal) {
    return { rtt_us: 1000 * await node.services.ping.ping(peerIdFromString(peer), { signal }) }
  },
  async peers () {
    return { peers: node.getPeers().map(String) }
  },
  async disconnect ({ peer }, signal) {
    await node.hangUp(peerIdFromString(peer), { signal })
    return {}
  }
}

async function obey (command) {
  const { id } = command
  try {
    if (!Object.hasOwn(commands, command.cmd)) throw new Error(`no such command: ${command.cmd}`)
    const answer = await commands[command.cmd](command, AbortSignal.timeout(command.timeout_ms ?? 30_000))
    write({ id, ok: true, ...answer })
  } catch (error) {
    write({ id, ok: false, error: text(error) })
  }
}

const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version
const versions = Object.fromEntries(['libp2p', '@libp2p/noise', '@libp2p/yamux', '@libp2p/mplex'].map((name) => [name, version(name)]))
write({ event: 'listening', peer_id: node.peerId.toString(), addrs: node.getMultiaddrs().map(String), versions })

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (command.cmd === 'close') {
    await node.stop()
    write({ id: command.id, ok: true })
    break
  }
  obey(command)
}
process.exit(0)
