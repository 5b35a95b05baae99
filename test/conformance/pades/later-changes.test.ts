/**
 * What somebody appends to a signed document (T-PDF-03), to one that lasts as well as to one that does not, and what
 * he puts into its security store (T-PDF-12). Each variant differs from a document that passes in what is appended.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { PDF_SHAPES, type ShapeObject, toBytes } from '@natsuin/testing/pdf'
import { afterDays, crlOf, issuing, NOW, ocspAnswerOf, root, signer } from '@natsuin/testing/pki'
import { appended, bodyOf, stream, withStore } from './appended.ts'
import { augment, sign, verify } from './signing.ts'

const original = PDF_SHAPES[0]?.bytes() ?? new Uint8Array()
const signed = await sign(original)
const stored = await augment(signed, 'B-LT')
const archived = await augment(signed, 'B-LTA')
const DOCUMENTS = { signed, stored, archived }

function withEntry(document: Uint8Array, number: number, entry: string): ShapeObject {
  return { number, body: bodyOf(document, number).replace(/>>$/, `${entry}>>`) }
}

const FREE = 90
const CONTENT = 'BT /F1 24 Tf 72 720 Td (A gift) Tj ET'
const field = (signature: string, rectangle = '0 0 0 0') =>
  `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sneaky) /Rect [${rectangle}] /V ${signature} >>`
const STAMP = '<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /Contents <00> >>'
const grown = (document: Uint8Array, number: number, key: string, reference: string): ShapeObject => ({
  number,
  body: bodyOf(document, number).replace(new RegExp(`/${key} \\[([^\\]]*)\\]`), `/${key} [$1 ${reference}]`),
})

type Attack = (document: Uint8Array) => Uint8Array

const CHANGES: Readonly<Record<string, Attack>> = {
  'the content of the page': d => appended(d, [{ number: 4, body: stream(CONTENT) }]),
  'the content by a new object': d =>
    appended(d, [
      { number: FREE, body: stream(CONTENT) },
      { number: 3, body: bodyOf(d, 3).replace('/Contents 4 0 R', `/Contents ${FREE} 0 R`) },
    ]),
  'the size of the page': d => appended(d, [{ number: 3, body: bodyOf(d, 3).replace('595', '595.5') }]),
  'the page, turned': d => appended(d, [withEntry(d, 3, ' /Rotate 180')]),
  'the tree of pages': d =>
    appended(d, [{ number: 2, body: '<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>' }]),
  'an annotation': d =>
    appended(d, [
      { number: FREE, body: '<< /Type /Annot /Subtype /FreeText /Rect [0 0 200 200] /Contents (Paid) >>' },
      grown(d, 3, 'Annots', `${FREE} 0 R`),
    ]),
  'an annotation taken away': d =>
    appended(d, [{ number: 3, body: bodyOf(d, 3).replace(/\/Annots \[[^\]]*\]/, '') }]),
  'a field that only looks like a time-stamp’s': d =>
    appended(d, [{ number: FREE, body: field('null') }, grown(d, 3, 'Annots', `${FREE} 0 R`)]),
  'the field of a time-stamp, visible': d =>
    appended(d, [
      { number: FREE, body: field(`${FREE + 1} 0 R`, '0 0 200 200') },
      { number: FREE + 1, body: STAMP },
      grown(d, 3, 'Annots', `${FREE} 0 R`),
    ]),
  'the field of a time-stamp, with an action': d =>
    appended(d, [
      { number: FREE, body: field(`${FREE + 1} 0 R /AA << /PO << /S /JavaScript /JS (1) >> >>`) },
      { number: FREE + 1, body: STAMP },
      grown(d, 3, 'Annots', `${FREE} 0 R`),
    ]),
  'which fields a signature has': d =>
    appended(d, [{ number: FREE, body: field('5 0 R') }, grown(d, 3, 'Annots', `${FREE} 0 R`)]),
  'the signature field': d => appended(d, [withEntry(d, 6, ' /AP << /N 4 0 R >>')]),
  'the signature dictionary': d => appended(d, [{ number: 5, body: STAMP }]),
  'an action on opening': d => appended(d, [withEntry(d, 1, ' /OpenAction << /S /JavaScript /JS (1) >>')]),
  'the form, with scripts': d =>
    appended(d, [{ number: 1, body: bodyOf(d, 1).replace('/SigFlags', '/CO [] /SigFlags') }]),
  'the names': d => appended(d, [withEntry(d, 1, ' /Names << >>')]),
  layers: d => appended(d, [withEntry(d, 1, ' /OCProperties << >>')]),
  'another catalog': d =>
    appended(d, [{ number: FREE, body: '<< /Type /Catalog /Pages 2 0 R >>' }], `${FREE} 0 R`),
  'information about the document': d =>
    appended(d, [{ number: FREE, body: '<< /Title (x) >>' }], '1 0 R', `/Info ${FREE} 0 R`),
  'an object that is nothing any more': d => appended(d, [{ number: 4, body: 'null' }]),
  'bytes without an update': d => concat(d, utf8('% paid\n')),
  'objects without a section': d => concat(d, utf8(`4 0 obj\n${stream(CONTENT)}\nendobj\n`)),
  'a section that points nowhere': d => concat(d, utf8('startxref\n9\n%%EOF\n')),
}

describe('an update behind a signed document (T-PDF-03)', () => {
  it('starts from documents that pass', async () => {
    for (const document of Object.values(DOCUMENTS))
      assert.equal((await verify(document)).indication, 'TOTAL-PASSED')
  })

  it('may hold objects that nothing refers to', async () => {
    for (const document of Object.values(DOCUMENTS)) {
      for (const body of [stream(CONTENT), '']) {
        const verdict = await verify(appended(document, [{ number: FREE, body }]))
        assert.equal(verdict.indication, 'TOTAL-PASSED', 'reason' in verdict ? verdict.reason : '')
      }
    }
  })

  for (const [what, attack] of Object.entries(CHANGES)) {
    it(`never passes when it changes ${what}`, async () => {
      for (const [name, document] of Object.entries(DOCUMENTS)) {
        const verdict = await verify(attack(document))
        assert.equal(verdict.indication, 'TOTAL-FAILED', name)
        assert.equal('subIndication' in verdict && verdict.subIndication, 'FORMAT_FAILURE', name)
      }
    })
  }

  it('never passes with a second field for its signature, or another look of its field (T-PDF-07)', async () => {
    for (const what of ['which fields a signature has', 'the signature field']) {
      const verdict = await verify(CHANGES[what]?.(signed) ?? signed)
      assert.equal('subIndication' in verdict && verdict.subIndication, 'FORMAT_FAILURE', what)
    }
  })

  it('never passes when the signed document waited for an object (T-PDF-05)', async () => {
    const waiting = Buffer.from(original).toString('latin1').replace('/Contents 4 0 R', '/Contents 8 0 R')
    const document = await sign(toBytes(waiting))
    assert.equal((await verify(document)).indication, 'TOTAL-PASSED')
    const attacked = await verify(appended(document, [{ number: 8, body: stream(CONTENT) }]))
    assert.equal('reason' in attacked && attacked.reason, 'changed after it was signed: object 8 was missing')
  })

  it('is judged for the last signature: a signature behind it makes it part of what is signed', async () => {
    const changed = appended(signed, [{ number: 4, body: stream(CONTENT) }])
    const resigned = await sign(changed)
    assert.equal((await verify(resigned)).indication, 'TOTAL-PASSED')
    assert.equal((await verify(resigned.subarray(0, changed.length))).indication, 'TOTAL-FAILED')
  })
})

describe('what is put into the security store (T-PDF-12)', () => {
  /** A store with these answers and nothing else, behind the signed document. */
  const poisoned = (ocsp: readonly Uint8Array[], crls: readonly Uint8Array[] = []) =>
    withStore(signed, { ocsp, crls })

  const facts = async (document: Uint8Array, at = NOW) => {
    const verdict = await verify(document, at)
    return 'subIndication' in verdict
      ? verdict.subIndication
      : `${verdict.facts.level} ${verdict.facts.revocationProblem}`
  }
  const good = (certificate = signer.certificate, by = issuing) =>
    ocspAnswerOf(certificate, by, { thisUpdate: NOW })
  const others = async () => [await good(issuing.certificate, root)]

  it('is not enough when something is missing', async () => {
    assert.equal(await facts(poisoned([])), 'B-T no revocation information on CN=Hanako Yamada')
    assert.equal(
      await facts(poisoned([await good()])),
      'B-T no revocation information on CN=PAdES Test Issuing CA',
    )
    assert.equal(
      await facts(poisoned([await good(), ...(await others())])),
      'B-T no revocation information on CN=PAdES Test TSU',
    )
  })

  const FORGED: Readonly<Record<string, () => Promise<Uint8Array>>> = {
    'by a responder that nobody delegated': () =>
      ocspAnswerOf(signer.certificate, issuing, { thisUpdate: NOW, responder: signer }),
    'about another certificate': () => good(root.certificate),
    'from long before the signature': () =>
      ocspAnswerOf(signer.certificate, issuing, { thisUpdate: afterDays(-9) }),
    'from after the time of validation': () =>
      ocspAnswerOf(signer.certificate, issuing, { thisUpdate: afterDays(1) }),
    'that is no answer': async () => utf8('good, I swear'),
  }
  for (const [what, forge] of Object.entries(FORGED)) {
    it(`is not used when it is an answer ${what}`, async () => {
      const document = poisoned([await forge(), ...(await others())])
      assert.equal(await facts(document), 'B-T no revocation information on CN=Hanako Yamada')
    })
  }

  it('says that a certificate was revoked, whatever else it says (REVOKED_NO_POE)', async () => {
    const revokedAt = afterDays(-1)
    const status = { thisUpdate: NOW, revokedAt }
    const bad = await ocspAnswerOf(signer.certificate, issuing, status)
    assert.equal(await facts(poisoned([await good(), bad, ...(await others())])), 'REVOKED_NO_POE')
    const list = await crlOf(signer.certificate, issuing, status)
    assert.equal(await facts(poisoned([await good(), ...(await others())], [list])), 'REVOKED_NO_POE')
  })

  it('may say that a certificate was revoked after the signature is proven to have existed', async () => {
    const thisUpdate = afterDays(2)
    const bad = await ocspAnswerOf(signer.certificate, issuing, {
      thisUpdate,
      revokedAt: afterDays(1),
    })
    const document = poisoned([bad, ...(await others())])
    assert.equal(await facts(document, thisUpdate), 'B-T no revocation information on CN=PAdES Test TSU')
  })
})
