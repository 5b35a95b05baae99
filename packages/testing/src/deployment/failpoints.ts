/**
 * The controlling end of the SAM's failpoints: a Unix socket on which the SAM says the name of each point that it
 * comes to, and waits for a line (`sam/src/failpoints.ts`).
 *
 * A test says at which point it wants the SAM to wait; everything else goes on at once. While the SAM waits, the
 * test can kill any process and knows exactly what had been done by then.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Failpoints {
  /** For the plan's member `failpoints`. */
  readonly socket: string
  /** Resolves when the SAM waits at this point, the next time that it comes there. One point at a time. */
  reached(name: string): Promise<void>
  /** Lets the SAM go on from where it waits. */
  release(): void
  close(): Promise<void>
}

interface Wanted {
  readonly name: string
  readonly arrived: () => void
}

export async function openFailpoints(): Promise<Failpoints> {
  const directory = await mkdtemp(join(tmpdir(), 'natsuin-failpoints-'))
  const socket = join(directory, 'socket')
  let wanted: Wanted | undefined
  let waiting: Socket | undefined
  const arrive = (visitor: Socket, name: string) => {
    if (wanted?.name !== name) return go(visitor)
    waiting = visitor
    wanted.arrived()
    wanted = undefined
  }
  const server = createServer(visitor => {
    // A SAM that is killed where it waits takes its end of the connection with it.
    visitor.on('error', () => {})
    visitor.setEncoding('utf8').once('data', (line: string) => arrive(visitor, line.trim()))
  })
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen(socket, listening.resolve)
  await listening.promise

  return {
    socket,
    reached: name => {
      const { promise, resolve } = Promise.withResolvers<void>()
      wanted = { name, arrived: resolve }
      return promise
    },
    release: () => {
      if (waiting !== undefined) go(waiting)
      waiting = undefined
    },
    close: async () => {
      waiting?.destroy()
      await server[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}

function go(visitor: Socket): void {
  visitor.end('go\n')
}
