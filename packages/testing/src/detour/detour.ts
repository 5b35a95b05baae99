/**
 * Stands on a Unix socket in front of another one and passes on what comes, in the manner that a test chooses: at once,
 * late, not at all, or by cutting the connection (threats 23, T-DUR-03 and T-DUR-07).
 *
 * On a stream nothing gets lost: a network that loses packets shows as parts that come late and as connections that
 * break, so that is what the manners do.
 */
import { rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** `asks`: from whoever connected; `answers`: from the socket behind. */
export type Side = 'asks' | 'answers'

/** What becomes of one part: it is passed on, it disappears, or the connection breaks there. */
export type Fate = 'pass' | 'swallow' | 'cut'

export type Manner = (part: Buffer, side: Side) => Fate | Promise<Fate>

export const passes: Manner = () => 'pass'

/** Nobody answers, and nobody says so: the other end's machine is gone. */
export const swallows: Manner = () => 'swallow'

export const cuts: Manner = () => 'cut'

export const delays =
  (milliseconds: number): Manner =>
  () =>
    delay<Fate>(milliseconds, 'pass')

/** Loses this share of the parts: each is sent again after a while, and one in ten of them takes its connection along. */
export const stutters =
  (share: number, random: () => number): Manner =>
  async () => {
    if (random() >= share) return 'pass'
    await delay(200 * random())
    return random() < 0.1 ? 'cut' : 'pass'
  }

export interface Detour {
  /** Where it listens. */
  readonly path: string
  /** From now on, for connections that are there too. */
  behave(manner: Manner): void
  /** Breaks every connection. */
  cut(): void
  /** Leads to another socket from the next connection on. */
  leadTo(target: string): void
  close(): Promise<void>
}

export async function openDetour(path: string, firstTarget: string): Promise<Detour> {
  let [manner, target]: [Manner, string] = [passes, firstTarget]
  const pairs = new Set<readonly [Socket, Socket]>()
  const server = createServer(visitor => {
    const behind = createConnection(target)
    const pair = [visitor, behind] as const
    pairs.add(pair)
    const breakOff = () => {
      pairs.delete(pair)
      for (const end of pair) end.destroy()
    }
    for (const end of pair) end.on('error', breakOff).on('close', breakOff)
    void lead(visitor, behind, part => manner(part, 'asks'))
      .catch(breakOff)
      .finally(breakOff)
    void lead(behind, visitor, part => manner(part, 'answers'))
      .catch(breakOff)
      .finally(breakOff)
  })
  rmSync(path, { force: true })
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen(path, listening.resolve)
  await listening.promise
  const cut = () => {
    for (const pair of [...pairs]) for (const end of pair) end.destroy()
  }
  return {
    path,
    behave: next => {
      manner = next
    },
    cut,
    leadTo: next => {
      target = next
    },
    close: async () => {
      cut()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** In order: a part that is late holds up those behind it. Returns when the connection is to break. */
async function lead(from: Socket, to: Socket, judge: (part: Buffer) => Fate | Promise<Fate>): Promise<void> {
  for await (const part of from as AsyncIterable<Buffer>) {
    const fate = await judge(part)
    if (fate === 'cut') return
    if (fate === 'pass') to.write(part)
  }
}
