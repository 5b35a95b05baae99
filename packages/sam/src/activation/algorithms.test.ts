/** Every key type with every digest and every signature algorithm: only what agrees signs (threats T-SAD-10). */
import assert from 'node:assert/strict'
import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import type { DigestAlgorithm, KeyType, Sha2Algorithm, SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { digestSync } from '@natsuin/pki/node'
import type { ApprovalItem } from '@natsuin/protocol/approval'
import type { SapResponse } from '@natsuin/protocol/sap'
import { answer, approveStatementBytes, byPasskey } from '@natsuin/testing/deployment'
import { attestedKey, enrolSigner, type Signer, seenItem } from '../fixture/people.ts'
import { foundPlace, newFounding, type OpenPlace, ORIGIN, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { watchModule } from '../fixture/watched.ts'

const SIZES: Readonly<Record<Sha2Algorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 }
const DIGESTS = ['sha256', 'sha384', 'sha512'] as const
const FAMILIES = ['ecdsa', 'rsa', 'rsa-pss'] as const
const SIGNATURES: readonly SignatureAlgorithm[] = [
  ...FAMILIES.flatMap(family => DIGESTS.map(digest => `${family}-${digest}` as const)),
  'ed25519',
]

/** What may sign what, once more and by hand: the digest approved, and the algorithms that go with it. */
const AGREE: Readonly<
  Partial<Record<KeyType, Partial<Record<DigestAlgorithm, readonly SignatureAlgorithm[]>>>>
> = {
  'ec-p256': { sha256: ['ecdsa-sha256'] },
  'ec-p384': { sha384: ['ecdsa-sha384'] },
  'ec-p521': { sha512: ['ecdsa-sha512'] },
  'rsa-3072': {
    sha256: ['rsa-sha256', 'rsa-pss-sha256'],
    sha384: ['rsa-sha384', 'rsa-pss-sha384'],
    sha512: ['rsa-sha512', 'rsa-pss-sha512'],
  },
}

interface Scene {
  readonly uses: string[]
  readonly world: OpenPlace & Place
  readonly signer: Signer
}

/** Somebody whose class makes keys of this type. */
async function begin(keyType: KeyType): Promise<Scene> {
  const { classes } = newFounding().founding
  const founding = { classes: classes.map(one => ({ ...one, keyType })) }
  const place = await foundPlace({ founding })
  const uses: string[] = []
  const world = { ...place, ...(await openPlace(place, { module: watchModule(place.module, uses) })) }
  return { uses, world, signer: await enrolSigner(world, { level: 1, keyType }) }
}

const random = (length: number) => new Uint8Array(randomBytes(length))

async function approved(scene: Scene, digestAlgorithm: Sha2Algorithm) {
  const dtbsr = random(SIZES[digestAlgorithm])
  return {
    dtbsr,
    request: await answered(scene, digestAlgorithm, { basis: 'unseen', label: 'a.pdf', dtbsr }),
  }
}

async function answered({ world, signer }: Scene, digestAlgorithm: DigestAlgorithm, item: ApprovalItem) {
  const { credentialId, device } = signer
  const { ticket, allow } = await world.sap['tickets/approve']({ credentialId, clientId: 'app' })
  const statement = approveStatementBytes(ticket, [item], { digestAlgorithm })
  return byPasskey(answer(statement, { device, origin: ORIGIN, allow }))
}

/** Tries every digest and every algorithm with the SAD. @returns what signed */
async function whatSigns(
  { world, uses }: Scene,
  sad: SapResponse<'approve'>,
  approvedDigest: DigestAlgorithm,
  dtbsr: Uint8Array,
  agreeing: readonly SignatureAlgorithm[],
): Promise<void> {
  const { credentialId, clientId } = sad
  const common = { sad: sad.sad, credentialId, clientId, requestId: '' }
  for (const digestAlgorithm of DIGESTS)
    for (const signatureAlgorithm of SIGNATURES) {
      if (digestAlgorithm === approvedDigest && agreeing.includes(signatureAlgorithm)) continue
      const dtbsrs = [digestAlgorithm === approvedDigest ? dtbsr : random(SIZES[digestAlgorithm])]
      const request = { ...common, digestAlgorithm, signatureAlgorithm, dtbsrs }
      await assertRefused('algorithm-mismatch', world.sap.sign(request))
    }
  assert.deepEqual(uses, [])
}

describe('algorithms', () => {
  for (const [keyType, agree] of Object.entries(AGREE) as [KeyType, (typeof AGREE)[KeyType]][]) {
    it(`of ${keyType}: nothing but what agrees with the approval and the key signs (T-SAD-10)`, async () => {
      const scene = await begin(keyType)
      const { world, uses } = scene
      for (const approvedDigest of DIGESTS) {
        const agreeing = agree?.[approvedDigest] ?? []
        const first = await approved(scene, approvedDigest)
        if (agreeing.length === 0) await assertRefused('algorithm-mismatch', world.sap.approve(first.request))
        for (const signatureAlgorithm of agreeing) {
          const { dtbsr, request } = await approved(scene, approvedDigest)
          const sad = await world.sap.approve(request)
          await whatSigns(scene, sad, approvedDigest, dtbsr, agreeing)
          const { credentialId, clientId } = sad
          const use = { sad: sad.sad, credentialId, clientId, requestId: '', signatureAlgorithm }
          await world.sap.sign({ ...use, digestAlgorithm: approvedDigest, dtbsrs: [dtbsr] })
          assert.equal(uses.splice(0).length, 1)
        }
      }
      await world.store.close()
    })
  }

  it('of Ed25519: signs what was seen, message and all, and no digest alone', async () => {
    const scene = await begin('ed25519')
    const { request: blind } = await approved(scene, 'sha512')
    await assertRefused('dtbs-missing', scene.world.sap.approve(blind))
    const { dtbs, documentDigest } = await seenItem()
    const item = {
      basis: 'seen',
      label: 'a.pdf',
      dtbs,
      documentDigest,
      dtbsr: digestSync('sha512', dtbs),
    } as const
    const { sad, credentialId, clientId } = await scene.world.sap.approve(
      await answered(scene, 'sha512', item),
    )
    const algorithms = { digestAlgorithm: 'sha512', signatureAlgorithm: 'ed25519' } as const
    const use = { sad, credentialId, clientId, requestId: '', dtbsrs: [item.dtbsr] }
    const [value = random(0)] = (await scene.world.sap.sign({ ...use, ...algorithms })).signatures
    const spki = Buffer.from(attestedKey(scene.signer.attestation))
    assert.ok(verify(null, dtbs, createPublicKey({ key: spki, format: 'der', type: 'spki' }), value))
  })
})
