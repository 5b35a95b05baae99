/**
 * Signature wrapping (T-XML-03): what was signed is moved to where the signature still finds it, and something else takes
 * its place. Every place, for every part that a signature refers to, with every way to have or not to have its Id.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseXml, type XmlElement } from '@natsuin/ades/xml'
import { utf8 } from '@natsuin/pki/encoding'
import { CONTENTS, levelsOf, sign, verify } from './signing.ts'

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

/** Where something can be put into a signature or around it: the markup of the document with it. */
const PLACES: Readonly<Record<string, (document: string, moved: string) => string>> = {
  'a new object, the last': (text, moved) =>
    text.replace(/<\/ds:Signature>/, `<ds:Object>${moved}</ds:Object>$&`),
  'a new object, the first': (text, moved) =>
    text.replace('</ds:KeyInfo>', `$&<ds:Object>${moved}</ds:Object>`),
  'the object of the properties': (text, moved) => text.replace('<xades:QualifyingProperties', `${moved}$&`),
  'the properties': (text, moved) => text.replace('</xades:QualifyingProperties>', `${moved}$&`),
  'the unsigned properties': (text, moved) =>
    text.replace(
      '</xades:QualifyingProperties>',
      `<xades:UnsignedProperties><xades:UnsignedSignatureProperties>${moved}</xades:UnsignedSignatureProperties></xades:UnsignedProperties>$&`,
    ),
  'ds:KeyInfo': (text, moved) => text.replace('</ds:KeyInfo>', `${moved}$&`),
  'the signature, first': (text, moved) => text.replace('<ds:SignedInfo>', `${moved}$&`),
  'ds:SignedInfo': (text, moved) => text.replace('</ds:SignedInfo>', `${moved}$&`),
  'the value': (text, moved) => text.replace('</ds:SignatureValue>', `${moved}$&`),
  'a counter-signature': (text, moved) =>
    text.replace(
      '</xades:QualifyingProperties>',
      `<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:CounterSignature><ds:Signature>${moved}</ds:Signature></xades:CounterSignature></xades:UnsignedSignatureProperties></xades:UnsignedProperties>$&`,
    ),
  'beside the signature': (text, moved) =>
    `<around xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xades="http://uri.etsi.org/01903/v1.3.2#">${withoutProlog(text)}${moved}</around>`,
}

