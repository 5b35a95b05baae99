/** What a verifier of XML signatures has to refuse: each with the right signature beside it that differs in that alone. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { verifyXades, type XadesVerdict } from '@natsuin/ades/validation/xades'
import { completeXades, prepareXadesCounterSignature, type XadesContent } from '@natsuin/ades/xades'
import { canonicalise, parseXml } from '@natsuin/ades/xml'
import { toBase64, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { chain, issue, issuing, NOW, root, SIGNER, signer } from '@natsuin/testing/pki'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { crafted, elementIn, withValue } from './crafting.ts'
import { augment, CONTENTS, detached, levelsOf, ORDER, prepare, sign, verify } from './signing.ts'

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

async function subIndication(signed: Uint8Array, count = 1): Promise<string> {
  const verdicts = await verify(signed)
  assert.equal(verdicts.length, count)
  return subIndicationOf(verdicts[0])
}

function subIndicationOf(verdict: XadesVerdict | undefined): string {
  assert.ok(verdict !== undefined)
  return 'subIndication' in verdict ? verdict.subIndication : verdict.indication
}

/** The word on a signature that was edited before it was signed; unedited it passes. */
async function wordOn(edit: (signature: string) => string, content: XadesContent = CONTENTS.enveloped) {
  const prepared = await prepare(content)
  assert.deepEqual(await levelsOf(await crafted(prepared, text => text)), ['B-B'])
  assert.notEqual(edit(prepared.signature), prepared.signature)
  return subIndication(await crafted(prepared, edit))
}

describe('altered documents', () => {
  /** Canonical, so that another spelling of the same is the same. */
  const EXCLUSIVE = { form: 'exc-c14n', withComments: false } as const

  /** What the signature is over, as a verifier sees it. */
  async function signedParts(signed: Uint8Array, { facts }: XadesVerdict): Promise<string> {
    const contents = await Promise.all(
      (facts.contents ?? []).map(({ octets }) => octets.read(0, octets.size)),
    )
    const parts = ['SignedInfo', 'SignedProperties'].map(name =>
      canonicalise(elementIn(signed, name), EXCLUSIVE),
    )
    return [...contents, ...parts].map(toBase64).join()
  }

  /** What stands under the only archive time-stamp. */
  async function archived(signed: Uint8Array): Promise<string> {
    return toBase64(
      canonicalise(parseXml(signed), EXCLUSIVE, ({ localName }) => localName === 'ArchiveTimeStamp'),
    )
  }

  async function assertFound(
    signed: Uint8Array,
    { level, protectedPart }: { level: string; protectedPart: typeof signedParts },
  ): Promise<void> {
    const [original] = await verify(signed)
    const expected = original && (await protectedPart(signed, original))
    const flip = fc.tuple(fc.nat({ max: signed.length - 1 }), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(flip, async ([position, mask]) => {
        const altered = signed.slice()
        altered[position] = (signed[position] ?? 0) ^ mask
        const [verdict] = await verify(altered)
        if (verdict?.indication !== 'TOTAL-PASSED' || verdict.facts.level !== level) return
        assert.ok((await protectedPart(altered, verdict)) === expected, `${position} ^ ${mask}`)
      }),
      { numRuns: rounds('property'), seed: seed() },
    )
  }

  for (const [packaging, content] of Object.entries(CONTENTS)) {
    it(`are found, whichever byte of what is signed is another one: ${packaging}`, async () => {
      const signed = await sign(content, { claimedRoles: ['Buyer'], productionPlace: { city: 'Kyoto' } })
      await assertFound(signed, { level: 'B-B', protectedPart: signedParts })
    })
  }

  it('are found, whichever byte under an archive time-stamp is another one', async () => {
    const signed = await augment(await sign(CONTENTS.enveloped, { level: 'B-T' }), 'B-LTA')
    await assertFound(signed, { level: 'B-LTA', protectedPart: archived })
  })

  it('are found when a detached object is another one, or is missing', async () => {
    const signed = await sign(CONTENTS.detached)
    const trusting = { platform, trustAnchors: [root.certificate.bytes], at: NOW }
    const other = (uri: string) =>
      uri === 'order.xml' ? CONTENTS.detached.objects[1].content : detached(uri)
    assert.equal(
      subIndicationOf((await verifyXades(signed, { ...trusting, detached: other }))[0]),
      'HASH_FAILURE',
    )
    assert.equal(subIndicationOf((await verifyXades(signed, trusting))[0]), 'SIGNED_DATA_NOT_FOUND')
  })
})

