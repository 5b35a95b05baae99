import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { openPkcs11Module } from '@natsuin/crypto-module'
import { createSoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { toHex, utf8 } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import type { IncludedLeaf } from '@natsuin/protocol/evidence'
import { leaf, verifyCheckpoint } from '@natsuin/protocol/log'
import { readStrictJson, writeJson } from '@natsuin/protocol/shape'
import { byPasskey } from '@natsuin/testing/deployment'
import { startPostgres } from '@natsuin/testing/postgres'
import { approval, attestedKey, enrolSigner, seenItem, signRequestFor, unseenItem } from './fixture/people.ts'
import { foundPlace, type OpenPlace, openPlace, type Place } from './fixture/place.ts'
import { assertRefused } from './fixture/refusals.ts'
import { closeSam } from './open-sam.ts'
import { createPostgresStore, openPostgresStore } from './store/postgres-store.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'

interface Stack {
  readonly place: Place
  openStore(): Promise<Store>
  remove(): Promise<void>
}

async function softwareAndSqlite(): Promise<Stack> {
  const place = await foundPlace()
  return {
    place,
    openStore: async () => openSqliteStore(place.storeFile),
    remove: () => place.module.close(),
  }
}

async function tokenAndPostgres(): Promise<Stack> {
  const token = await createSoftHsmToken()
  const postgres = await startPostgres({ fsync: false })
  const module = await openPkcs11Module(token.options)
  const store = await createPostgresStore(postgres.url)
  const place = await foundPlace({ module, store })
  await store.close()
  const remove = async () => {
    await module.close()
    await token.remove()
    await postgres.stop()
  }
  return { place, openStore: () => openPostgresStore(postgres.url), remove }
}

const STACKS = {
  'the software module and SQLite': softwareAndSqlite,
  'SoftHSM by PKCS #11 and PostgreSQL': tokenAndPostgres,
}

for (const [name, createStack] of Object.entries(STACKS)) {
  describe(`from genesis to evidence, with ${name}`, () => {
    let stack: Stack
    let opened: OpenPlace
    let world: Place & OpenPlace
    const start = async () => {
      opened = await openPlace(stack.place, { store: await stack.openStore() })
      world = { ...stack.place, ...opened }
    }
    before(async () => {
      stack = await createStack()
      await start()
    })
    after(async () => {
      await opened?.store.close()
      await stack?.remove()
    })

    it('signs what was seen, refuses what was not, and proves it afterwards, also across a restart', async () => {
      const alice = await enrolSigner(world)
      await assertRefused(
        'basis-refused',
        opened.sap.approve(byPasskey(await approval(world, alice, [unseenItem()]))),
      )

      const items = [await seenItem('one.pdf'), await seenItem('two.pdf')] as const
      const approved = await approval(world, alice, items)
      const sad = await opened.sap.approve(byPasskey(approved))
      const dtbsrs = items.map(({ dtbsr }) => dtbsr)
      const request = signRequestFor(sad, dtbsrs, 'request')
      const { activationId, signatures } = await opened.sap.sign(request)
      const key = createPublicKey({
        key: Buffer.from(attestedKey(alice.attestation)),
        format: 'der',
        type: 'spki',
      })
      for (const [i, { dtbs }] of items.entries()) {
        assert.ok(verify('sha256', dtbs, key, signatures[i] ?? new Uint8Array()))
      }

      await closeSam(opened.sam)
      await opened.store.close()
      await start()
      assert.deepEqual((await opened.sap.sign(request)).signatures, signatures)

      for (const [index, signature] of signatures.entries()) {
        const { evidence } = await opened.sap.evidence({ activationId, index, signatureValue: signature })
        assert.deepEqual(evidence.activation.signatureValue, signature)
        assert.deepEqual(evidence.activation.dtbsr, dtbsrs[index])
        assert.deepEqual(evidence.approval, byPasskey(approved))
        await assertLogProves(evidence, signatures.map(sha256))
      }
      const [signatureValue = new Uint8Array()] = signatures
      for (const unknown of [
        { activationId, index: 2, signatureValue },
        { activationId: 'none', index: 0, signatureValue },
      ]) {
        await assertRefused('activation-unknown', opened.sap.evidence(unknown))
      }
    })

    it('says who it is, and whose module it has', async () => {
      const { samKey, softwareModule, environment } = await opened.sap.info({})
      assert.deepEqual(samKey, stack.place.key.spki)
      assert.deepEqual({ softwareModule, environment }, { softwareModule: true, environment: 'test' })
    })
  })
}

type Evidence = Awaited<ReturnType<OpenPlace['sap']['evidence']>>['evidence']

/** Every leaf is under the signed head, and says of the parts of the evidence what they are. */
async function assertLogProves(evidence: Evidence, signatureDigests: readonly string[]): Promise<void> {
  const said = {
    ...(await saidBy(evidence.stateLog, evidence.samKey)),
    ...(await saidBy(evidence.activityLog, evidence.samKey)),
  }
  const digestsOf = (name: string, member: string): unknown => toWire(Reflect.get(Object(said[name]), member))
  const base64url = (bytes: Uint8Array) => toWire(digestSync('sha256', bytes))
  assert.equal(digestsOf('genesis', 'rosterDigest'), base64url(writeJson(toWire(evidence.roster))))
  assert.deepEqual(
    digestsOf('grantAccepted', 'approvals'),
    evidence.grant.map(({ statement }) => base64url(statement)),
  )
  assert.equal(digestsOf('keyGenerated', 'attestationDigest'), base64url(utf8(evidence.keyAttestation)))
  const [certificate = new Uint8Array()] = evidence.certificates
  assert.equal(digestsOf('certificateLinked', 'certificateDigest'), base64url(certificate))
  assert.equal(digestsOf('sadAccepted', 'statementDigest'), base64url(evidence.approval.statement))
  assert.equal(digestsOf('sadAccepted', 'proofDigest'), base64url(writeJson(toWire(evidence.approval.proof))))
  assert.deepEqual(digestsOf('completed', 'signatureDigests'), signatureDigests)
}

type LogProof = { readonly checkpoint: string } & Readonly<Record<string, IncludedLeaf | string>>

/** What the leaves of one log say, by their names in the evidence; they are under its head, in this order. */
async function saidBy({ checkpoint, ...proofs }: LogProof, samKey: Uint8Array) {
  const head = await verifyCheckpoint(checkpoint, samKey, nodePlatform)
  assert.ok(head)
  const leaves = proofs as Readonly<Record<string, IncludedLeaf>>
  for (const { index, leaf: bytes, path } of Object.values(leaves)) {
    assert.equal(toHex(rootBy(bytes, index, head.size, path)), toHex(head.rootHash))
  }
  const order = Object.values(leaves).map(({ index }) => index)
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  )
  return Object.fromEntries(
    Object.entries(leaves).map(([name, { leaf: bytes }]) => [name, readStrictJson(bytes, leaf)]),
  )
}

const sha256 = (bytes: Uint8Array) => toWire(digestSync('sha256', bytes))

/** RFC 9162, 2.1.3.2, read from the root down: on which side the leaf's half lies tells on which the sibling does. */
function rootBy(bytes: Uint8Array, index: number, size: number, path: readonly Uint8Array[]): Uint8Array {
  if (size === 1) return digestSync('sha256', Uint8Array.of(0, ...bytes))
  const sibling = path.at(-1) ?? new Uint8Array()
  let left = 1
  while (left * 2 < size) left *= 2
  const [inner, rest] = index < left ? [index, left] : [index - left, size - left]
  const own = rootBy(bytes, inner, rest, path.slice(0, -1))
  return digestSync(
    'sha256',
    Uint8Array.of(1, ...(index < left ? [...own, ...sibling] : [...sibling, ...own])),
  )
}