/** The Id of the forged part. */
const IDS: Readonly<Record<string, (markup: string) => string>> = {
  'the same Id': markup => markup,
  'no Id': markup => markup.replace(/ Id="[^"]*"/, ''),
  'another Id': markup => markup.replace(/ Id="[^"]*"/, ' Id="other"'),
  'the Id in capitals': markup => markup.replace(/ Id="/, ' ID="'),
  'the Id in small letters': markup => markup.replace(/ Id="/, ' id="'),
  'an xml:id': markup => markup.replace(/ Id="/, ' xml:id="'),
}

const SAME = ['the same Id', 'the Id in capitals', 'the Id in small letters', 'an xml:id']

interface Target {
  /** The part that a signature refers to. */
  readonly part: RegExp
  readonly forge: (markup: string) => string
}

const PROPERTIES: Target = {
  part: /<xades:SignedProperties [\s\S]*<\/xades:SignedProperties>/,
  forge: markup => markup.replace(/<xades:SigningTime>\d{4}/, '<xades:SigningTime>2020'),
}
const OBJECT: Target = {
  part: /<ds:Object Id=[\s\S]*?<\/ds:Object>/,
  forge: markup => markup.replace(/>[A-Za-z0-9+/=]+</, '>Zm9yZ2Vk<'),
}

function withoutProlog(text: string): string {
  return text.replace(/^<\?xml[\s\S]*?\?>\s*/, '').replace(/^<!--[\s\S]*?-->\s*/, '')
}

/** Every document in which the part is somewhere else, or twice. */
function* wrapped(signed: string, { part, forge }: Target): Generator<readonly [string, string]> {
  const [original = ''] = part.exec(signed) ?? []
  for (const [id, rename] of Object.entries(IDS)) {
    const forged = rename(forge(original))
    for (const [place, put] of Object.entries(PLACES)) {
      yield [`forged with ${id}, original in ${place}`, put(signed.replace(part, forged), original)]
      if (SAME.includes(id)) yield [`forged with ${id} in ${place}`, put(signed, forged)]
    }
    yield [
      `forged with ${id}, original inside`,
      signed.replace(part, forged.replace(/(<[^>]*>)/, `$1${original}`)),
    ]
    yield [
      `forged with ${id} inside of the original`,
      signed.replace(part, original.replace(/(<[^>]*>)/, `$1${forged}`)),
    ]
    yield [`forged with ${id}, original before`, signed.replace(part, original + forged)]
    yield [`forged with ${id}, original behind`, signed.replace(part, forged + original)]
  }
}

/** Whether what is forged is vouched for: it passed, and says anything else than the original did. */
async function isVouchedFor(text: string, original: string): Promise<boolean> {
  const verdicts = await verify(utf8(text))
  const passed = verdicts.filter(({ indication }) => indication === 'TOTAL-PASSED')
  const said = await Promise.all(passed.map(({ facts }) => saying(facts)))
  return said.some(one => one !== original)
}

async function saying(facts: Awaited<ReturnType<typeof verify>>[number]['facts']): Promise<string> {
  const contents = await Promise.all((facts.contents ?? []).map(({ octets }) => octets.read(0, octets.size)))
  return [facts.signer, facts.claimedSigningTime?.toISOString(), ...contents.map(textOf)].join('\n')
}

describe('a signature whose parts were moved (T-XML-03)', () => {
  const TARGETS: readonly (readonly [keyof typeof CONTENTS, string, Target])[] = [
    ['enveloped', 'signed properties', PROPERTIES],
    ['enveloping', 'signed properties', PROPERTIES],
    ['detached', 'signed properties', PROPERTIES],
    ['enveloping', 'object', OBJECT],
  ]
  for (const [packaging, name, target] of TARGETS) {
    it(`vouches for nothing that is not signed: ${packaging}, ${name}`, async () => {
      const signed = textOf(await sign(CONTENTS[packaging]))
      assert.deepEqual(await levelsOf(utf8(signed)), ['B-B'])
      const [verdict] = await verify(utf8(signed))
      const original = await saying(verdict?.facts ?? {})
      let count = 0
      for (const [shape, text] of wrapped(signed, target)) {
        assert.notEqual(text, signed, shape)
        // Beside a signature that is over none of it anything may stand, and nothing is said of it.
        const isOutside = packaging !== 'enveloped' && shape.endsWith('in beside the signature')
        const [verdict] = await verify(utf8(text))
        if (isOutside) assert.equal(await isVouchedFor(text, original), false, shape)
        else assert.notEqual(verdict?.indication, 'TOTAL-PASSED', shape)
        count++
      }
      assert.ok(count >= 100, String(count))
    })
  }
})

describe('a document whose root was moved (T-XML-03)', () => {
  it('is not the one that was signed, wherever it went', async () => {
    const signed = withoutProlog(textOf(await sign(CONTENTS.enveloped)))
    const { root } = parseXml(utf8(signed))
    const signature = root.children.findLast((node): node is XmlElement => node.kind === 'element')
    const { start = 0, end = 0 } = signature?.position ?? {}
    const alone = signed.slice(start, end)
    const original = signed.slice(0, start) + signed.slice(end).trimEnd()
    const forged = (inside: string) => `<order xmlns="urn:order"><total>1</total>${inside}</order>`
    for (const [place, put] of Object.entries(PLACES)) {
      for (const moved of [original, signed.trimEnd()]) {
        const inSignature = put(alone, moved)
        for (const text of [forged(inSignature), forged(moved + inSignature), forged(inSignature + moved)])
          for (const { indication } of await verify(utf8(text)))
            assert.notEqual(indication, 'TOTAL-PASSED', place)
      }
    }
  })
})
