import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { listenOn, type WebServerOptions, webServer } from './web-server.ts'

const IDLE_MILLISECONDS = 200
const LONGER_MILLISECONDS = 4 * IDLE_MILLISECONDS

async function open(
  listener: RequestListener,
  options: Partial<WebServerOptions> = {},
): Promise<{ server: Server; port: number }> {
  const listen = { host: '127.0.0.1', port: 0 }
  const all = { listen, limits: {}, log: () => {}, idleMilliseconds: IDLE_MILLISECONDS, ...options }
  const server = webServer(all, listener)
  return { server, port: await listenOn(server, listen) }
}

/** Everything that comes until the server ends it. */
async function untilClosed(socket: Socket): Promise<string> {
  let answer = ''
  socket.on('data', chunk => {
    answer += chunk
  })
  socket.on('error', () => {})
  await closing(socket)
  return answer
}

/** A reset is a way to close. */
const closing = (socket: Socket) =>
  new Promise<void>(resolve => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })

const drained: RequestListener = (request, response) => {
  request.resume().on('end', () => response.end('done'))
}

describe('a client that stops (T-DOS-02, T-LIM-01)', () => {
  it('loses its connection in the middle of its body', async () => {
    const { server, port } = await open(drained)
    const socket = connect(port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nbegun')
    assert.equal(await untilClosed(socket), '')
    server.close()
  })

  it('loses it while it does not read its answer', async () => {
    const { server, port } = await open((_, response) => {
      for (let i = 0; i < 256; i++) response.write(Buffer.alloc(256 * 1024))
      response.end()
    })
    const closed = once(server, 'connection').then(([socket]) => closing(socket))
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await closed
    socket.destroy()
    server.close()
  })

  it('keeps it while its bytes go on, however slowly', async () => {
    const { server, port } = await open(drained)
    const socket = connect(port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 8\r\n\r\n')
    for (let i = 0; i < 8; i++) {
      await pause(IDLE_MILLISECONDS / 2)
      socket.write('x')
    }
    assert.match(await untilClosed(socket), /^HTTP\/1\.1 200 /)
    server.close()
  })

  it('keeps it while the server works for it', async () => {
    const { server, port } = await open((request, response) => {
      request.resume().on('end', () => setTimeout(() => response.end('done'), LONGER_MILLISECONDS))
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx')
    assert.match(await untilClosed(socket), /^HTTP\/1\.1 200 /)
    server.close()
  })
})

describe('connections of one address (T-DOS-02)', () => {
  const ask = async (port: number, localAddress: string) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    return untilClosed(socket)
  }
  const held = async (port: number, count: number) => {
    const sockets = Array.from({ length: count }, () => connect({ port, host: '127.0.0.1' }))
    await Promise.all(sockets.map(socket => once(socket, 'connect')))
    return sockets
  }

  it('are as many as it may have, and other addresses do not feel it', async () => {
    const { server, port } = await open((_, response) => void response.end('done'), {
      connectionsPerAddress: 3,
      idleMilliseconds: 60_000,
    })
    const sockets = await held(port, 3)
    assert.equal(await ask(port, '127.0.0.1'), '')
    assert.match(await ask(port, '127.0.0.2'), /^HTTP\/1\.1 200 /)
    sockets.shift()?.destroy()
    // The server hears of it a moment later than its client.
    let answer = ''
    while (answer === '') answer = await ask(port, '127.0.0.1')
    assert.match(answer, /^HTTP\/1\.1 200 /)
    for (const socket of sockets) socket.destroy()
    server.close()
  })
})
