/**
 * Randomness that repeats itself: two ECDSA signatures with one secret number give away the key (T-SAD-33), and two
 * people with one key have each other's (T-KEY-15). Both modules are asked, as often as the table of rounds says.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type CryptoModule, createSoftwareModule, openModule } from '@natsuin/crypto-module'
import { createSoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { rounds } from '@natsuin/testing/rounds'

const BATCH = 100

interface Opened {
  readonly module: CryptoModule
  close(): Promise<void>
}

const MODULES: Readonly<Record<string, () => Promise<Opened>>> = {
  'the software module': async () => {
    const parent = await mkdtemp(join(tmpdir(), 'natsuin-secrets-'))
    const module = await createSoftwareModule({ directory: join(parent, 'keys') })
    return { module, close: () => module.close().then(() => rm(parent, { recursive: true })) }
  },
  SoftHSM: async () => {
    const token = await createSoftHsmToken()
    const { environment = {}, ...pkcs11 } = token.options
    const module = await openModule({ pkcs11 }, environment)
    return { module, close: () => module.close().then(() => token.remove()) }
  },
}

/** The first of the two numbers of a DER ECDSA signature: it is the same whenever the secret number is. */
function firstNumber(signature: Uint8Array): string {
  assert.deepEqual([signature[0], signature[2]], [0x30, 0x02])
  return Buffer.from(signature.subarray(4, 4 + (signature[3] ?? 0))).toString('hex')
}

for (const [name, open] of Object.entries(MODULES)) {
  describe(`randomness of ${name}`, () => {
    let opened: Opened
    before(async () => {
      opened = await open()
      await opened.module.createMasterKey('master')
    })
    after(() => opened?.close())

    it('never signs twice with one secret number (T-SAD-33)', async () => {
      const { module } = opened
      const key = await module.generateWrapped('master', 'ec-p256')
      const seen = new Set<string>()
      for (let signed = 0; signed < rounds('nonce'); signed += BATCH) {
        const requests = Array.from({ length: BATCH }, () => {
          const digest = new Uint8Array(createHash('sha256').update(randomBytes(32)).digest())
          return { algorithm: 'ecdsa-sha256', digest } as const
        })
        for (const one of await module.signWrapped('master', key, requests)) seen.add(firstNumber(one))
        assert.equal(seen.size, signed + BATCH)
      }
    })

    it('never makes one key twice (T-KEY-15)', async () => {
      const seen = new Set<string>()
      for (let made = 1; made <= rounds('generation'); made++) {
        const { spki } = await opened.module.generateWrapped('master', 'ec-p256')
        seen.add(Buffer.from(spki).toString('hex'))
        assert.equal(seen.size, made)
      }
    })
  })
}