describe('documents without a signature', () => {
  it('get a verdict that says so', async () => {
    for (const text of ['<order/>', 'Dear Sir or Madam', '<!DOCTYPE a><a/>', ''])
      assert.equal(await subIndication(utf8(text)), 'FORMAT_FAILURE')
  })
})

describe('Ids', () => {
  it('that are there twice name nothing, by whichever attribute (T-XML-04)', async () => {
    const signed = textOf(await sign(CONTENTS.enveloped))
    const id = /<xades:SignedProperties Id="([^"]+)"/.exec(signed)?.[1] ?? ''
    const INSIDE =
      '<xades:UnsignedProperties><xades:UnsignedSignatureProperties><x/></xades:UnsignedSignatureProperties></xades:UnsignedProperties>'
    const withUnsigned = (attribute: string) =>
      utf8(
        signed.replace(
          '</xades:SignedProperties>',
          `$&${INSIDE.replace('<x/>', `<x xmlns:wsu="urn:wsu" ${attribute}/>`)}`,
        ),
      )
    assert.deepEqual(await levelsOf(withUnsigned('Id="another"')), ['B-B'])
    for (const name of ['Id', 'ID', 'id', 'xml:id', 'wsu:Id'])
      assert.equal(await subIndication(withUnsigned(`${name}="${id}"`)), 'SIG_CONSTRAINTS_FAILURE', name)
  })
})

