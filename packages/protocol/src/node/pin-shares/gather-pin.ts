/**
 * Waits at start for the people who hold the shares of a token's PIN. Each brings his over a local socket, one line
 * each, and is told how many are still missing; the process goes on when there are enough.
 */
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { ConfigurationError } from '../configuration.ts'
import { socketPath } from '../socket-path.ts'
import { firstLine } from './first-line.ts'
import { joinShares, type PinShares, pinShares, placeOf, readShare } from './split-pin.ts'

export interface PinSharesSetting {
  /** The file that `splitPin` made. */
  readonly file: string
  /** Where the process listens for them. */
  readonly socket: string
}

/** What whoever brought a share is told. */
export interface ShareAnswer {
  /** `unknown`: it is none of the shares. `again`: it was here already. */
  readonly share: 'taken' | 'again' | 'unknown'
  readonly brought: number
  readonly needed: number
}

/**
 * The PIN, as soon as enough people have brought their shares.
 *
 * @param onShare told of each share, for the operator's log
 * @throws ConfigurationError when the file is none, or the shares do not open it
 */
export async function gatherPin(
  { file, socket }: PinSharesSetting,
  onShare: (answer: ShareAnswer) => void,
): Promise<string> {
  const shares = readShares(file)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const gathering = new Gathering(shares)
  const server = createServer(peer => void takeShare(peer, gathering, onShare).then(settle))
  const settle = () => {
    if (!gathering.isComplete) return
    const pin = gathering.pin
    if (pin === undefined) reject(new ConfigurationError([`${file}: the shares do not open it`]))
    else resolve(pin)
  }
  server.once('error', reject)
  server.once('listening', () => chmodSync(socket, 0o660))
  rmSync(socket, { force: true })
  server.listen(socketPath(socket))
  try {
    return await promise
  } finally {
    server.close()
  }
}

class Gathering {
  readonly #shares: PinShares
  readonly #brought = new Map<number, Uint8Array>()

  constructor(shares: PinShares) {
    this.#shares = shares
  }

  get isComplete(): boolean {
    return this.#brought.size >= this.#shares.needed
  }

  get pin(): string | undefined {
    return joinShares(this.#shares, this.#brought)
  }

  take(line: string): ShareAnswer {
    const share = this.#put(readShare(line))
    return { share, brought: this.#brought.size, needed: this.#shares.needed }
  }

  #put(share: Uint8Array | undefined): ShareAnswer['share'] {
    const place = share && placeOf(this.#shares, share)
    if (share === undefined || place === undefined) return 'unknown'
    if (this.#brought.has(place)) return 'again'
    this.#brought.set(place, share)
    return 'taken'
  }
}

async function takeShare(
  peer: Socket,
  gathering: Gathering,
  onShare: (answer: ShareAnswer) => void,
): Promise<void> {
  try {
    const answer = gathering.take(await firstLine(peer))
    onShare(answer)
    const { promise, resolve } = Promise.withResolvers<void>()
    peer.once('close', () => resolve())
    peer.end(`${JSON.stringify(answer)}\n`)
    await promise
  } catch {
    // Who broke off comes again.
    peer.destroy()
  }
}

function readShares(file: string): PinShares {
  try {
    return pinShares(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new ConfigurationError([`${file}: ${error instanceof Error ? error.message : 'unreadable'}`])
  }
}
