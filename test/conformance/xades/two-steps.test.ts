/** Prepare and complete: what goes out to whoever signs, what may come back, and what is refused. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bytesSource } from '@natsuin/ades/pdf'
import { verifyXades } from '@natsuin/ades/validation/xades'
import {
  COMMITMENT_TYPES,
  completeXades,
  preparedXadesFromJson,
  preparedXadesToJson,
  prepareXades,
} from '@natsuin/ades/xades'
import { browserPlatform } from '@natsuin/pki/browser'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { chain, NOW, root, signer } from '@natsuin/testing/pki'
import { CONTENTS, complete, detached, levelsOf, ORDER, prepare, sign, verify } from './signing.ts'

const refusal = (name: string, code: string) => ({ name, code })
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

describe('preparing', () => {
  for (const [packaging, content] of Object.entries(CONTENTS)) {
    it(`gives the same for the same content, signer and time: ${packaging}`, async () => {
      assert.deepEqual(await prepare(content), await prepare(content))
    })
  }

  it('gives the digest of ds:SignedInfo as what the key signs', async () => {
    const { signedInfo, dtbsr } = await prepare(CONTENTS.enveloped)
    assert.deepEqual(dtbsr, await platform.digest('sha256', signedInfo))
    assert.match(textOf(signedInfo), /^<ds:SignedInfo xmlns:ds="[^"]+"><ds:CanonicalizationMethod/)
  })

  it('leaves the document as it is around the signature', async () => {
    const signed = textOf(await sign(CONTENTS.enveloped))
    const [before = '', after = ''] = signed.split(/<ds:Signature [\s\S]*<\/ds:Signature>/)
    assert.equal(before + after, textOf(ORDER))
  })

  it('opens a root that has nothing in it', async () => {
    for (const root of ['<order/>', '<o:order xmlns:o="urn:o" a="/>" />']) {
      const document = utf8(root)
      const signed = await sign({ packaging: 'enveloped', document })
      assert.deepEqual(await levelsOf(signed), ['B-B'])
    }
  })

  it('canonicalises the document in every form', async () => {
    for (const canonicalForm of ['c14n', 'c14n11', 'exc-c14n'] as const) {
      const signed = await sign({ ...CONTENTS.enveloped, canonicalForm })
      assert.deepEqual(await levelsOf(signed), ['B-B'], canonicalForm)
    }
  })

  it('reads a detached object as a stream, or takes its digest alone', async () => {
    async function* stream() {
      yield ORDER.subarray(0, 10)
      yield ORDER.subarray(10)
    }
    const digest = await platform.digest('sha256', ORDER)
    const known = { digestAlgorithm: 'sha256' as const, digest }
    const prepared = await Promise.all(
      [bytesSource(ORDER), stream(), known].map(content =>
        prepare({ packaging: 'detached', objects: [{ uri: 'order.xml', content }] }),
      ),
    )
    assert.deepEqual(prepared[1], prepared[0])
    assert.deepEqual(prepared[2], prepared[0])
    const other = { digestAlgorithm: 'sha512' as const, digest: new Uint8Array(64) }
    const objects = [{ uri: 'order.xml', content: other }]
    await assert.rejects(prepare({ packaging: 'detached', objects }), RangeError)
  })

  it('writes what the signer says, in the order of the schema and in any script', async () => {
    const signed = await sign(CONTENTS.enveloped, {
      claimedRoles: ['購買 <部長> & "CEO"'],
      productionPlace: {
        city: '京都',
        streetAddress: '1',
        stateOrProvince: '2',
        postalCode: '3',
        countryName: 'JP',
      },
      commitmentTypes: [COMMITMENT_TYPES.proofOfApproval, '1.2.3.4'],
      signaturePolicy: {
        identifier: '1.2.3',
        digestAlgorithm: 'sha256',
        digest: new Uint8Array(32),
        uri: 'https://policy.example/',
      },
    })
    assert.deepEqual(await levelsOf(signed), ['B-B'])
    const text = textOf(signed)
    const NAMES = [
      ...['SigningTime', 'SigningCertificateV2', 'SignaturePolicyIdentifier', 'SPURI'],
      ...[
        'SignatureProductionPlaceV2',
        'City',
        'StreetAddress',
        'StateOrProvince',
        'PostalCode',
        'CountryName',
      ],
      ...['SignerRoleV2', 'DataObjectFormat', 'MimeType', 'CommitmentTypeIndication'],
    ]
    const positions = NAMES.map(name => text.indexOf(`<xades:${name}`))
    assert.ok(positions.every(position => position > 0))
    assert.deepEqual(
      positions,
      positions.toSorted((a, b) => a - b),
    )
    assert.ok(text.includes('購買 &lt;部長&gt; &amp; "CEO"'))
    assert.ok(text.includes('<xades:Identifier Qualifier="OIDAsURN">urn:oid:1.2.3.4</xades:Identifier>'))
  })

  it('refuses documents that it would have to guess at', async () => {
    const enveloped = (text: string) => prepare({ packaging: 'enveloped', document: utf8(text) })
    await assert.rejects(enveloped('<!DOCTYPE a><a/>'), refusal('XmlRefusal', 'xml-doctype'))
    await assert.rejects(enveloped('Dear Sir or Madam'), refusal('XmlRefusal', 'xml-malformed'))
  })

  it('refuses what cannot stand in XML, be referred to or be signed by the key', async () => {
    const illegal = prepare(CONTENTS.enveloped, { claimedRoles: ['a\u0000b'] })
    await assert.rejects(illegal, refusal('XmlRefusal', 'xml-malformed'))
    for (const uri of ['', '#order']) {
      const objects = [{ uri, content: bytesSource(ORDER) }]
      await assert.rejects(prepare({ packaging: 'detached', objects }), RangeError)
    }
    await assert.rejects(prepare(CONTENTS.enveloped, { signatureAlgorithm: 'rsa-sha256' }), RangeError)
  })

  it('survives being written as JSON', async () => {
    for (const content of Object.values(CONTENTS)) {
      const prepared = await prepare(content)
      const read = preparedXadesFromJson(preparedXadesToJson(prepared))
      assert.deepEqual(read, prepared)
      assert.deepEqual(await levelsOf(await complete(read)), ['B-B'])
    }
    for (const text of ['{}', '[]', 'null', '{"before":"!"}'])
      assert.throws(() => preparedXadesFromJson(text), RangeError)
  })
})

describe('completing', () => {
  it('refuses a value by another key, or over something else', async () => {
    const prepared = await prepare(CONTENTS.enveloped)
    for (const value of [root.sign(prepared.signedInfo), signer.sign(prepared.dtbsr), new Uint8Array()])
      await assert.rejects(
        completeXades(prepared, value, { platform }),
        refusal('AdesRefusal', 'signature-does-not-verify'),
      )
  })

  it('refuses a time-stamp over something else', async () => {
    const prepared = await prepare(CONTENTS.enveloped)
    const timeStamp = async () => Uint8Array.of(0x30, 0)
    const completed = completeXades(prepared, signer.sign(prepared.signedInfo), { platform, timeStamp })
    await assert.rejects(completed, refusal('AdesRefusal', 'time-stamp-invalid'))
  })
})

describe('a verdict', () => {
  it('comes with exactly what was signed, and the types that the signer gave', async () => {
    const [enveloping] = await verify(await sign(CONTENTS.enveloping))
    const contents = enveloping?.facts.contents ?? []
    assert.deepEqual(
      contents.map(({ mimeType }) => mimeType),
      ['text/xml', 'application/octet-stream'],
    )
    const first = contents[0]?.octets
    assert.deepEqual(await first?.read(0, first.size), ORDER)
    const [enveloped] = await verify(await sign(CONTENTS.enveloped))
    const octets = enveloped?.facts.contents?.[0]?.octets
    assert.match(
      textOf((await octets?.read(0, octets.size)) ?? new Uint8Array()),
      /^<order [\s\S]*<\/order>$/,
    )
  })

  it('shows what the signer said', async () => {
    const [verdict] = await verify(await sign(CONTENTS.enveloped, { claimedRoles: ['購買部長'] }))
    const text = verdict?.facts.signedProperties ?? ''
    assert.match(text, /^<xades:SignedProperties xmlns:xades="[^"]+" Id="/)
    assert.ok(text.includes('<xades:ClaimedRole>購買部長</xades:ClaimedRole>'))
  })

  it('knows the time that the signer claims, and needs one to judge at', async () => {
    const signed = await sign(CONTENTS.enveloped)
    const [verdict] = await verifyXades(signed, { platform, trustAnchors: [root.certificate.bytes] })
    assert.deepEqual(verdict?.facts.claimedSigningTime, NOW)
    assert.ok(verdict !== undefined && 'subIndication' in verdict)
    assert.equal(verdict.subIndication, 'NO_POE')
  })

  it('finds the chain in the signature, and no trust', async () => {
    const signed = await sign(CONTENTS.enveloped)
    const [verdict] = await verifyXades(signed, { platform, trustAnchors: [], at: NOW })
    assert.ok(verdict !== undefined && 'subIndication' in verdict)
    assert.equal(verdict.subIndication, 'NO_CERTIFICATE_CHAIN_FOUND')
  })
})

describe('in a browser', () => {
  it('signs and validates over WebCrypto what Node does, in the same octets', async () => {
    for (const content of Object.values(CONTENTS)) {
      const prepared = await prepare(content, { platform: browserPlatform })
      assert.deepEqual(prepared, await prepare(content))
      const value = signer.sign(prepared.signedInfo)
      const signed = await completeXades(prepared, value, { platform: browserPlatform })
      const trust = { platform: browserPlatform, trustAnchors: [root.certificate.bytes], at: NOW, detached }
      const [verdict] = await verifyXades(signed, trust)
      assert.equal(verdict?.indication, 'TOTAL-PASSED')
    }
  })
})

describe('prepareXades', () => {
  it('embeds no chain where none is given', async () => {
    const options = {
      platform,
      signingCertificate: signer.certificate.bytes,
      signatureAlgorithm: signer.algorithm,
    }
    const prepared = await prepareXades(CONTENTS.enveloped, { ...options, signingTime: NOW })
    assert.equal(prepared.signature.split('<ds:X509Certificate>').length - 1, 1)
    assert.equal(
      (await prepare(CONTENTS.enveloped)).signature.split('<ds:X509Certificate>').length - 1,
      1 + chain.length,
    )
  })
})
