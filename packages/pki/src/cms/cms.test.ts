import assert from 'node:assert/strict'
import { generateKeyPairSync, sign as signWith } from 'node:crypto'
import { describe, it } from 'node:test'
import type { KeyType } from '../algorithms/algorithms.ts'
import { keyTypes, signatureAlgorithms } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import { leadingElement, parseDer } from '../asn1/parse.ts'
import { contextConstructed, TAG } from '../asn1/tags.ts'
import { element, integer, octetString, oid, retag, sequence, set } from '../asn1/write.ts'
import { concat, equal, toHex, utf8 } from '../encoding/bytes.ts'
import { digestSync, nodePlatform } from '../node/node-platform.ts'
import {
  generateKey,
  issue,
  issueRoot,
  openssl,
  privateKeyPem,
  signingWith,
  type TestEntity,
  type TestKey,
  tryOpenssl,
  withFiles,
} from '../test-kit.ts'
import { basicConstraints, keyUsage } from '../x509/build.ts'
import { toPem } from '../x509/pem.ts'
import {
  attribute,
  buildSignedAttributes,
  parseSignedAttributes,
  type SignedAttributesProfile,
} from './attributes.ts'
import { addUnsignedAttribute } from './extend.ts'
import { assembleSignedData, parseSignedData, type SignedDataParts } from './signed-data.ts'
import { essCertIdOf } from './signing-certificate.ts'
import { signatureTimeStamp, signatureTimeStampsOf } from './time-stamp-attribute.ts'
import { type SignedContent, type SignerOptions, verifySignedData } from './verify.ts'

const CONTENT = utf8('契約書\nThe quick brown fox')
const root = await issueRoot()
const LEAF = [basicConstraints({ ca: false }), keyUsage('digitalSignature', 'nonRepudiation')]
const alice = await issue({ name: 'Alice', issuer: root, extensions: LEAF })
const mallory = await issue({ name: 'Mallory', issuer: root, extensions: LEAF })

interface Changes {
  readonly signer?: TestEntity
  readonly attributes?: Partial<SignedAttributesProfile>
  /** Replaces the signed attributes before they are signed. */
  readonly signedAttributes?: (der: Uint8Array) => Uint8Array
  readonly parts?: Partial<SignedDataParts>
}

/** A detached signature by Alice over CONTENT, with these changes. */
async function sign(changes: Changes = {}): Promise<Uint8Array> {
  const signer = changes.signer ?? alice
  const { algorithm } = signer.key
  const { digest } = signatureAlgorithms[algorithm]
  const built = buildSignedAttributes({
    messageDigest: digestSync(digest, CONTENT),
    signingCertificate: await essCertIdOf(signer.certificate.bytes, digest, nodePlatform),
    ...changes.attributes,
  })
  const signedAttributes = changes.signedAttributes?.(built) ?? built
  return assembleSignedData({
    digestAlgorithm: digest,
    signatureAlgorithm: algorithm,
    signedAttributes,
    signature: signer.key.sign(signedAttributes),
    signer: signer.certificate,
    certificates: [root.certificate.bytes],
    ...changes.parts,
  })
}

async function problemOf(
  der: Uint8Array,
  content: SignedContent = { content: CONTENT },
  options?: SignerOptions,
) {
  const verdict = await verifySignedData(parseSignedData(der), content, nodePlatform, options)
  return verdict.valid ? undefined : verdict.problem
}

/** The problem found, or why the bytes were not even read. */
const problemOrRefusal = (der: Uint8Array) =>
  problemOf(der, 'encapsulated').catch((error: unknown) => {
    assert.ok(error instanceof DerError, String(error))
    return error.reason
  })

const OPENSSL_VERIFY = [
  'cms',
  '-verify',
  '-inform',
  'DER',
  '-in',
  's.der',
  '-binary',
  '-CAfile',
  'root.pem',
  '-purpose',
  'any',
  '-out',
  'out',
]

function opensslVerify(der: Uint8Array, ...args: readonly string[]) {
  const files = { 's.der': der, content: CONTENT, 'root.pem': toPem('CERTIFICATE', root.certificate.bytes) }
  return withFiles(files, folder => tryOpenssl(folder, ...OPENSSL_VERIFY, ...args))
}

