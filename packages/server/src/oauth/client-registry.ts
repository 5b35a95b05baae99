/**
 * The applications that are registered, as they are now: those of the configuration, and those of
 * `clientsDirectory`, whose files may be added, changed and removed while the server runs.
 *
 * A file is looked at when its client is asked for, at most once a second, so that nothing grows with the number of
 * clients that nobody asks for. One that cannot be used any more leaves the client as it was, and is logged.
 */
import { ConfigurationError } from '@natsuin/protocol/node'
import type { Clock } from '../clock.ts'
import type { ClientConfiguration } from '../config/clients.ts'
import { isRegistered, type Registration, readRegistration, stampOf } from '../config/clients-directory.ts'

const LOOK_AGAIN_MILLISECONDS = 1000

/** As client ids are: nothing else is the name of a file. */
const ID = /^[A-Za-z0-9_-]{1,64}$/

export interface ClientRegistry {
  find(id: string): ClientConfiguration | undefined
}

export interface ClientRegistryParts {
  readonly clients: readonly ClientConfiguration[]
  readonly clientsDirectory: string | undefined
  readonly clock: Clock
  readonly onUnusable: (clientId: string, problems: readonly string[]) => void
}

export function createClientRegistry(parts: ClientRegistryParts): ClientRegistry {
  const { clients, clientsDirectory: directory } = parts
  const written = new Map(clients.map(client => [client.id, client]))
  const filed = directory === undefined ? undefined : new FiledClients(directory, parts)
  return { find: id => written.get(id) ?? filed?.find(id) }
}

interface Known extends Registration {
  readonly lookedAt: number
}

class FiledClients {
  readonly #directory: string
  readonly #parts: ClientRegistryParts
  readonly #known = new Map<string, Known>()
  /** What was logged of a file last, so that it is said once. */
  readonly #complaints = new Map<string, string>()

  constructor(directory: string, parts: ClientRegistryParts) {
    this.#directory = directory
    this.#parts = parts
  }

  find(id: string): ClientConfiguration | undefined {
    if (!ID.test(id)) return undefined
    const known = this.#known.get(id)
    const now = this.#parts.clock().getTime()
    // Both ways: a clock that was set back must not keep a client that was removed.
    if (known !== undefined && Math.abs(now - known.lookedAt) < LOOK_AGAIN_MILLISECONDS) return known.client
    const found = this.#lookAt(id, known)
    if (found === undefined) this.#known.delete(id)
    else this.#known.set(id, { ...found, lookedAt: now })
    return found?.client
  }

  #lookAt(id: string, known: Known | undefined): Registration | undefined {
    if (!isRegistered(this.#directory, id)) return undefined
    return known !== undefined && stampOf(known.files) === known.stamp ? known : this.#read(id, known)
  }

  /** One that cannot be used is read again each time, because what it lacks may be in a file that it names. */
  #read(id: string, known: Known | undefined): Registration | undefined {
    try {
      const registration = readRegistration(this.#directory, id)
      this.#complaints.delete(id)
      return registration
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      this.#complain(id, error)
      return known
    }
  }

  #complain(id: string, { message, problems }: ConfigurationError): void {
    if (this.#complaints.get(id) === message) return
    this.#complaints.set(id, message)
    this.#parts.onUnusable(id, problems)
  }
}