describe('signed properties', () => {
  it('are signed, exactly once and those of this signature (T-XML-05)', async () => {
    const reference =
      /<ds:Reference Type="http:\/\/uri\.etsi\.org\/01903#SignedProperties"[\s\S]*?<\/ds:Reference>/
    assert.equal(await wordOn(text => text.replace(reference, '')), 'SIG_CONSTRAINTS_FAILURE')
    assert.equal(await wordOn(text => text.replace(reference, '$&$&')), 'SIG_CONSTRAINTS_FAILURE')
    const untyped = (text: string) =>
      text.replace(/ Type="http:\/\/uri\.etsi\.org\/01903#SignedProperties"/, '')
    assert.equal(await wordOn(untyped), 'SIG_CONSTRAINTS_FAILURE')
  })

  it('name the signer and the time (EN 319 132-1 V1.3.1, 6.3)', async () => {
    const without = (name: string) => (text: string) =>
      text.replace(new RegExp(`<xades:${name}>[\\s\\S]*</xades:${name}>`), '')
    assert.equal(await wordOn(without('SigningTime')), 'FORMAT_FAILURE')
    assert.equal(await wordOn(without('SigningCertificateV2')), 'SIG_CONSTRAINTS_FAILURE')
  })

  it('belong to this signature', async () => {
    assert.equal(await wordOn(text => text.replace(/Target="#[^"]+"/, 'Target="#other"')), 'FORMAT_FAILURE')
  })
})

describe('transforms', () => {
  const replaced = (transform: string) => (text: string) =>
    text.replace(
      /<ds:Transform Algorithm="http:\/\/www\.w3\.org\/2002\/06\/xmldsig-filter2">[\s\S]*?<\/ds:Transform>/,
      transform,
    )
  const filter = (attributes: string, expression: string) =>
    `<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" ${attributes}>${expression}</f:XPath></ds:Transform>`
  const xpath = (expression: string) =>
    `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>${expression}</ds:XPath></ds:Transform>`

  it('that leave no doubt are followed', async () => {
    const FOLLOWED = [
      '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>',
      xpath('not(ancestor-or-self::ds:Signature)'),
      filter('Filter="subtract"', ' /descendant::ds:Signature\n'),
    ]
    for (const transform of FOLLOWED) {
      const signed = await crafted(await prepare(CONTENTS.enveloped), replaced(transform))
      assert.deepEqual(await levelsOf(signed), ['B-B'], transform)
    }
  })

  it('that select something else, run something, or are unknown are not (T-XML-06)', async () => {
    const REFUSED = [
      '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>',
      '<ds:Transform Algorithm="urn:unknown"/>',
      xpath('not(ancestor-or-self::ds:Signature) and not(self::total)'),
      xpath('1 = 0'),
      filter('Filter="intersect"', '/descendant::ds:Signature'),
      filter('Filter="subtract"', '/descendant::order'),
      filter('Filter="subtract" xmlns:ds="urn:order"', '/descendant::ds:Signature'),
    ]
    for (const transform of REFUSED)
      assert.equal(await wordOn(replaced(transform)), 'SIG_CONSTRAINTS_FAILURE', transform)
  })

  it('of nothing are not, nor of octets', async () => {
    const empty = { packaging: 'enveloping', objects: [{ bytes: new Uint8Array() }] } as const
    assert.equal(await subIndication(await sign(empty)), 'FORMAT_FAILURE')
    const canonical =
      '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>'
    const withTransforms = (text: string) => text.replace(/(URI="order.xml">)/, `$1${canonical}`)
    assert.equal(await wordOn(withTransforms, CONTENTS.detached), 'FORMAT_FAILURE')
  })

  it('take out signatures only, whatever else calls itself one (T-XML-03)', async () => {
    const hiding = textOf(ORDER).replace(
      '</order>',
      '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><total>1</total></ds:Signature></order>',
    )
    const signed = await sign({ packaging: 'enveloped', document: utf8(hiding) })
    const verdicts = await verify(signed)
    assert.deepEqual(verdicts.map(subIndicationOf), ['FORMAT_FAILURE', 'FORMAT_FAILURE'])
  })
})

describe('the parts of a signature', () => {
  it('are there once and in their place (T-XML-07)', async () => {
    const signed = textOf(await sign(CONTENTS.enveloped))
    const [info = ''] = /<ds:SignedInfo>[\s\S]*<\/ds:SignedInfo>/.exec(signed) ?? []
    const WRONG = {
      'two of ds:SignedInfo': signed.replace(info, info + info),
      'ds:SignedInfo behind the value': signed.replace(info, '').replace('</ds:SignatureValue>', `$&${info}`),
      'a comment in a digest': signed.replace('<ds:DigestValue>', '$&<!-- x -->'),
      'a CDATA section and a comment in a digest': signed.replace(
        /<ds:DigestValue>([^<]*)</,
        '<ds:DigestValue><![CDATA[$1]]><!----><',
      ),
      'an element in a digest': signed.replace('<ds:DigestValue>', '$&<x/>'),
      'a comment in the value': signed.replace(/(<ds:SignatureValue[^>]*>....)/, '$1<!-- x -->'),
      'a comment in ds:SignedInfo': signed.replace('<ds:SignatureMethod', '<!-- x -->$&'),
      'text in the signature': signed.replace('<ds:KeyInfo>', 'x$&'),
      'another element in it': signed.replace('<ds:KeyInfo>', '<x/>$&'),
      'no properties': signed.replace(/<xades:QualifyingProperties[\s\S]*<\/xades:QualifyingProperties>/, ''),
      'no Id': signed.replace(/(<ds:Signature [^>]*) Id="[^"]*"/, '$1'),
    }
    for (const [name, text] of Object.entries(WRONG)) {
      assert.notEqual(text, signed, name)
      assert.equal(await subIndication(utf8(text)), 'FORMAT_FAILURE', name)
    }
  })
})

describe('keys', () => {
  it('come from the certificate that is signed, not from ds:KeyInfo (T-XML-09)', async () => {
    const other = await issue({ name: 'Mallory', issuer: issuing, extensions: SIGNER })
    const own = toBase64(signer.certificate.bytes)
    const foreign = toBase64(other.certificate.bytes)
    const signed = textOf(await sign(CONTENTS.enveloped))
    const before = signed.replace(own, `${foreign}</ds:X509Certificate><ds:X509Certificate>${own}`)
    assert.deepEqual(await levelsOf(utf8(before)), ['B-B'])
    assert.equal(await subIndication(utf8(signed.replace(own, foreign))), 'NO_SIGNING_CERTIFICATE_FOUND')
    const keyValue = signed.replace(
      '<ds:KeyInfo>',
      '$&<ds:KeyValue><x/></ds:KeyValue><ds:RetrievalMethod URI="http://127.0.0.1/"/>',
    )
    assert.deepEqual(await levelsOf(utf8(keyValue)), ['B-B'])
  })

  it('of somebody else make no signature of this signer', async () => {
    const other = await issue({ name: 'Mallory', issuer: issuing, extensions: SIGNER })
    const prepared = await prepare(CONTENTS.enveloped, { by: other })
    const foreign = { ...prepared, signingCertificate: other.certificate.bytes }
    const asSigner = (text: string) =>
      text.replace(toBase64(other.certificate.bytes), toBase64(signer.certificate.bytes))
    assert.equal(await subIndication(await crafted(foreign, asSigner, other)), 'NO_SIGNING_CERTIFICATE_FOUND')
  })
})

describe('methods', () => {
  const signatureMethod = (uri: string) => (text: string) =>
    text.replace(/<ds:SignatureMethod Algorithm="[^"]*">/, `<ds:SignatureMethod Algorithm="${uri}">`)

  it('that are no signatures, or weak, are none (T-XML-10)', async () => {
    const WEAK = [
      'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
      'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
      'http://www.w3.org/2000/09/xmldsig#dsa-sha1',
      'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
      'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
      'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1',
      '',
    ]
    for (const uri of WEAK)
      assert.equal(await wordOn(signatureMethod(uri)), 'CRYPTO_CONSTRAINTS_FAILURE', uri)
    const parameter = (text: string) =>
      text.replace('</ds:SignatureMethod>', '<ds:HMACOutputLength>0</ds:HMACOutputLength>$&')
    assert.equal(await wordOn(parameter), 'CRYPTO_CONSTRAINTS_FAILURE')
  })

  it('of another kind of key do not verify', async () => {
    const uri = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
    assert.equal(await wordOn(signatureMethod(uri)), 'SIG_CRYPTO_FAILURE')
  })

  it('of digests are those of the table', async () => {
    const sha1 = (text: string) =>
      text.replace('http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2000/09/xmldsig#sha1')
    assert.equal(await wordOn(sha1), 'CRYPTO_CONSTRAINTS_FAILURE')
  })

  it('of canonicalisation are those of the table', async () => {
    const other = (text: string) =>
      text.replace(/(<ds:CanonicalizationMethod Algorithm=")[^"]*/, '$1urn:unknown')
    assert.equal(await wordOn(other), 'SIG_CONSTRAINTS_FAILURE')
  })

  it('of ECDSA have values of exactly one length', async () => {
    const prepared = await prepare(CONTENTS.enveloped)
    for (const value of [
      '',
      'AAAA',
      toBase64(signer.sign(prepared.signedInfo)),
      toBase64(new Uint8Array(64)),
    ])
      assert.equal(await subIndication(withValue(prepared, value)), 'SIG_CRYPTO_FAILURE', value)
  })
})

describe('time-stamps in great number', () => {
  it('are refused: each may have everything canonicalised again', async () => {
    const text = textOf(await sign(CONTENTS.enveloped, { level: 'B-T' }))
    const withMore = (count: number) =>
      utf8(
        text.replace(/<xades:SignatureTimeStamp[\s\S]*<\/xades:SignatureTimeStamp>/, one =>
          one.repeat(count),
        ),
      )
    assert.equal(await subIndication(withMore(32)), 'TOTAL-PASSED')
    assert.equal(await subIndication(withMore(33)), 'FORMAT_FAILURE')
  })
})

describe('references', () => {
  it('to elsewhere are asked of the caller alone (T-XML-11)', async () => {
    const asked: string[] = []
    const elsewhere = ['http://127.0.0.1/x', 'file:///etc/passwd', '../secret', '//host/x', 'order.xml#x']
    for (const uri of elsewhere) {
      const edit = (text: string) => text.replace('URI="order.xml"', `URI="${uri}"`)
      const signed = await crafted(await prepare(CONTENTS.detached), edit)
      const options = { platform, trustAnchors: [root.certificate.bytes], at: NOW }
      const [verdict] = await verifyXades(signed, { ...options, detached: name => void asked.push(name) })
      assert.equal(subIndicationOf(verdict), 'SIGNED_DATA_NOT_FOUND')
    }
    assert.deepEqual(asked, elsewhere)
  })

  it('by XPointer, or to nothing, lead nowhere (T-XML-11)', async () => {
    for (const uri of ["#xpointer(id('x'))", '#xpointer(/)', '#', '#nothing'])
      assert.equal(await wordOn(text => text.replace('URI=""', `URI="${uri}"`)), 'FORMAT_FAILURE', uri)
    assert.equal(await wordOn(text => text.replace(' URI=""', '')), 'FORMAT_FAILURE')
  })

  it('to manifests are not followed, and do not count (T-XML-12)', async () => {
    const manifest = (text: string) =>
      text.replace(' URI=""', ' Type="http://www.w3.org/2000/09/xmldsig#Manifest" URI=""')
    assert.equal(await wordOn(manifest), 'SIG_CONSTRAINTS_FAILURE')
  })

  it('are to something each: none is hashed again and again (T-XML-11)', async () => {
    const twice = (text: string) => text.replace(/<ds:Reference Id=[\s\S]*?<\/ds:Reference>/, '$&$&')
    for (const content of Object.values(CONTENTS))
      assert.equal(await wordOn(twice, content), 'FORMAT_FAILURE')
  })

  it('are needed: a signature over nothing but its properties signs nothing', async () => {
    const none = (text: string) => text.replace(/<ds:Reference Id=[\s\S]*?<\/ds:Reference>/, '')
    assert.equal(await wordOn(none), 'FORMAT_FAILURE')
  })
})

describe('counter-signatures', () => {
  const counter = {
    platform,
    signingCertificate: signer.certificate.bytes,
    chain,
    signatureAlgorithm: signer.algorithm,
    signingTime: NOW,
  }
  const TYPE = ' Type="http://uri.etsi.org/01903#CountersignedSignature"'

  async function wordOnCounter(edit: (signature: string) => string): Promise<string> {
    const prepared = await prepareXadesCounterSignature(await sign(CONTENTS.enveloped), counter)
    const [verdict] = await verify(await crafted(prepared, edit))
    assert.equal(verdict?.indication, 'TOTAL-PASSED')
    return subIndicationOf(verdict.facts.counterSignatures?.[0])
  }

  it('are over the value of the signature that they are in, and say so (T-XML-13)', async () => {
    assert.equal(await wordOnCounter(text => text), 'TOTAL-PASSED')
    assert.equal(await wordOnCounter(text => text.replace(TYPE, '')), 'FORMAT_FAILURE')
    const elsewhere = (text: string) => text.replace(new RegExp(`${TYPE} URI="[^"]+"`), `${TYPE} URI=""`)
    assert.equal(await wordOnCounter(elsewhere), 'FORMAT_FAILURE')
  })

  it('on another signature are none here', async () => {
    const first = await sign(CONTENTS.enveloped)
    const other = await sign(CONTENTS.enveloped, { signingTime: new Date(NOW.getTime() - 1000) })
    const prepared = await prepareXadesCounterSignature(other, counter)
    const foreign = textOf(await completeXades(prepared, signer.sign(prepared.signedInfo), { platform }))
    const [unsigned = ''] = /<xades:UnsignedProperties[\s\S]*<\/xades:UnsignedProperties>/.exec(foreign) ?? []
    const moved = textOf(first).replace('</xades:QualifyingProperties>', `${unsigned}$&`)
    const [verdict] = await verify(utf8(moved))
    assert.equal(verdict?.indication, 'TOTAL-PASSED')
    assert.equal(subIndicationOf(verdict.facts.counterSignatures?.[0]), 'FORMAT_FAILURE')
  })

  it('are not what a signature of its own may call itself', async () => {
    const typed = (text: string) => text.replace(' URI=""', `${TYPE} URI=""`)
    assert.equal(await wordOn(typed), 'FORMAT_FAILURE')
  })
})
