/**
 * Certificate revocation lists (RFC 5280, 5): made anew at every revocation and well before the last one ends.
 *
 * The number of a CRL is never below the seconds of its thisUpdate, so that even a file restored from yesterday
 * cannot bring a number back (5.2.3). The newest CRL is kept in a file outside the database, signed by the authority, and each CRL contains every
 * entry of the one before and has a greater number (sole control, 10). So a database that somebody restored from
 * yesterday takes nothing back, and neither does one whose rows were edited: whoever is on the file's list stays
 * revoked. Entries are never dropped, not even when the certificate has expired (X.509 expiredCertsOnCRL), so
 * that old signatures can still be judged.
 */
import { readFile } from 'node:fs/promises'
import type { CryptoModule } from '@natsuin/crypto-module'
import { replaceFile } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import {
  type CrlContent,
  type RevocationEntries,
  type RevocationEntry,
  readOwnCrl,
  tbsCertList,
} from './crl-content.ts'
import { type Issuer, signTbs } from './issuer.ts'
import { keyTagOf } from './serial-number.ts'
import { SECOND } from './validity.ts'

export interface CrlAuthority {
  readonly module: CryptoModule
  readonly issuer: Issuer
  /** Path of the newest CRL, DER. */
  readonly file: string
  /** From thisUpdate to nextUpdate. */
  readonly validityHours: number
  readonly now: () => Date
}

/** The root revokes next to never; its CRL is made anew twice a month. */
export const ROOT_CRL_HOURS = 30 * 24

/** Makes the first CRL, which is empty. For `found` only: afterwards a missing file is an error. */
export async function publishFirstCrl(authority: CrlAuthority): Promise<void> {
  await writeCrl(authority, { after: 0n, entries: new Map() })
}

export class CrlPublisher {
  readonly #authority: CrlAuthority
  #current: PublishedCrl
  /** Everything that is revoked, in this process for good: by serial number, content octets in hex. */
  readonly #entries = new Map<string, RevocationEntry>()
  /** Tags of the keys of all entries. */
  readonly #revokedKeys = new Set<string>()
  #publishing: Promise<void> = Promise.resolve()
  #waiting: Promise<void> | undefined

  private constructor(authority: CrlAuthority, current: PublishedCrl) {
    this.#authority = authority
    this.#current = current
    for (const [serial, entry] of current.content.entries) this.#add(serial, entry)
  }

  /**
   * Takes up the CRL of the process before, and adds what the register knows beside it.
   *
   * @throws Error when the file is missing or is not a CRL of this authority: without it nobody knows what was revoked
   */
  static async open(authority: CrlAuthority, known: RevocationEntries): Promise<CrlPublisher> {
    const publisher = new CrlPublisher(authority, await readPublished(authority))
    const missing = [...known].filter(([serial]) => !publisher.#entries.has(serial))
    for (const [serial, entry] of missing) publisher.#add(serial, entry)
    if (missing.length > 0 || publisher.isDue()) await publisher.publish()
    return publisher
  }

  /** DER. */
  get bytes(): Uint8Array {
    return this.#current.bytes
  }

  get number(): bigint {
    return this.#current.content.number
  }

  get nextUpdate(): Date {
    return this.#current.content.nextUpdate
  }

  /** True when so little is left of the current CRL that renewing it must have failed more than once. */
  isOverdue(): boolean {
    const { thisUpdate, nextUpdate } = this.#current.content
    const left = nextUpdate.getTime() - this.#authority.now().getTime()
    return left < (nextUpdate.getTime() - thisUpdate.getTime()) / 4
  }

  /** Since when and why this certificate is revoked; `undefined` when it is not on the list. */
  find(serial: string): RevocationEntry | undefined {
    return this.#entries.get(serial)
  }

  /** Whether a certificate of the key with this tag is on the list. */
  hasKey(tag: string): boolean {
    return this.#revokedKeys.has(tag)
  }

  /** Puts a certificate on the list; resolves when a CRL that has it is on the disk. The first entry stays. */
  async revoke(serial: string, entry: RevocationEntry): Promise<Date> {
    const listed = this.#entries.get(serial) ?? entry
    this.#add(serial, listed)
    if (!this.#current.content.entries.has(serial)) await this.publish()
    return new Date(listed.revokedAt * SECOND)
  }

  /** True when half of the validity of the current CRL has passed. */
  isDue(): boolean {
    const { thisUpdate, nextUpdate } = this.#current.content
    const halfway = (thisUpdate.getTime() + nextUpdate.getTime()) / 2
    return this.#authority.now().getTime() >= halfway
  }

  /** Makes the next CRL. Those who ask while one is being made share the one after it. */
  publish(): Promise<void> {
    this.#waiting ??= this.#next()
    return this.#waiting
  }

  #add(serial: string, entry: RevocationEntry): void {
    this.#entries.set(serial, entry)
    this.#revokedKeys.add(keyTagOf(serial))
  }

  async #next(): Promise<void> {
    const before = this.#publishing
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#publishing = promise
    try {
      await before
      this.#waiting = undefined
      const after = this.#current.content.number
      this.#current = await writeCrl(this.#authority, { after, entries: new Map(this.#entries) })
    } finally {
      resolve()
    }
  }
}

interface PublishedCrl {
  readonly bytes: Uint8Array
  readonly content: CrlContent
}

async function writeCrl(
  authority: CrlAuthority,
  { after, entries }: { readonly after: bigint; readonly entries: RevocationEntries },
): Promise<PublishedCrl> {
  const { module, issuer, file, validityHours, now } = authority
  const thisUpdate = new Date(Math.floor(now().getTime() / SECOND) * SECOND)
  const nextUpdate = new Date(thisUpdate.getTime() + validityHours * 3600 * SECOND)
  const seconds = BigInt(thisUpdate.getTime() / SECOND)
  const number = after < seconds ? seconds : after + 1n
  const content = { number, entries, thisUpdate, nextUpdate }
  const bytes = await signTbs(module, issuer.key, tbsCertList(issuer, content))
  try {
    await replaceFile(file, bytes)
  } catch (cause) {
    throw new Refusal('store-unavailable', { file: 'crl' }, { cause })
  }
  return { bytes, content }
}

async function readPublished({ issuer, file }: CrlAuthority): Promise<PublishedCrl> {
  const bytes = new Uint8Array(await readFile(file))
  const content = await readOwnCrl(issuer, bytes)
  if (content === undefined) throw new Error(`${file} is no CRL of this authority`)
  return { bytes, content }
}
