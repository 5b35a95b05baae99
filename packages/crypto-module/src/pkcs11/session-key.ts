/** A session key as its user sees it: bound to the process that holds it, and gone with it. */
import { checkDigest } from '../check-digest.ts'
import { type DigestToSign, ModuleRefusal, type SessionKey } from '../module.ts'
import { asNeeded } from './as-needed.ts'
import type { LibraryProcess } from './library-process.ts'
import type { HeldSessionKey } from './messages.ts'

export function sessionKeyOf(process: LibraryProcess, held: HeldSessionKey): SessionKey {
  const { id, type, spki, attributes } = held
  let destroyed = false
  const checkThere = () => {
    if (destroyed || !process.alive) throw new ModuleRefusal('key-unknown', 'the session key is gone')
  }
  return {
    type,
    spki,
    attributes,
    async sign(requests: readonly DigestToSign[]) {
      for (const request of requests) checkDigest(type, request)
      checkThere()
      // The other end runs the method of this name and sends what it returned (library-main.ts).
      return process.call('signSession', [id, requests.map(asNeeded)]) as Promise<Uint8Array[]>
    },
    async destroy() {
      if (destroyed) return
      destroyed = true
      await process.letGo(id)
    },
  }
}
