/**
 * What connections may do to an HTTP server: how many from one address, and how long without a byte in either
 * direction (threats T-DOS-02). Headers and whole requests have limits of Node's own.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { callerAt } from './caller.ts'

/** A body that stops coming, an answer that nobody reads. */
export function cutOffIdle(server: Server, idleMilliseconds: number): void {
  const latest = new WeakMap<Socket, [IncomingMessage, ServerResponse]>()
  // Behind whatever listens already: a listener of ours must not answer.
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, [request, response])
  })
  server.setTimeout(idleMilliseconds)
  server.on('timeout', (socket: Socket) => {
    const [request, response] = latest.get(socket) ?? []
    // While we work on a request, whoever asked has nothing to send and nothing to read.
    if (request?.complete && response?.headersSent === false) return
    socket.destroy()
  })
}

/** Whoever has more open loses the new ones. */
export function limitPerAddress(server: Server, most: number): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const caller = callerAt(socket.remoteAddress ?? '')
    const count = open.get(caller) ?? 0
    if (count >= most) {
      socket.destroy()
      return
    }
    open.set(caller, count + 1)
    socket.once('close', () => {
      const left = (open.get(caller) ?? 1) - 1
      if (left === 0) open.delete(caller)
      else open.set(caller, left)
    })
  })
}
