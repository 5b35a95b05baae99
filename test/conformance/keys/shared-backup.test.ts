/**
 * Backup and restore of a deployment's keys under dual control (EN 419 221-5, FDP_ACF.1/Backup; threats 9): the token
 * is destroyed with everything in it, and comes back from a file that nobody can open alone.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes, verify } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import {
  type BackedUpKey,
  type CryptoModule,
  createSoftwareModule,
  type NamedKey,
  openPkcs11Module,
  type WrappedKeyPair,
} from '@natsuin/crypto-module'
import { createSoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { utf8 } from '@natsuin/pki/encoding'
import { receiveKey } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import { type SharedBackup, sharedBackup } from '@natsuin/protocol/keys'
import { handedOver, handOver, lastLayer, openLayer, shareBackup } from '@natsuin/protocol/node'
import { readStrictJson, writeJson } from '@natsuin/protocol/shape'
import { newKeyPair, spkiOf } from '@natsuin/testing/keys'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const folder = temporaryFolder()

interface Place {
  readonly module: CryptoModule
  destroy(): Promise<void>
}

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  software: async () => {
    const module = await createSoftwareModule({ directory: join(mkdtempSync(join(folder, 'keys-')), 'keys') })
    return { module, destroy: () => module.close() }
  },
  'PKCS #11 (SoftHSM2)': async () => {
    const token = await createSoftHsmToken()
    const module = await openPkcs11Module(token.options)
    return { module, destroy: () => module.close().then(() => token.remove()) }
  },
}

const KEYS: readonly NamedKey[] = [
  { kind: 'master', label: 'natsuin-master' },
  { kind: 'mac', label: 'natsuin-seal' },
  { kind: 'signing', label: 'natsuin-sam', type: 'ec-p256' },
]

const CUSTODIANS = ['chiyo', 'daisuke', 'emi'].map(id => ({ id, pair: newKeyPair('rsa-3072') }))
const holderOf = (id: string | undefined) => {
  const custodian = CUSTODIANS.find(one => one.id === id)
  assert.ok(custodian !== undefined)
  return custodian
}

type Share = SharedBackup['keys'][number]['shares'][number]

/** The ceremony: each holder in turn, and the last one for the import key. */
async function gather(share: Share, module: CryptoModule): Promise<Uint8Array> {
  const importKey = await module.importKey('import')
  assert.ok(importKey !== undefined)
  const last = holderOf(share.holders.at(-1))
  const inner = share.holders.slice(0, -1).reduce((sealed, id) => {
    const opened = openLayer(holderOf(id).pair.privateKey, sealed)
    assert.ok(opened !== undefined)
    return opened
  }, share.sealed)
  const custodian = { id: last.id, publicKey: spkiOf(last.pair.publicKey) }
  const { transport, wrapped } = lastLayer(inner, custodian)
  const forwarded = handOver(last.pair.privateKey, share, transport, importKey)
  assert.ok(forwarded !== undefined)
  return handedOver(forwarded, wrapped)
}

