/**
 * One document's digest under another document's name, where the page has the document (T-SAD-23).
 *
 * What the page makes of a label is tested beside it (`sic`, approval.test.ts). Here the page is whatever the
 * attacker wants: the SAM takes as seen only what agrees with itself, and at level 3 nothing else.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { buildSignedAttributes, essCertIdOf } from '@natsuin/pki/cms'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import type { ApprovalItem, SeenItem } from '@natsuin/protocol/approval'
import {
  approve,
  classOf,
  detailFor,
  enrolSigner,
  itemsFor,
  openApplication,
  openApproval,
  REDIRECT_URI,
  testDocuments,
} from '@natsuin/testing/deployment'
import {
  approved,
  assertRefused,
  flipped,
  openStage,
  type Stage,
  seenItems,
  sha256,
  signs,
  useOf,
} from './stage.ts'

let stage: Stage
let harmless: SeenItem
let contract: SeenItem
before(async () => {
  stage = await openStage({ classes: [classOf(3), classOf(2)] })
  const [first, second] = await seenItems('harmless.pdf', 'contract.pdf')
  assert.ok(first && second)
  harmless = first
  contract = second
})
after(() => stage.close())

const approves = (item: ApprovalItem) => approved(stage, stage.alice, [item])

describe('an item that is said to have been seen', () => {
  it('is approved when document, signed attributes and digest agree', () => signs(stage, stage.alice))

  it('is refused when the digest is another document’s', async () => {
    const { dtbsr } = contract
    await assertRefused(stage, 'dtbs-mismatch', () => approves({ ...harmless, dtbsr }))
    await approves(harmless)
  })

  it('is refused when the signed attributes are another document’s', async () => {
    const { dtbs, dtbsr } = contract
    await assertRefused(stage, 'dtbs-mismatch', () => approves({ ...harmless, dtbs }))
    await assertRefused(stage, 'dtbs-mismatch', () => approves({ ...harmless, dtbs, dtbsr }))
    await approves(harmless)
  })

  it('is refused when the signed attributes name no document, two, or are none', async () => {
    const signingCertificate = await essCertIdOf(utf8('a certificate'), 'sha256', nodePlatform)
    const two = buildSignedAttributes({
      messageDigest: harmless.documentDigest,
      signingCertificate,
      further: [messageDigestAttribute(contract.documentDigest)],
    })
    const wrong = [two, harmless.dtbs.slice(1), concat(harmless.dtbs, Uint8Array.of(0)), utf8('harmless')]
    for (const dtbs of wrong) {
      await assertRefused(stage, 'dtbs-mismatch', () => approves({ ...harmless, dtbs, dtbsr: sha256(dtbs) }))
    }
    await approves(harmless)
  })

  it('is refused when one bit of the document’s digest differs', async () => {
    const documentDigest = flipped(harmless.documentDigest)
    await assertRefused(stage, 'dtbs-mismatch', () => approves({ ...harmless, documentDigest }))
    await approves(harmless)
  })

  it('under a name that hides what follows is refused (T-RAR-04)', async () => {
    for (const label of [
      'a\u202Efdp.exe',
      'a\u0000b',
      'line\nbreak',
      'zero\u200Bwidth',
      '',
      'x'.repeat(256),
    ]) {
      await assertRefused(stage, 'malformed', () => approves({ ...harmless, label }), JSON.stringify(label))
    }
    await approves({ ...harmless, label: '契約書 <b>.pdf' })
  })

  it('covers itself alone: approving the harmless one does not sign the contract', async () => {
    const sad = await approves({ ...harmless, label: contract.label })
    await assertRefused(stage, 'dtbsr-not-authorised', () => stage.sam.call('sign', useOf(sad, [contract])))
    await stage.sam.call('sign', useOf(sad, [harmless]))
  })
})

describe('an item that was not seen', () => {
  it('is refused at level 3, alone and among others', async () => {
    const { label, dtbsr } = contract
    const unseen = { basis: 'unseen', label, dtbsr } as const
    await assertRefused(stage, 'basis-refused', () => approves(unseen))
    await assertRefused(stage, 'basis-refused', () => approved(stage, stage.alice, [harmless, unseen]))
    await approved(stage, stage.alice, [harmless, contract])
  })

  it('may be approved below level 3', async () => {
    const bob = await enrolSigner(stage.deployment, { commonName: 'Bob' }, { classId: 'level-2' })
    const { label, dtbsr } = contract
    const items = [{ basis: 'unseen', label, dtbsr }] as const
    const { signatures } = await stage.sam.call('sign', useOf(await approved(stage, bob, items), items))
    assert.equal(signatures.length, 1)
  })

  it('is refused through the server too, which an honest signer has in front of him', async () => {
    const application = openApplication(stage.deployment)
    const documents = testDocuments(1)
    const detail = detailFor(stage.alice.credentialId, documents)
    const request = application.begin({ authorization_details: JSON.stringify([detail]) })
    const shown = await openApproval(stage.deployment, stage.alice, await application.push(request))
    const items = itemsFor(shown, [])
    const before = stage.keyUses()
    await assert.rejects(
      approve(stage.deployment, stage.alice, shown, { items, redirectUri: REDIRECT_URI }),
      { status: 400, code: 'basis-refused' },
    )
    assert.deepEqual(stage.keyUses(), before)
  })
})

/** RFC 5652, 11.2: SEQUENCE of the OID 1.2.840.113549.1.9.4 and a SET of one OCTET STRING. */
function messageDigestAttribute(digest: Uint8Array): Uint8Array {
  const head = Buffer.from('302f06092a864886f70d01090431220420', 'hex')
  return concat(new Uint8Array(head), digest)
}