/** `openssl cms` knows no EdDSA before 3.2; what was signed and the value it can check. */
function opensslVerifyBare(der: Uint8Array, spki: Uint8Array) {
  const [signerInfo] = parseSignedData(der).signerInfos
  const files = {
    attributes: signerInfo?.signedAttributes?.bytes ?? new Uint8Array(),
    value: signerInfo?.signature ?? new Uint8Array(),
    'key.der': spki,
  }
  const question = ['-verify', '-rawin', '-in', 'attributes', '-sigfile', 'value']
  return withFiles(files, folder =>
    tryOpenssl(folder, 'pkeyutl', ...question, '-pubin', '-inkey', 'key.der', '-keyform', 'DER'),
  )
}

describe('a baseline signature (RFC 5652, RFC 5035)', () => {
  for (const keyType of Object.keys(keyTypes) as KeyType[]) {
    it(`by a key of type ${keyType} verifies here and in openssl with -cades`, async () => {
      const signer = await issue({ name: keyType, issuer: root, keyType, extensions: LEAF })
      for (const algorithm of keyTypes[keyType].signs) {
        const der = await sign({ signer: signingWith(signer, algorithm) })
        assert.equal(await problemOf(der), undefined)
        const { status, output } =
          keyType === 'ed25519'
            ? opensslVerifyBare(der, signer.key.spki)
            : opensslVerify(der, '-cades', '-content', 'content')
        assert.equal(status, 0, output)
      }
    })
  }

  it('keeps the signed bytes with tag 0x31, and embeds them as [0]', async () => {
    const der = await sign()
    const [signerInfo] = parseSignedData(der).signerInfos
    const signed = signerInfo?.signedAttributes?.bytes ?? new Uint8Array()
    assert.equal(signed[0], TAG.set)
    assert.ok(Buffer.from(der).includes(Buffer.from(retag(contextConstructed(0), signed))))
    assert.ok(!Buffer.from(der).includes(Buffer.from(signed)))
  })

  it('names the certificate, the content and its digest, and no signing time unless asked', async () => {
    const verdict = await verifySignedData(parseSignedData(await sign()), { content: CONTENT }, nodePlatform)
    assert.ok(verdict.valid)
    assert.deepEqual(verdict.certificate.bytes, alice.certificate.bytes)
    assert.deepEqual(
      verdict.signedAttributes.all.map(({ oid: type }) => type).sort(),
      [OID.contentType, OID.messageDigest, OID.signingCertificateV2].sort(),
    )
    assert.deepEqual(verdict.signedAttributes.messageDigest, digestSync('sha256', CONTENT))
    const at = new Date('2026-06-01T00:00:00Z')
    const timed = parseSignedData(await sign({ attributes: { signingTime: at } })).signerInfos[0]
    assert.deepEqual(timed?.signedAttributes?.signingTime, at)
  })

  it('leaves SHA-256 out of ESSCertIDv2 and names the others', async () => {
    const attributesFor = async (digest: 'sha256' | 'sha384') =>
      toHex(
        buildSignedAttributes({
          messageDigest: new Uint8Array(32),
          signingCertificate: await essCertIdOf(alice.certificate.bytes, digest, nodePlatform),
        }),
      )
    assert.ok(!(await attributesFor('sha256')).includes(toHex(oid('2.16.840.1.101.3.4.2.1'))))
    assert.ok((await attributesFor('sha384')).includes(toHex(oid('2.16.840.1.101.3.4.2.2'))))
    assert.deepEqual(
      parseSignedAttributes(Buffer.from(await attributesFor('sha384'), 'hex')).signingCertificate
        ?.digestAlgorithm,
      'sha384',
    )
  })

  it("can carry issuer and serial number, and they must then be the certificate's", async () => {
    const id = await essCertIdOf(alice.certificate.bytes, 'sha256', nodePlatform)
    const withIssuer = (certificate: TestEntity['certificate']) =>
      sign({
        attributes: {
          signingCertificate: {
            ...id,
            issuerSerial: { issuer: certificate.issuer.bytes, serialNumber: certificate.serialNumber },
          },
        },
      })
    assert.equal(await problemOf(await withIssuer(alice.certificate)), undefined)
    assert.equal(
      opensslVerify(await withIssuer(alice.certificate), '-cades', '-content', 'content').status,
      0,
    )
    assert.equal(await problemOf(await withIssuer(mallory.certificate)), 'signing-certificate-mismatch')
  })

  it('verifies against a digest that was computed while streaming', async () => {
    assert.equal(await problemOf(await sign(), { messageDigest: digestSync('sha256', CONTENT) }), undefined)
    assert.equal(
      await problemOf(await sign(), { messageDigest: digestSync('sha256', utf8('other')) }),
      'message-digest-mismatch',
    )
  })

  it('can hold its content, and openssl reads it back', async () => {
    const der = await sign({ parts: { content: CONTENT } })
    assert.equal(await problemOf(der, 'encapsulated'), undefined)
    assert.deepEqual(parseSignedData(der).content, new Uint8Array(CONTENT))
    assert.equal(opensslVerify(der, '-cades').status, 0)
  })

  it('is found in front of the zeros that fill up a PDF', async () => {
    const der = await sign()
    const padded = concat(der, new Uint8Array(100))
    assert.throws(() => parseSignedData(padded), { reason: 'trailing-bytes' })
    assert.deepEqual(leadingElement(padded), der)
  })

  it('binds its algorithms when asked (RFC 6211)', async () => {
    const algorithmProtection = { digestAlgorithm: 'sha256', signatureAlgorithm: 'ecdsa-sha256' } as const
    assert.equal(await problemOf(await sign({ attributes: { algorithmProtection } })), undefined)
    assert.equal(
      opensslVerify(await sign({ attributes: { algorithmProtection } }), '-cades', '-content', 'content')
        .status,
      0,
    )
    const other = { digestAlgorithm: 'sha256', signatureAlgorithm: 'ecdsa-sha384' } as const
    assert.equal(
      await problemOf(await sign({ attributes: { algorithmProtection: other } })),
      'algorithms-disagree',
    )
  })

  it('that openssl made is verified here, RSA under its two names included', async () => {
    for (const keyType of ['ec-p256', 'rsa-3072'] as const) {
      const signer = await issue({ name: 'Bob', issuer: root, keyType, extensions: LEAF })
      const files = {
        content: CONTENT,
        'c.pem': toPem('CERTIFICATE', signer.certificate.bytes),
        'k.pem': privateKeyPem(signer.key),
      }
      const der = withFiles(files, folder => {
        openssl(
          folder,
          'cms',
          '-sign',
          '-cades',
          '-binary',
          '-md',
          'sha256',
          '-in',
          'content',
          '-signer',
          'c.pem',
          '-inkey',
          'k.pem',
          '-outform',
          'DER',
          '-out',
          's.der',
        )
        return new Uint8Array(Buffer.from(openssl(folder, 'base64', '-A', '-in', 's.der'), 'base64'))
      })
      assert.equal(await problemOf(der), undefined, keyType)
      assert.equal(await problemOf(der, { content: utf8('other') }), 'message-digest-mismatch')
    }
  })
})