for (const [name, open] of Object.entries(PLACES)) {
  describe(`a shared backup, two of three custodians, ${name}`, () => {
    const message = utf8('signed before and after')
    let backup: SharedBackup
    let key: WrappedKeyPair
    let mac: Uint8Array
    let samKey: Uint8Array | undefined

    const work = async (module: CryptoModule) => {
      const digest = new Uint8Array(createHash('sha256').update(message).digest())
      const request = { algorithm: 'ecdsa-sha256', digest } as const
      const [signature = new Uint8Array()] = await module.signWrapped('natsuin-master', key, [request])
      const spki = { key: Buffer.from(key.spki), format: 'der', type: 'spki' } as const
      assert.ok(verify('sha256', message, spki, signature))
      assert.deepEqual(await module.mac('natsuin-seal', message), mac)
      assert.deepEqual(await module.publicKey('natsuin-sam'), samKey)
      const statement = await module.sign('natsuin-sam', request)
      const sam = { key: Buffer.from(samKey ?? []), format: 'der', type: 'spki' } as const
      assert.ok(verify('sha256', message, sam, statement))
    }

    before(async () => {
      const { module, destroy } = await open()
      const recipients = CUSTODIANS.map(({ pair }) => spkiOf(pair.publicKey))
      const made: [NamedKey, BackedUpKey][] = []
      for (const one of KEYS) made.push([one, await module.createWithBackup(one, recipients)])
      const terms = {
        deployment: 'Tests',
        threshold: 2,
        custodians: CUSTODIANS.map(({ id, pair }) => ({ id, publicKey: spkiOf(pair.publicKey) })),
        madeAt: 1_780_000_000,
      }
      const shared = shareBackup(
        terms,
        made.map(([one, { copies, witness }]) => ({
          kind: one.kind,
          label: one.label,
          ...(one.kind === 'signing' && { keyType: one.type }),
          witness,
          copies,
        })),
      )
      // As a file, which is what is kept.
      backup = readStrictJson(writeJson(toWire(shared)), sharedBackup)
      key = await module.generateWrapped('natsuin-master', 'ec-p256')
      mac = await module.mac('natsuin-seal', message)
      samKey = await module.publicKey('natsuin-sam')
      await work(module)
      await destroy()
    })

    for (const which of [0, 1, 2]) {
      it(`brings everything back in another place by the custodians of share ${which}`, async () => {
        const { module, destroy } = await open()
        await module.createImportKey('import')
        for (const [i, { witness, shares }] of backup.keys.entries()) {
          const [named, share] = [KEYS[i], shares[which]]
          assert.ok(named !== undefined && share !== undefined)
          assert.equal(share.holders.length, 2)
          const sent = await gather(share, module)
          await module.restoreKey(named, { importKey: 'import', sent }, witness)
        }
        await work(module)
        await destroy()
      })
    }

    it('has a share for every two custodians', () => {
      for (const { shares } of backup.keys) {
        const pairs = shares.map(({ holders }) => holders.toSorted().join(' ')).toSorted()
        assert.deepEqual(pairs, ['chiyo daisuke', 'chiyo emi', 'daisuke emi'])
      }
    })

    it('tells one custodian alone nothing: what he can take off hides what he cannot', () => {
      for (const { shares } of backup.keys) {
        for (const { holders, oaepDigest, sealed } of shares) {
          const [outer, inner] = holders.map(id => holderOf(id).pair.privateKey)
          assert.ok(outer !== undefined && inner !== undefined)
          assert.equal(openLayer(inner, sealed), undefined)
          const opened = openLayer(outer, sealed)
          assert.ok(opened !== undefined)
          for (const digest of ['sha1', 'sha256'] as const) {
            assert.equal(receiveKey(outer, digest, opened), undefined)
          }
          // The twin: with the second one it opens.
          assert.ok(receiveKey(inner, oaepDigest, opened) !== undefined)
        }
      }
    })
  })
}

describe('the terms of a shared backup', () => {
  const custodians = CUSTODIANS.map(({ id, pair }) => ({ id, publicKey: spkiOf(pair.publicKey) }))
  const terms = { deployment: 'Tests', custodians, madeAt: 0 }

  it('are dual control at least, and no more than there are custodians', () => {
    for (const threshold of [0, 1, 4]) {
      assert.throws(() => shareBackup({ ...terms, threshold }, []), RangeError)
    }
    for (const threshold of [2, 3])
      assert.equal(shareBackup({ ...terms, threshold }, []).threshold, threshold)
  })

  it('nest as many layers as it takes custodians', () => {
    const module = newKeyPair('rsa-3072')
    const copy = (spki: Uint8Array) => ({
      spki,
      oaepDigest: 'sha256' as const,
      sent: new Uint8Array(randomBytes(424)),
    })
    const witness = { kind: 'signing', spki: spkiOf(module.publicKey) } as const
    const copies = custodians.map(({ publicKey }) => copy(publicKey))
    const key = { kind: 'signing', label: 'x', keyType: 'rsa-3072', witness, copies } as const
    const [share, ...others] = shareBackup({ ...terms, threshold: 3 }, [key]).keys[0]?.shares ?? []
    assert.ok(share !== undefined)
    assert.deepEqual([share.holders, others], [['emi', 'daisuke', 'chiyo'], []])
    const opened = share.holders
      .slice(0, 2)
      .reduce<Uint8Array>(
        (sealed, id) => openLayer(holderOf(id).pair.privateKey, sealed) ?? sealed,
        share.sealed,
      )
    assert.deepEqual(opened, copies[0]?.sent)
  })
})
