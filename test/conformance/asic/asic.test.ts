/**
 * Containers with their signatures: ASiC-S and ASiC-E, with CAdES and with XAdES, at every level (EN 319 162-1 V1.1.1).
 * openssl judges what they hold; EU DSS judges them whole, in `npm run interop`.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  type AsicContainer,
  type AsicFile,
  type AsicForm,
  augmentAsic,
  bytesSource,
  completeAsic,
  newAsic,
  openAsic,
  prepareAsic,
  writeAsic,
} from '@natsuin/ades/asic'
import { type AsicReport, verifyAsic } from '@natsuin/ades/validation/asic'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { toPem } from '@natsuin/pki/x509'
import { opensslCades } from '@natsuin/testing/judges'
import {
  afterDays,
  type Entity,
  issue,
  issuing,
  NOW,
  newTimeStampingUnit,
  root,
  SIGNER,
  signer,
  signingAs,
  timeStampToken,
} from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { lasting } from '../cades/signing.ts'
import { sign as signXml } from '../xades/signing.ts'

const folder = temporaryFolder()
const LEVELS = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const
type Level = (typeof LEVELS)[number]
const FORMS: readonly AsicForm[] = ['ASiC-S', 'ASiC-E']
const SIGNATURES = ['CAdES', 'XAdES'] as const
type Signature = (typeof SIGNATURES)[number]

const file = (name: string, text: string): AsicFile => ({ name, content: bytesSource(utf8(text)) })
const DOCUMENTS = [file('契約書 & annex.txt', 'The parties agree.'), file('more/prices.csv', 'a,1\n')]
const documentsOf = (form: AsicForm) => (form === 'ASiC-S' ? DOCUMENTS.slice(0, 1) : DOCUMENTS)

interface Wishes {
  readonly by?: Entity
  readonly withTimeStamp?: boolean
  readonly stampedBy?: Entity
}

async function sign(
  container: AsicContainer,
  signature: Signature,
  { by = signer, withTimeStamp = true, stampedBy }: Wishes = {},
): Promise<AsicContainer> {
  const prepared = await prepareAsic(container, {
    signature,
    ...signingAs(by),
    mimeTypes: { 'more/prices.csv': 'text/csv' },
  })
  const dtbs =
    prepared.signature === 'XAdES' ? prepared.prepared.signedInfo : prepared.prepared.signedAttributes
  const timeStamp = withTimeStamp
    ? {
        timeStamp: (imprint: Uint8Array, algorithm: DigestAlgorithm) =>
          timeStampToken(imprint, algorithm, stampedBy),
      }
    : {}
  return completeAsic(container, prepared, by.sign(dtbs), { platform, ...timeStamp })
}

async function at(form: AsicForm, signature: Signature, level: Level): Promise<AsicContainer> {
  const signed = await sign(newAsic(form, documentsOf(form)), signature, { withTimeStamp: level !== 'B-B' })
  return level === 'B-B' || level === 'B-T' ? signed : augmentAsic(signed, level, lasting())
}

async function bytesOf(container: AsicContainer): Promise<Uint8Array> {
  const source = await writeAsic(container)
  return (await source.read(0, source.size)).slice()
}

async function verify(container: AsicContainer, time = NOW): Promise<AsicReport> {
  return verifyAsic(bytesSource(await bytesOf(container)), {
    platform,
    trustAnchors: [root.certificate.bytes],
    at: time,
  })
}

const levels = ({ signatures }: AsicReport) =>
  signatures.map(({ verdict }) => {
    assert.equal(verdict.indication, 'TOTAL-PASSED', 'reason' in verdict ? verdict.reason : '')
    return verdict.facts.level
  })

for (const form of FORMS) {
  for (const signature of SIGNATURES) {
    describe(`${form} with ${signature}`, () => {
      for (const level of LEVELS) {
        it(`is at level ${level}, over all its documents, also when it is opened again`, async () => {
          const container = await at(form, signature, level)
          const report = await verify(container)
          assert.deepEqual([report.form, levels(report), report.uncovered], [form, [level], []])
          const names = documentsOf(form).map(({ name }) => name)
          assert.deepEqual(report.signatures[0]?.covers, names)
          const opened = await openAsic(bytesSource(await bytesOf(container)))
          assert.deepEqual(await bytesOf(opened), await bytesOf(container))
        })
      }

      it('reaches each higher level from each lower one, and is renewed', async () => {
        for (const from of ['B-B', 'B-T', 'B-LT'] as const)
          assert.deepEqual(
            levels(await verify(await augmentAsic(await at(form, signature, from), 'B-LTA', lasting()))),
            ['B-LTA'],
          )
        let container = await at(form, signature, 'B-LTA')
        for (const days of [10, 20]) {
          container = await augmentAsic(container, 'B-LTA', lasting({ at: afterDays(days) }))
          assert.deepEqual(levels(await verify(container, afterDays(days + 1))), ['B-LTA'])
        }
        await assert.rejects(augmentAsic(container, 'B-LT', lasting()), { code: 'level-already-reached' })
      })

      it('has several signers', async () => {
        const second = await issue({ name: 'Taro', issuer: issuing, extensions: SIGNER })
        const both = await sign(await at(form, signature, 'B-T'), signature, { by: second })
        assert.deepEqual(levels(await verify(both)), ['B-T', 'B-T'])
        assert.deepEqual(levels(await verify(await augmentAsic(both, 'B-LTA', lasting()))), [
          'B-LTA',
          'B-LTA',
        ])
      })

      it('does not pass with a document changed, taken away or put beside (T-ZIP-05)', async () => {
        for (const level of ['B-T', 'B-LTA'] as const) {
          const container = await at(form, signature, level)
          const [first, ...others] = container.documents
          assert.ok(first !== undefined)
          const changed = { ...container, documents: [file(first.name, 'The parties differ.'), ...others] }
          const gone = { ...container, documents: others }
          for (const wrong of [changed, gone]) {
            const { signatures } = await verify(wrong)
            assert.ok(signatures.every(({ verdict }) => verdict.indication !== 'TOTAL-PASSED'))
          }
          const beside = await verify({
            ...container,
            documents: [...container.documents, file('more', '!')],
          })
          const passed = beside.signatures.some(({ verdict }) => verdict.indication === 'TOTAL-PASSED')
          assert.equal(passed, form === 'ASiC-E' || signature === 'XAdES')
          assert.ok(beside.uncovered.includes('more'))
        }
      })
    })
  }
}

describe('a CAdES signature in a container', () => {
  it('holds by openssl, over the document or the manifest', async () => {
    const anchor = join(folder, 'root.pem')
    writeFileSync(anchor, toPem('CERTIFICATE', root.certificate.bytes))
    for (const form of FORMS) {
      const { metaInf, documents } = await at(form, 'CAdES', 'B-LT')
      const put = async (name: string, found: AsicFile | undefined) => {
        assert.ok(found !== undefined)
        writeFileSync(join(folder, name), await found.content.read(0, found.content.size))
        return join(folder, name)
      }
      const signature = metaInf.find(({ name }) => name.endsWith('.p7s'))
      const manifest = metaInf.find(({ name }) => name.includes('ASiCManifest'))
      const over = await put('over', form === 'ASiC-S' ? documents[0] : manifest)
      const trust = ['-CAfile', anchor, '-attime', String(NOW.getTime() / 1000)]
      const input = ['-in', await put('signature', signature), '-content', over]
      assert.match(opensslCades(...input, ...trust, '-purpose', 'any'), /CAdES Verification successful/)
    }
  })

  it('outlives its certificates by archive manifests, each naming the one before (A.7)', async () => {
    const by = await issue({ name: 'Brief', issuer: issuing, extensions: SIGNER, notAfter: afterDays(30) })
    const units = await Promise.all(
      [100, 1000].map(days =>
        newTimeStampingUnit(`TSU until ${afterDays(days).toISOString()}`, afterDays(days)),
      ),
    )
    const [first, second] = units
    assert.ok(first !== undefined && second !== undefined)
    const signed = await sign(newAsic('ASiC-E', DOCUMENTS), 'CAdES', { by, stampedBy: first })
    const archived = await augmentAsic(signed, 'B-LTA', lasting({ at: afterDays(1), stampedBy: first }))
    const renewed = await augmentAsic(archived, 'B-LTA', lasting({ at: afterDays(90), stampedBy: second }))
    assert.deepEqual(levels(await verify(renewed, afterDays(900))), ['B-LTA'])
    const neglected = await verify(archived, afterDays(900))
    assert.ok(neglected.signatures.every(({ verdict }) => verdict.indication !== 'TOTAL-PASSED'))
  })

  it('gains nothing from an archive manifest that does not name the time-stamp of the one before (T-ZIP-06)', async () => {
    const first = await newTimeStampingUnit(`TSU until ${afterDays(100).toISOString()}`, afterDays(100))
    const second = await newTimeStampingUnit(`TSU until ${afterDays(1000).toISOString()}`, afterDays(1000))
    const archived = await augmentAsic(
      await at('ASiC-E', 'CAdES', 'B-T'),
      'B-LTA',
      lasting({ stampedBy: first }),
    )
    const renewed = await augmentAsic(archived, 'B-LTA', lasting({ at: afterDays(90), stampedBy: second }))
    const shown = async (container: AsicContainer) =>
      (await verify(container, afterDays(900))).signatures[0]?.verdict.facts.archiveTimeStamps?.length
    assert.equal(await shown(renewed), 2)
    const without = await stampedAnew(renewed, second, text =>
      text.replace(
        /<asic:DataObjectReference URI="META-INF\/timestamp[^"]*\.tst"[\s\S]*?<\/asic:DataObjectReference>/,
        '',
      ),
    )
    assert.equal(await shown(without), 1)
    assert.equal(await shown(await stampedAnew(renewed, second, text => text)), 2)
  })

  /** With another newest archive manifest, properly time-stamped on the ninetieth day. */
  async function stampedAnew(container: AsicContainer, by: Entity, edit: (text: string) => string) {
    const manifest = 'META-INF/ASiCArchiveManifest.xml'
    const found = container.metaInf.find(({ name }) => name === manifest)?.content ?? assert.fail()
    const text = edit(new TextDecoder().decode(await found.read(0, found.size)))
    const [, stamp = ''] = /<asic:SigReference [^>]*URI="([^"]*)"/.exec(text) ?? []
    const imprint = await platform.digest('sha512', utf8(text))
    const token = await timeStampToken(imprint, 'sha512', by, afterDays(90))
    const changed = new Map([
      [manifest, bytesSource(utf8(text))],
      [stamp, bytesSource(token)],
    ])
    const metaInf = container.metaInf.map(({ name, content }) => ({
      name,
      content: changed.get(name) ?? content,
    }))
    return { ...container, metaInf }
  }

  it('is not at B-LTA with any byte of its archive manifest changed (T-ZIP-06)', async () => {
    const container = await at('ASiC-E', 'CAdES', 'B-LTA')
    const name = 'META-INF/ASiCArchiveManifest.xml'
    const found = container.metaInf.find(one => one.name === name)
    const bytes = (await found?.content.read(0, found.content.size))?.slice() ?? assert.fail()
    for (let position = 0; position < bytes.length; position += 101) {
      const changed = bytes.slice()
      changed[position] = (changed[position] ?? 0) ^ 1
      const metaInf = container.metaInf.map(one =>
        one === found ? { name, content: bytesSource(changed) } : one,
      )
      const [judged] = (await verify({ ...container, metaInf })).signatures
      assert.ok(judged !== undefined && judged.verdict.facts.level !== 'B-LTA', `byte ${position}`)
    }
  })

  it('has a document read once, however many signatures are over it', async () => {
    const large = 1_000_000
    const readFor = async (signers: number) => {
      let container = newAsic('ASiC-E', [{ name: 'large', content: bytesSource(new Uint8Array(large)) }])
      for (let i = 0; i < signers; i++) container = await sign(container, 'CAdES')
      const bytes = await bytesOf(container)
      let total = 0
      const read = async (offset: number, length: number) => {
        total += length
        return bytes.subarray(offset, offset + length)
      }
      const trust = { platform, trustAnchors: [root.certificate.bytes], at: NOW }
      const report = await verifyAsic({ size: bytes.length, read }, trust)
      assert.equal(levels(report).length, signers)
      return total
    }
    assert.ok((await readFor(4)) - (await readFor(1)) < large)
  })

  it('that no manifest names, or two do, is over nothing (T-ZIP-06)', async () => {
    const container = await at('ASiC-E', 'CAdES', 'B-T')
    const manifest = container.metaInf.find(({ name }) => name.includes('ASiCManifest'))
    assert.ok(manifest !== undefined)
    const none = { ...container, metaInf: container.metaInf.filter(one => one !== manifest) }
    const two = {
      ...container,
      metaInf: [...container.metaInf, { ...manifest, name: 'META-INF/ASiCManifest9.xml' }],
    }
    for (const wrong of [none, two]) {
      const { signatures, uncovered } = await verify(wrong)
      assert.ok(signatures.every(({ verdict }) => verdict.indication !== 'TOTAL-PASSED'))
      assert.deepEqual(
        uncovered,
        DOCUMENTS.map(({ name }) => name),
      )
    }
  })
})