describe('verifySignedData refuses', () => {
  it('a message with more than 100 certificates', async () => {
    const filler = (count: number) => Array.from({ length: count }, (_, i) => sequence(integer(i)))
    assert.equal(await problemOf(await sign({ parts: { certificates: filler(99) } })), undefined)
    const tooMany = await sign({ parts: { certificates: filler(100) } })
    assert.throws(() => parseSignedData(tooMany), { reason: 'too-many-elements' })
  })

  it('another content, and a content beside the one inside', async () => {
    assert.equal(await problemOf(await sign(), { content: utf8('other') }), 'message-digest-mismatch')
    assert.equal(await problemOf(await sign(), 'encapsulated'), 'content-missing')
    assert.equal(await problemOf(await sign({ parts: { content: utf8('shown') } })), 'content-ambiguous')
  })

  it('a signature by another key, or over other attributes', async () => {
    assert.equal(
      await problemOf(await sign({ parts: { signature: mallory.key.sign(utf8('x')) } })),
      'signature-invalid',
    )
    const other = buildSignedAttributes({
      messageDigest: digestSync('sha256', CONTENT),
      signingCertificate: await essCertIdOf(alice.certificate.bytes, 'sha256', nodePlatform),
      signingTime: new Date(0),
    })
    assert.equal(await problemOf(await sign({ parts: { signedAttributes: other } })), 'signature-invalid')
  })

  it('a key that is too short to look at, though its signature is right (T-CMS-08)', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const weak: TestKey = {
      spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
      privateKey,
      algorithm: 'rsa-sha256',
      sign: data => new Uint8Array(signWith('sha256', data, privateKey)),
    }
    const signer = await issue({ name: 'Weak', issuer: root, key: weak, extensions: LEAF })
    const der = await sign({ signer })
    assert.equal(await problemOf(der), 'key-unacceptable')
    assert.equal(opensslVerify(der, '-content', 'content', '-noverify').status, 0)
  })

  it('another certificate for the same key', async () => {
    const twin = await issue({ name: 'Alice', issuer: root, key: alice.key, extensions: LEAF })
    assert.equal(
      await problemOf(await sign({ parts: { signer: twin.certificate } })),
      'signing-certificate-mismatch',
    )
  })

  it("a message without the signer's certificate, unless it is given", async () => {
    const der = await sign()
    const without = swap(der, alice.certificate.bytes, mallory.certificate.bytes)
    assert.equal(await problemOf(without), 'certificate-missing')
    assert.equal(
      await problemOf(without, { content: CONTENT }, { certificates: [alice.certificate.bytes] }),
      undefined,
    )
  })

  it('attributes without signing-certificate-v2, unless plain CMS is asked for', async () => {
    const withoutIt = (der: Uint8Array) =>
      set(
        ...parseDer(der)
          .children.map(child => child.bytes)
          .filter(bytes => !Buffer.from(bytes).includes(Buffer.from(oid(OID.signingCertificateV2)))),
      )
    const der = await sign({ signedAttributes: withoutIt })
    assert.equal(await problemOf(der), 'signing-certificate-missing')
    assert.equal(await problemOf(der, { content: CONTENT }, { signingCertificate: 'optional' }), undefined)
  })

  it('algorithms that disagree in any of the three places', async () => {
    assert.equal(await problemOf(await sign({ parts: { digestAlgorithm: 'sha384' } })), 'algorithms-disagree')
    assert.equal(
      await problemOf(await sign({ parts: { signatureAlgorithm: 'ecdsa-sha384' } })),
      'algorithms-disagree',
    )
    const der = await sign()
    const sha256 = parseDer(der).children[1]?.children[0]?.children[1]?.bytes ?? new Uint8Array()
    const sha384 = new Uint8Array(sha256)
    sha384[sha384.length - 1] = 2
    assert.equal(await problemOf(swap(der, sha256, sha384)), 'algorithms-disagree')
    const unknown = new Uint8Array(sha256)
    unknown[unknown.length - 1] = 11
    const [signer] = parseSignedData(der).signerInfos
    assert.equal(
      await problemOf(
        swap(der, signer?.bytes ?? der, swap(signer?.bytes ?? der, sha256.subarray(2), unknown.subarray(2))),
      ),
      'algorithm-unsupported',
    )
  })

  it('another content type, RSA against an EC key, several signers and none', async () => {
    assert.equal(
      await problemOf(await sign({ attributes: { contentType: OID.tstInfo } })),
      'content-type-mismatch',
    )
    assert.equal(
      await problemOf(await sign({ parts: { signatureAlgorithm: 'rsa-sha256' } })),
      'signature-invalid',
    )
    const der = await sign()
    const signers = element(TAG.set, parseSignedData(der).signerInfos[0]?.bytes ?? new Uint8Array())
    assert.equal(await problemOf(rebuild(der, set())), 'no-signer')
    assert.equal(
      await problemOf(
        rebuild(
          der,
          element(
            TAG.set,
            ...parseDer(signers)
              .children.concat(parseDer(signers).children)
              .map(c => c.bytes),
          ),
        ),
      ),
      'several-signers',
    )
    assert.equal(await problemOf(rebuild(der, signers)), undefined)
  })

  it('any one bit changed in what the signer wrote', async () => {
    const der = await sign({ parts: { content: CONTENT } })
    const { signerInfos } = parseSignedData(der)
    const start = Buffer.from(der).indexOf(Buffer.from(signerInfos[0]?.bytes ?? []))
    for (let at = start; at < der.length; at++) {
      for (const mask of [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80]) {
        const copy = new Uint8Array(der)
        copy[at] = (copy[at] ?? 0) ^ mask
        assert.notEqual(
          await problemOrRefusal(copy),
          undefined,
          `octet ${at - start} of SignerInfo, bit ${mask}`,
        )
      }
    }
  })
})

