/**
 * CAdES in two steps: what goes out to the key, what may come back, with the content inside the signature and beside it
 * (EN 319 122-1 V1.3.1, 6.3; RFC 5652, 5).
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  AdesRefusal,
  attachContent,
  blobSource,
  bytesSource,
  COMMITMENT_TYPES,
  completeCades,
  openCades,
  preparedCadesFromJson,
  preparedCadesToJson,
  type SignerClaims,
} from '@natsuin/ades/cades'
import { OID } from '@natsuin/pki/asn1'
import { parseSignedAttributes, parseSignedData } from '@natsuin/pki/cms'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { chain, issue, issuing, NOW, root, SIGNER, signer, timeStampToken } from '@natsuin/testing/pki'
import { allOf, attached, CONTENT, prepare, sign, verify, verifyAll } from './signing.ts'

const platform = nodePlatform
const refusal = (code: string) => ({ name: 'AdesRefusal', code })
const sha256 = await platform.digest('sha256', CONTENT)

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('preparing', () => {
  it('gives the digest of the signed attributes as what the key signs', async () => {
    const { contentDigest, signedAttributes, dtbsr } = await prepare()
    assert.deepEqual(contentDigest, sha256)
    assert.deepEqual(dtbsr, await platform.digest('sha256', signedAttributes))
  })

  it('gives the same bytes for the same content, whether a file, a stream or its digest alone', async () => {
    const expected = await prepare()
    const contents = [
      blobSource(new Blob([CONTENT.slice()])),
      pieces(CONTENT, 7),
      { digestAlgorithm: 'sha256' as const, digest: sha256 },
    ]
    for (const content of contents) assert.deepEqual(await prepare({ content }), expected)
  })

  it('refuses a digest by another algorithm, and an algorithm that the key does not have', async () => {
    const content = { digestAlgorithm: 'sha512' as const, digest: new Uint8Array(64) }
    await assert.rejects(prepare({ content }), RangeError)
    await assert.rejects(prepare({ signatureAlgorithm: 'rsa-sha256' }), RangeError)
  })

  it('signs what table 1 demands, and nothing that nobody asked for', async () => {
    const { signedAttributes } = await prepare()
    const attributes = parseSignedAttributes(signedAttributes)
    assert.deepEqual(
      attributes.all.map(({ oid }) => oid).toSorted(),
      [
        OID.contentType,
        OID.messageDigest,
        OID.signingTime,
        OID.cmsAlgorithmProtection,
        OID.signingCertificateV2,
      ].toSorted(),
    )
    assert.deepEqual(attributes.signingTime, NOW)
    // Requirement g: the reference names no issuer.
    assert.equal(attributes.signingCertificate?.issuerSerial, undefined)
  })

  it('survives being written as JSON', async () => {
    const prepared = await prepare()
    const read = preparedCadesFromJson(preparedCadesToJson(prepared))
    assert.deepEqual(read, prepared)
    for (const text of ['{}', '[]', 'null', '{"dtbsr":"!"}'])
      assert.throws(() => preparedCadesFromJson(text), RangeError)
  })
})

describe('completing', () => {
  it('refuses a value by another key, or over something else', async () => {
    const prepared = await prepare()
    const values = [root.sign(prepared.signedAttributes), signer.sign(prepared.dtbsr), new Uint8Array()]
    for (const value of values)
      await assert.rejects(completeCades(prepared, value, { platform }), refusal('signature-does-not-verify'))
    await completeCades(prepared, signer.sign(prepared.signedAttributes), { platform })
  })

  it('refuses tokens over something else, and says why there is none', async () => {
    const invalid = [
      await timeStampToken(new Uint8Array(32), 'sha256'),
      Uint8Array.of(0x30, 0),
      new Uint8Array(),
    ]
    for (const token of invalid)
      await assert.rejects(sign({ timeStamp: async () => token }), refusal('time-stamp-invalid'))
    const timeStamp = async () => {
      throw new AdesRefusal('time-stamp-unavailable')
    }
    await assert.rejects(sign({ timeStamp }), refusal('time-stamp-unavailable'))
  })

  it('embeds the signing certificate and its chain, each once', async () => {
    const { certificates } = parseSignedData(await sign())
    assert.deepEqual(certificates.length, 1 + chain.length)
  })
})

describe('the levels', () => {
  it('are B-B without and B-T with a time-stamp', async () => {
    for (const level of ['B-B', 'B-T'] as const) {
      const verdict = await verify(await sign({ withTimeStamp: level === 'B-T' }))
      assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', level])
      assert.equal(verdict.facts.signer, 'CN=Hanako Yamada')
      assert.deepEqual(verdict.facts.claimedSigningTime, NOW)
    }
  })
})

describe('what a signer says', () => {
  const claims: Required<SignerClaims> = {
    claimedRoles: ['代表取締役', 'Managing director'],
    signerLocation: { country: 'JP', locality: '京都', postalAddress: ['中京区', '604-8571'] },
    commitmentType: COMMITMENT_TYPES.proofOfApproval,
    signaturePolicy: {
      identifier: '1.2.392.200000.1',
      digestAlgorithm: 'sha256',
      digest: sha256,
      uri: 'https://example.org/policy.pdf',
    },
    mimeType: 'text/plain; charset=utf-8',
    contentHints: { contentType: OID.data, description: 'Content-Type: text/plain' },
    contentIdentifier: utf8('contract 17'),
    contentReference: {
      contentType: OID.data,
      identifier: utf8('offer 16'),
      signatureValue: new Uint8Array(64),
    },
  }

  it('is signed, and comes with the verdict', async () => {
    const { facts } = await verify(await sign({ claims }))
    assert.deepEqual(facts.claims, claims)
    // Each alone, as the optional parts of one may hide those of another.
    for (const [name, value] of Object.entries(claims)) {
      const alone = await verify(await sign({ claims: { [name]: value } }))
      assert.deepEqual(alone.facts.claims, { [name]: value })
    }
  })

  it('may be less of each', async () => {
    const less: SignerClaims = {
      signerLocation: { locality: 'Kyōto' },
      contentHints: { contentType: OID.data },
      signaturePolicy: { identifier: '1.2.3', digestAlgorithm: 'sha512', digest: new Uint8Array(64) },
    }
    assert.deepEqual((await verify(await sign({ claims: less }))).facts.claims, less)
  })

  it('is refused where it says nothing, or not what it should', async () => {
    const wrong: readonly SignerClaims[] = [
      { signerLocation: {} },
      { signerLocation: { postalAddress: ['1', '2', '3', '4', '5', '6', '7'] } },
      { signaturePolicy: { identifier: '1.2.3', digestAlgorithm: 'sha256', digest: new Uint8Array(20) } },
    ]
    for (const claims of wrong) await assert.rejects(prepare({ claims }), RangeError)
  })
})

describe('the content', () => {
  it('stands inside the signature or beside it, and nothing that is signed changes', async () => {
    const detached = await sign()
    const whole = await attached(detached)
    const opened = await openCades(bytesSource(whole))
    assert.deepEqual(opened.signature, detached)
    assert.ok(opened.content !== undefined)
    assert.deepEqual(await allOf(opened.content), CONTENT)
    assert.deepEqual(await openCades(bytesSource(detached)), { signature: detached, content: undefined })
    const verdict = await verify(whole, {})
    assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', 'B-T'])
  })

  it('may be of any length, where the octets of its length change their number', async () => {
    for (const size of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const content = new Uint8Array(size).fill(0x2a)
      const detached = await sign({ content: bytesSource(content) })
      const whole = await attached(detached, content)
      assert.equal((await verify(whole, {})).indication, 'TOTAL-PASSED', `${size} bytes`)
      assert.deepEqual((await openCades(bytesSource(whole))).signature, detached)
    }
  })

  it('is read in pieces, by whoever signs, attaches and verifies', async () => {
    const size = 9 * 1024 * 1024
    let largest = 0
    const content = {
      size,
      read: async (offset: number, length: number) => {
        largest = Math.max(largest, length)
        return new Uint8Array(length).map((_, i) => (offset + i) & 0xff)
      },
    }
    const whole = attachContent(await sign({ content }), content)
    const verified = await verifyAll(await sign({ content }), { content })
    assert.equal(verified[0]?.indication, 'TOTAL-PASSED')
    const opened = await openCades(whole)
    assert.equal(opened.content?.size, size)
    assert.ok(largest <= 256 * 1024, `${largest} bytes at once`)
  })

  it('is not put into what holds one already, or is no signature', async () => {
    const whole = await attached(await sign())
    for (const signature of [whole, Uint8Array.of(0x30, 0), CONTENT]) {
      assert.throws(() => attachContent(signature, bytesSource(CONTENT)), refusal('signature-unreadable'))
    }
    for (const file of [Uint8Array.of(0x30, 0), CONTENT, new Uint8Array(), whole.subarray(0, 40)])
      await assert.rejects(openCades(bytesSource(file)), refusal('signature-unreadable'))
  })
})

describe('several signers', () => {
  it('sign beside each other, each with his own time and level', async () => {
    const second = await issue({ name: 'Taro', issuer: issuing, keyType: 'ec-p384', extensions: SIGNER })
    const first = await sign({ withTimeStamp: false })
    const both = await sign({ by: second, beside: first })
    const verdicts = await verifyAll(both)
    assert.deepEqual(
      verdicts.map(({ indication, facts }) => [indication, facts.signer, facts.level]),
      [
        ['TOTAL-PASSED', 'CN=Hanako Yamada', 'B-B'],
        ['TOTAL-PASSED', 'CN=Taro', 'B-T'],
      ],
    )
    const again = await verifyAll(await attached(both), {})
    assert.deepEqual(
      again.map(({ indication }) => indication),
      ['TOTAL-PASSED', 'TOTAL-PASSED'],
    )
  })

  it('do not sign beside another content, or what is no signature', async () => {
    const beside = await sign({ content: bytesSource(utf8('another')) })
    await assert.rejects(sign({ beside }), refusal('content-differs'))
    await assert.rejects(sign({ beside: Uint8Array.of(0x30, 0) }), refusal('signature-unreadable'))
  })
})