describe('a container', () => {
  it('begins with its media type, as it is (T-ZIP-04)', async () => {
    for (const [form, type] of [
      ['ASiC-S', 'application/vnd.etsi.asic-s+zip'],
      ['ASiC-E', 'application/vnd.etsi.asic-e+zip'],
    ] as const) {
      const bytes = await bytesOf(await at(form, 'CAdES', 'B-B'))
      assert.equal(Buffer.from(bytes.subarray(30, 38 + type.length)).toString(), `mimetype${type}`)
    }
  })

  it('is none without it, and that is a report and no exception (T-ZIP-04)', async () => {
    const bytes = await bytesOf(await at('ASiC-E', 'CAdES', 'B-B'))
    const other = Buffer.from(bytes).toString('latin1').replaceAll('asic-e+zip', 'asic-x+zip')
    for (const wrong of [new Uint8Array(Buffer.from(other, 'latin1')), utf8('no ZIP'), new Uint8Array()]) {
      const report = await verifyAsic(bytesSource(wrong), { platform, trustAnchors: [], at: NOW })
      assert.deepEqual([report.form, report.signatures], [undefined, []])
      assert.ok(report.problem !== undefined)
      await assert.rejects(openAsic(bytesSource(wrong)))
    }
  })

  it('has no document covered that is named like a part of the signature (T-ZIP-07)', async () => {
    const content = { packaging: 'enveloping', objects: [{ bytes: utf8('a,1\n') }] } as const
    const signatures = bytesSource(await signXml(content))
    const xml = new TextDecoder().decode(await signatures.read(0, signatures.size))
    const parts = [...xml.matchAll(/ URI="(#[^"]+)"/g)].map(([, uri = '']) => uri)
    assert.ok(parts.length >= 2)
    for (const part of parts) {
      const metaInf = [{ name: 'META-INF/signatures0.xml', content: signatures }]
      const report = await verify({ ...newAsic('ASiC-E', [file(part, 'b,2\n')]), metaInf })
      assert.deepEqual(levels(report), ['B-B'])
      assert.deepEqual([report.signatures[0]?.covers, report.uncovered], [[], [part]])
    }
  })

  it('with signatures that are no clean XML reports them as failed (T-ZIP-07)', async () => {
    const container = await at('ASiC-E', 'XAdES', 'B-B')
    const [found = assert.fail()] = container.metaInf
    const xml = new TextDecoder().decode(await found.content.read(0, found.content.size))
    const declaration = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    const body = xml.replace(/^<\?xml[^>]*\?>/, '')
    for (const wrong of [declaration + body, `${body}<more/>`, body.slice(0, -1)]) {
      const metaInf = [{ name: found.name, content: bytesSource(utf8(wrong)) }]
      const report = await verify({ ...container, metaInf })
      assert.ok(report.signatures.every(({ verdict }) => verdict.indication !== 'TOTAL-PASSED'))
      assert.equal(report.uncovered.length, DOCUMENTS.length)
    }
  })

  it('in a container is a document, and its signatures are nobody else’s (T-ZIP-08)', async () => {
    const inner = bytesSource(await bytesOf(await at('ASiC-E', 'CAdES', 'B-T')))
    const around = newAsic('ASiC-S', [{ name: 'inner.asice', content: inner }])
    const unsigned = await verify(around)
    assert.deepEqual([unsigned.signatures, unsigned.uncovered], [[], ['inner.asice']])
    const { signatures } = await verify(await sign(around, 'CAdES', { withTimeStamp: false }))
    assert.deepEqual(
      signatures.map(({ covers, verdict }) => [covers, verdict.facts.level]),
      [[['inner.asice'], 'B-B']],
    )
  })

  it('that is simple holds one file of signatures, of one kind (4.3.3.2)', async () => {
    const by = await issue({ name: 'Jiro', issuer: issuing, extensions: SIGNER })
    for (const signature of SIGNATURES) {
      const both = await sign(await at('ASiC-S', signature, 'B-T'), signature, { by })
      assert.equal(both.metaInf.length, 1)
      const other = signature === 'CAdES' ? 'XAdES' : 'CAdES'
      await assert.rejects(sign(both, other), RangeError)
    }
  })

  it('without a signature says so', async () => {
    const report = await verify(newAsic('ASiC-E', DOCUMENTS))
    assert.deepEqual(report.problem, 'there is no signature')
    assert.deepEqual(
      report.uncovered,
      DOCUMENTS.map(({ name }) => name),
    )
    await assert.rejects(augmentAsic(newAsic('ASiC-E', DOCUMENTS), 'B-T', lasting()), {
      code: 'signature-missing',
    })
  })

  it('is not made of what it cannot hold', () => {
    assert.throws(() => newAsic('ASiC-S', DOCUMENTS), RangeError)
    assert.throws(() => newAsic('ASiC-S', DOCUMENTS.slice(1)), RangeError)
    assert.throws(() => newAsic('ASiC-E', []), RangeError)
    for (const name of ['mimetype', 'META-INF/x', 'meta-inf/x'])
      assert.throws(() => newAsic('ASiC-S', [file(name, '')]), RangeError)
    assert.throws(() => newAsic('ASiC-S', [file('../x', '')]), { code: 'zip-name-invalid' })
  })
})