describe('signed attributes', () => {
  const refuses = (der: Uint8Array, reason: string) =>
    assert.throws(() => parseSignedAttributes(der), { code: 'malformed-der', reason })
  const contentType = attribute(OID.contentType, oid(OID.data))
  const messageDigest = attribute(OID.messageDigest, octetString(new Uint8Array(32)))

  it('need content-type and message-digest, each once with one value (RFC 5652, 11.1 and 11.2)', () => {
    assert.doesNotThrow(() => parseSignedAttributes(set(contentType, messageDigest)))
    refuses(set(contentType), 'missing-field')
    refuses(set(messageDigest), 'missing-field')
    refuses(set(), 'missing-field')
    refuses(set(contentType, messageDigest, messageDigest), 'duplicate-field')
    refuses(
      set(
        contentType,
        attribute(OID.messageDigest, octetString(new Uint8Array(32)), octetString(new Uint8Array(31))),
      ),
      'duplicate-field',
    )
    refuses(set(contentType, attribute(OID.messageDigest)), 'duplicate-field')
  })

  it('are DER: sorted, nothing after them, the default left out', () => {
    refuses(element(TAG.set, messageDigest, contentType), 'set-not-sorted')
    refuses(concat(set(contentType, messageDigest), Uint8Array.of(0)), 'trailing-bytes')
    const encodedDefault = sequence(
      sequence(sequence(sequence(oid('2.16.840.1.101.3.4.2.1')), octetString(new Uint8Array(32)))),
    )
    refuses(
      set(contentType, messageDigest, attribute(OID.signingCertificateV2, encodedDefault)),
      'default-encoded',
    )
    const wrongLength = sequence(sequence(sequence(octetString(new Uint8Array(31)))))
    refuses(
      set(contentType, messageDigest, attribute(OID.signingCertificateV2, wrongLength)),
      'value-not-allowed',
    )
  })
})

