/** Documents whose digest was approved: the DTBS/R is made when it is signed (sole-control 4). */
import assert from 'node:assert/strict'
import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { assembleSignedData, parseSignedAttributes } from '@natsuin/pki/cms'
import { digestSync } from '@natsuin/pki/node'
import { parseCertificate, toPem } from '@natsuin/pki/x509'
import {
  type ApprovalItem,
  approveStatement,
  approveTicket,
  type DocumentHashType,
  type DocumentItem,
  peekJws,
} from '@natsuin/protocol/approval'
import { activityLeaf, commitmentText, documentCommitmentText } from '@natsuin/protocol/log'
import type { AskedRepresentation, SapResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { answer, approveStatementBytes, byPasskey } from '@natsuin/testing/deployment'
import { opensslCades } from '@natsuin/testing/judges'
import { issuing, root } from '@natsuin/testing/pki'
import {
  approve,
  attestedKey,
  enrolSigner,
  evidenceOf,
  type Signer,
  seenItem,
  signRequestFor,
  unseenItem,
} from '../fixture/people.ts'
import {
  ACTIVITY_LOG,
  foundPlace,
  newFolder,
  newFounding,
  type OpenPlace,
  ORIGIN,
  openPlace,
  type Place,
} from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'
import { watchModule } from '../fixture/watched.ts'

const ANY = ['-purpose', 'any']
const random = (length = 32) => new Uint8Array(randomBytes(length))

function documentItem(hashType: DocumentHashType, documentDigest = random()): DocumentItem {
  return { basis: 'seen', label: 'contract.pdf', hashType, documentDigest }
}

/** The SAM makes what is signed for it. */
const made = (
  { hashType, documentDigest }: DocumentItem,
  cms: 'cades' | 'pades' = 'cades',
): AskedRepresentation =>
  hashType === 'sodr' ? { hashType, documentDigest, cms: 'cades' } : { hashType, documentDigest, cms }

/** `server` made it, of whatever it liked. */
function prepared({ hashType, documentDigest }: DocumentItem, dtbs = random(100)) {
  return { hashType, documentDigest, dtbsr: digestSync('sha256', dtbs), dtbs }
}

describe('a document that was approved by its digest (sole-control 4)', () => {
  const uses: string[] = []
  let world: OpenPlace & Place
  let strict: Signer
  let lenient: Signer
  before(async () => {
    const place = await foundPlace()
    world = { ...place, ...(await openPlace(place, { module: watchModule(place.module, uses) })) }
    strict = await enrolSigner(world, { level: 3 })
    lenient = await enrolSigner(world, { level: 2 })
  })
  after(() => world.store.close())

  const sign = (
    sad: SapResponse<'approve'>,
    dtbsrs: readonly AskedRepresentation[],
    requestId = '',
  ): Promise<SapResponse<'sign'>> => world.sap.sign({ ...signRequestFor(sad, []), dtbsrs, requestId })

  const certificateOf = async ({ credentialId }: Signer) => {
    const { certificate } = await world.sam.records.need('credential', credentialId)
    return certificate?.chain[0] ?? assert.fail()
  }

  function assertSigns({ attestation }: Signer, data: Uint8Array, value: Uint8Array | undefined): void {
    const key = createPublicKey({ key: Buffer.from(attestedKey(attestation)), format: 'der', type: 'spki' })
    assert.ok(verify('sha256', data, key, value ?? random()))
  }

  it('is signed at level 3 by attributes that hold the approved digest, the certificate and nothing of anybody else', async () => {
    const items = [documentItem('sdr'), documentItem('sdr')]
    const [first, second] = items
    assert.ok(first && second)
    const sad = await approve(world, strict, items)
    const answered = await sign(sad, [made(second, 'pades'), made(first, 'cades')])
    const [pades, cades] = answered.made ?? []
    assert.ok(pades && cades)
    assert.deepEqual([pades.index, cades.index], [0, 1])
    const certificateHash = digestSync('sha256', await certificateOf(strict))
    for (const [{ signedAttributes }, { documentDigest }] of [
      [pades, second] as const,
      [cades, first] as const,
    ]) {
      const read = parseSignedAttributes(signedAttributes)
      assert.equal(read.contentType, '1.2.840.113549.1.7.1')
      assert.deepEqual(read.messageDigest, documentDigest)
      assert.deepEqual(read.signingCertificate?.certificateHash, certificateHash)
    }
    const now = new Date(Math.floor(world.clock.wall() / 1000) * 1000)
    const [inPades, inCades] = [pades, cades].map(one => parseSignedAttributes(one.signedAttributes))
    assert.deepEqual([inPades?.signingTime, inPades?.all.length], [undefined, 3])
    assert.deepEqual([inCades?.signingTime, inCades?.all.length], [now, 5])
    assertSigns(strict, pades.signedAttributes, answered.signatures[0])
    assertSigns(strict, cades.signedAttributes, answered.signatures[1])
  })

  for (const cms of ['cades', 'pades'] as const) {
    it(`is signed by attributes of ${cms} that openssl takes for a signature over the document`, async () => {
      const folder = newFolder()
      const content = random(1000)
      const item = documentItem('sdr', digestSync('sha256', content))
      const { signatures, made: attributes } = await sign(await approve(world, strict, [item]), [
        made(item, cms),
      ])
      const signer = parseCertificate(await certificateOf(strict))
      const der = assembleSignedData({
        digestAlgorithm: 'sha256',
        signatureAlgorithm: 'ecdsa-sha256',
        signedAttributes: attributes?.[0]?.signedAttributes ?? random(),
        signature: signatures[0] ?? random(),
        signer,
        certificates: [issuing.certificate.bytes],
      })
      const files = {
        'signature.der': der,
        content,
        other: random(1000),
        'root.pem': toPem('CERTIFICATE', root.certificate.bytes),
      }
      for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
      const at = (name: string) => join(folder, name)
      const judge = (document: string) =>
        opensslCades('-in', at('signature.der'), '-content', at(document), '-CAfile', at('root.pem'), ...ANY)
      assert.match(judge('content'), /CAdES Verification successful/)
      assert.throws(() => judge('other'))
    })
  }

  it('is signed beside a DTBS/R that was approved, in the order in which they are asked for', async () => {
    const [document, other, representation] = [documentItem('sdr'), documentItem('sodr'), await seenItem()]
    const sad = await approve(world, lenient, [document, representation, other])
    const byServer = prepared(other)
    const { signatures, made: attributes } = await sign(sad, [byServer, representation.dtbsr, made(document)])
    assert.deepEqual(
      attributes?.map(({ index }) => index),
      [2],
    )
    assertSigns(lenient, byServer.dtbs, signatures[0])
    assertSigns(lenient, representation.dtbs, signatures[1])
    assertSigns(lenient, attributes?.[0]?.signedAttributes ?? random(), signatures[2])
  })

  it('is signed once, or as often as it was approved (T-SAD-06)', async () => {
    const item = documentItem('sdr')
    const once = await approve(world, strict, [item, documentItem('sdr')])
    await assertRefused('dtbsr-not-authorised', sign(once, [made(item), made(item, 'pades')]))
    await sign(once, [made(item)])
    await assertRefused('dtbsr-not-authorised', sign(once, [made(item)]))
    const twice = await approve(world, strict, [item, item])
    assert.equal((await sign(twice, [made(item), made(item)])).signatures.length, 2)
  })

  it('is refused with any one bit of its digest changed (T-SAD-05)', async () => {
    const item = documentItem('sdr')
    const sad = await approve(world, strict, [item])
    const { documentDigest } = item
    for (let bit = 0; bit < 256; bit += 7) {
      const flipped = documentDigest.with(bit >> 3, (documentDigest[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
      await assertRefused('dtbsr-not-authorised', sign(sad, [made({ ...item, documentDigest: flipped })]))
    }
    await sign(sad, [made(item)])
  })

  it('is nothing but what it was approved as, and a DTBS/R is no document (T-SAD-05)', async () => {
    const value = random()
    const [sdr, sodr] = [documentItem('sdr', value), documentItem('sodr', value)]
    const approvedAs: readonly (readonly [
      ApprovalItem,
      readonly AskedRepresentation[],
      AskedRepresentation,
    ])[] = [
      [sdr, [value, made(sodr), prepared(sodr)], made(sdr)],
      [sodr, [value, made(sdr), made(sdr, 'pades'), prepared(sdr)], made(sodr)],
      [
        { ...unseenItem(), dtbsr: value },
        [made(sdr), made(sodr), prepared(sdr), { ...prepared(sodr), dtbsr: value }],
        value,
      ],
    ]
    for (const [item, others, itself] of approvedAs) {
      const sad = await approve(world, lenient, [item])
      uses.length = 0
      for (const other of others) {
        await assertRefused('dtbsr-not-authorised', sign(sad, [other]))
      }
      assert.deepEqual(uses, [])
      await sign(sad, [itself])
    }
  })

  it('is never approved as a whole file at level 3, and is below it', async () => {
    const item = documentItem('sodr')
    await assertRefused('hash-type-refused', approve(world, strict, [documentItem('sdr'), item]))
    await sign(await approve(world, lenient, [item]), [made(item)])
  })

  it('is signed at level 3 by nothing that the server made, and below it by what it made', async () => {
    const item = documentItem('sdr')
    const sad = await approve(world, strict, [item])
    uses.length = 0
    await assertRefused('representation-refused', sign(sad, [prepared(item)]))
    assert.deepEqual(uses, [])
    await sign(sad, [made(item)])
    const { signatures, made: attributes } = await sign(await approve(world, lenient, [item]), [
      prepared(item),
    ])
    assert.deepEqual([signatures.length, attributes], [1, undefined])
  })

  it('may have its DTBS/R from the server without a preimage, but not with another one', async () => {
    const item = documentItem('sodr')
    const sad = await approve(world, lenient, [item])
    const { dtbs, ...bare } = prepared(item)
    await assertRefused('dtbs-mismatch', sign(sad, [{ ...bare, dtbs: random(100) }]))
    assert.equal((await sign(sad, [bare])).signatures.length, 1)
    assert.ok(dtbs.length > 0)
  })

  const lengths: readonly (readonly [string, (item: DocumentItem) => AskedRepresentation])[] = [
    ['a digest too short', item => ({ ...prepared(item), documentDigest: random(31) })],
    ['a digest too long', item => made({ ...item, documentDigest: random(48) })],
    ['a DTBS/R too short', item => ({ ...prepared(item), dtbsr: random(20) })],
    ['a DTBS/R too long', item => ({ ...prepared(item), dtbsr: random(64) })],
  ]
  for (const [what, wrong] of lengths) {
    it(`is not signed by ${what} (T-SAD-09)`, async () => {
      const item = documentItem('sodr')
      const sad = await approve(world, lenient, [item])
      await assertRefused('digest-length', sign(sad, [wrong(item)]))
      await sign(sad, [prepared(item)])
    })
  }

  it('is approved by a digest of the length of its algorithm (T-SAD-09)', async () => {
    await assertRefused('digest-length', approve(world, lenient, [documentItem('sdr', random(48))]))
  })

  it('is on the basis that the class accepts, as a DTBS/R is', async () => {
    const unseen: DocumentItem = { ...documentItem('sdr'), basis: 'unseen' }
    await assertRefused('basis-refused', approve(world, strict, [unseen]))
    await approve(world, lenient, [unseen])
  })

  it('gives a retry the same values and the same attributes, however much later, and never another signature', async () => {
    const item = documentItem('sdr')
    const sad = await approve(world, strict, [item])
    const first = await sign(sad, [made(item)], 'retry-1')
    uses.length = 0
    world.clock.pass(5)
    assert.deepEqual(await sign(sad, [made(item)], 'retry-1'), first)
    assert.ok(first.made)
    assert.deepEqual(uses, [])
    await assertRefused('request-differs', sign(sad, [made(item, 'pades')], 'retry-1'))
  })

  it('goes on with its SAD as what it was approved as', async () => {
    const item = documentItem('sdr')
    const { sad, credentialId, clientId } = await approve(world, strict, [item])
    const extend = (hashType: DocumentHashType) =>
      world.sap['sads/extend']({
        sad,
        credentialId,
        clientId,
        dtbsrs: [{ hashType, documentDigest: item.documentDigest }],
      })
    await assertRefused('dtbsr-not-authorised', extend('sodr'))
    await sign(await extend('sdr'), [made(item)])
  })

  it('stands in the log as a commitment to what was approved and what was signed, as what it was approved', async () => {
    const [item, other] = [documentItem('sdr'), documentItem('sodr')]
    const sad = await approve(world, lenient, [item, other])
    const from = world.sam.logs.activity.size
    const byServer = prepared(other)
    const { made: attributes = [] } = await sign(sad, [made(item), byServer])
    const leaves = (await world.store.rows(ACTIVITY_LOG, from, 10)).map(({ leaf }) =>
      readStrictJson(leaf, activityLeaf),
    )
    const [granted] = leaves.filter(one => one.event === 'granted')
    const { statement } = await world.sam.records.need('approval', sad.sadId)
    const { nonce } = peekJws(
      readStrictJson(statement, approveStatement).ticket,
      'natsuin-ticket',
      approveTicket,
    )
    const dtbsr = digestSync('sha256', attributes[0]?.signedAttributes ?? random())
    const texts = [
      documentCommitmentText(nonce, { hashType: 'sdr', documentDigest: item.documentDigest, dtbsr }),
      documentCommitmentText(nonce, byServer),
    ]
    assert.deepEqual(
      granted?.commitments,
      texts.map(text => digestSync('sha256', text)),
    )
    assert.notDeepEqual(granted?.commitments[0], digestSync('sha256', commitmentText(nonce, dtbsr)))
  })

  it('stands in the evidence with what was made of it, and by whom', async () => {
    const [item, other] = [documentItem('sdr'), documentItem('sodr')]
    const { dtbs, ...bare } = prepared(other)
    const sad = await approve(world, lenient, [item, other])
    const signed = await sign(sad, [made(item), bare])
    const { signedAttributes } = signed.made?.[0] ?? assert.fail()
    const read = async (index: number) =>
      (await world.sap.evidence(evidenceOf(signed, index))).evidence.activation
    const { hashType, documentDigest } = item
    const bySam = await read(0)
    assert.deepEqual(bySam.made, { madeBy: 'sam', hashType, documentDigest, signedAttributes })
    assert.deepEqual(bySam.dtbsr, digestSync('sha256', signedAttributes))
    const byServer = await read(1)
    assert.deepEqual(byServer.made, {
      madeBy: 'server',
      hashType: 'sodr',
      documentDigest: other.documentDigest,
    })
    assert.deepEqual(byServer.dtbsr, digestSync('sha256', dtbs))
  })

  it('is signed by an Ed25519 key from the message that was made of it, and not from a digest alone', async () => {
    const { classes } = newFounding().founding
    const ofEd25519 = classes.map(one => ({ ...one, keyType: 'ed25519' as const }))
    const place = await foundPlace({ founding: { classes: ofEd25519 } })
    const own = { ...place, ...(await openPlace(place)) }
    const signer = await enrolSigner(own, { level: 1, keyType: 'ed25519' })
    const documents = [documentItem('sdr', random(64)), documentItem('sodr', random(64))]
    const [mine, theirs] = documents
    assert.ok(mine && theirs)
    const { credentialId, device } = signer
    const { ticket, allow } = await own.sap['tickets/approve']({ credentialId, clientId: 'app' })
    const statement = approveStatementBytes(ticket, documents, { digestAlgorithm: 'sha512' })
    const sad = await own.sap.approve(byPasskey(answer(statement, { device, origin: ORIGIN, allow })))
    const algorithms = { digestAlgorithm: 'sha512', signatureAlgorithm: 'ed25519' } as const
    const signing = (dtbsrs: readonly AskedRepresentation[]) =>
      own.sap.sign({ ...signRequestFor(sad, []), ...algorithms, dtbsrs })
    const dtbs = random(100)
    const bare = {
      hashType: theirs.hashType,
      documentDigest: theirs.documentDigest,
      dtbsr: digestSync('sha512', dtbs),
    }
    await assertRefused('dtbs-missing', signing([bare]))
    const { signatures, made: attributes } = await signing([made(mine), { ...bare, dtbs }])
    const spki = Buffer.from(attestedKey(signer.attestation))
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    const messages = [attributes?.[0]?.signedAttributes ?? random(), dtbs]
    for (const [i, message] of messages.entries())
      assert.ok(verify(null, message, key, signatures[i] ?? random()))
    await own.store.close()
  })
})
