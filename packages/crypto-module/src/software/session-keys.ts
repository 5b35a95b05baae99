/** Keys for one time in the memory of this process. */
import { randomUUID } from 'node:crypto'
import type { KeyType } from '@natsuin/pki/algorithms'
import { checkDigest } from '../check-digest.ts'
import { type ModuleObject, ModuleRefusal, type SessionKey } from '../module.ts'
import { type DigestSigner, digestSigner, generateKeyPairDer } from './private-key.ts'
import { signAll } from './sign-all.ts'

/** More at once are not one-time keys: somebody forgets to destroy them. */
const MAX_SESSION_KEYS = 1000

export class SessionKeys {
  readonly #signers = new Map<string, DigestSigner>()

  /** @throws ModuleRefusal `too-many-session-keys` */
  async generate(type: KeyType): Promise<SessionKey> {
    if (this.#signers.size >= MAX_SESSION_KEYS) {
      throw new ModuleRefusal('too-many-session-keys', `there are ${MAX_SESSION_KEYS} session keys`)
    }
    const id = randomUUID()
    this.#signers.set(id, notThereYet)
    const spki = await this.#generateAs(id, type)
    return {
      type,
      spki,
      attributes: NEVER_LEFT,
      sign: async requests => {
        const sign = this.#need(id)
        for (const request of requests) checkDigest(type, request)
        return signAll(type, sign, requests)
      },
      destroy: async () => void this.#signers.delete(id),
    }
  }

  objects(): ModuleObject[] {
    return [...this.#signers.keys()].map(label => ({ label, kind: 'private', persistent: false }))
  }

  destroyAll(): void {
    this.#signers.clear()
  }

  async #generateAs(id: string, type: KeyType): Promise<Uint8Array> {
    const { pkcs8, spki } = await generateKeyPairDer(type)
    const sign = digestSigner(type, pkcs8)
    pkcs8.fill(0)
    if (sign === undefined) throw new Error(`what was generated is no ${type} key`)
    // Closed meanwhile: the place that was kept is gone, and the key with it.
    if (this.#signers.has(id)) this.#signers.set(id, sign)
    return spki
  }

  #need(id: string): DigestSigner {
    const sign = this.#signers.get(id)
    if (sign === undefined) throw new ModuleRefusal('key-unknown', 'the session key is gone')
    return sign
  }
}

const NEVER_LEFT = { local: true, sensitive: true, alwaysSensitive: true, neverExtractable: true } as const

/** Keeps a place while a key is generated; nobody has the key's id before. */
const notThereYet: DigestSigner = () => {
  throw new Error('the session key is not generated yet')
}