describe('addUnsignedAttribute', () => {
  it('changes nothing but the lengths around it', async () => {
    const token = sequence(integer(1))
    const der = await sign()
    const once = addUnsignedAttribute(der, signatureTimeStamp(token))
    const twice = addUnsignedAttribute(once, attribute('1.2.3', integer(2)))
    const [before, after] = [der, twice].map(bytes => parseSignedData(bytes).signerInfos[0])
    assert.deepEqual(after?.signedAttributes?.bytes, before?.signedAttributes?.bytes)
    assert.deepEqual(after?.signature, before?.signature)
    assert.deepEqual(parseSignedData(twice).certificates, parseSignedData(der).certificates)
    assert.deepEqual(
      after?.unsignedAttributes?.all.map(({ oid: type }) => type),
      [OID.signatureTimeStampToken, '1.2.3'],
    )
    assert.deepEqual(after === undefined ? [] : signatureTimeStampsOf(after), [token])
    assert.equal(await problemOf(twice), undefined)
    assert.equal(opensslVerify(twice, '-cades', '-content', 'content').status, 0)
  })

  it('is the same as having it from the start', async () => {
    const der = await sign()
    const [signer] = parseSignedData(der).signerInfos
    const parts = {
      unsignedAttributes: [signatureTimeStamp(sequence())],
      signature: signer?.signature ?? new Uint8Array(),
    }
    assert.deepEqual(addUnsignedAttribute(der, signatureTimeStamp(sequence())), await sign({ parts }))
  })

  it('needs exactly one signer', async () => {
    const der = await sign()
    assert.throws(() => addUnsignedAttribute(rebuild(der, set()), attribute('1.2.3', integer(1))), {
      reason: 'value-not-allowed',
    })
  })
})

/** The message with its signerInfos replaced. */
function rebuild(der: Uint8Array, signerInfos: Uint8Array): Uint8Array {
  const [type, content] = parseDer(der).children
  const fields = content?.children[0]?.children.slice(0, -1).map(field => field.bytes) ?? []
  return sequence(type?.bytes, element(contextConstructed(0), sequence(...fields, signerInfos)))
}

/** `bytes` with the first `from` replaced by `to` of the same length. */
function swap(bytes: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes).indexOf(Buffer.from(from))
  assert.ok(at >= 0)
  const copy = concat(bytes.subarray(0, at), to, bytes.subarray(at + from.length))
  if (from.length === to.length) return copy
  // Lengths changed: write every element around it again.
  return equal(from, to) ? copy : reencode(bytes, from, to)
}

function reencode(bytes: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const rewrite = (node: ReturnType<typeof parseDer>): Uint8Array => {
    if (equal(node.bytes, from)) return to
    return node.constructed ? element(node.tag, ...node.children.map(rewrite)) : node.bytes
  }
  return rewrite(parseDer(bytes))
}

it("test keys are real: a fresh key does not verify another one's signature", async () => {
  const [a, b] = [generateKey(), generateKey()]
  const question = { algorithm: 'ecdsa-sha256', spki: a.spki, data: CONTENT } as const
  assert.equal(await nodePlatform.verify({ ...question, signature: a.sign(CONTENT) }), true)
  assert.equal(await nodePlatform.verify({ ...question, signature: b.sign(CONTENT) }), false)
})
