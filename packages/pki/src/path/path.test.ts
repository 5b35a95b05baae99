import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OID } from '../asn1/oid.ts'
import { sequence } from '../asn1/write.ts'
import { nodePlatform } from '../node/node-platform.ts'
import type { VerificationQuestion } from '../platform/index.ts'
import {
  CA_EXTENSIONS,
  generateKey,
  issue,
  issueRoot,
  NOW,
  type TestEntity,
  tryOpenssl,
  withFiles,
} from '../test-kit.ts'
import { basicConstraints, extension, extKeyUsage, keyUsage } from '../x509/build.ts'
import { toPem } from '../x509/pem.ts'
import {
  MAX_PATH_LENGTH,
  MAX_PATH_SIGNATURES,
  MAX_PATH_STEPS,
  type PathQuestion,
  validatePath,
} from './validate.ts'

const root = await issueRoot()
const ca = await issue({ name: 'CA', issuer: root, extensions: CA_EXTENSIONS })
const leaf = await issue({ name: 'Alice', issuer: ca, extensions: [keyUsage('nonRepudiation')] })

interface Question extends Partial<Omit<PathQuestion, 'leaf' | 'intermediates' | 'trustAnchors'>> {
  readonly leaf?: TestEntity
  readonly intermediates?: readonly TestEntity[]
  readonly trustAnchors?: readonly TestEntity[]
}

function validate({
  leaf: target = leaf,
  intermediates = [ca],
  trustAnchors = [root],
  ...rest
}: Question = {}) {
  return validatePath({
    leaf: target.certificate,
    intermediates: intermediates.map(entity => entity.certificate),
    trustAnchors: trustAnchors.map(entity => entity.certificate),
    at: NOW,
    platform: nodePlatform,
    ...rest,
  })
}

async function problemOf(question: Question = {}): Promise<string | undefined> {
  const verdict = await validate(question)
  return verdict.valid ? undefined : verdict.problem
}

function opensslAccepts(target: TestEntity, intermediates: readonly TestEntity[]): boolean {
  const pem = (entities: readonly TestEntity[]) =>
    entities.map(({ certificate }) => toPem('CERTIFICATE', certificate.bytes)).join('')
  const files = { 'root.pem': pem([root]), 'more.pem': pem(intermediates), 'leaf.pem': pem([target]) }
  return withFiles(
    files,
    folder =>
      tryOpenssl(
        folder,
        'verify',
        '-x509_strict',
        '-CAfile',
        'root.pem',
        '-untrusted',
        'more.pem',
        '-attime',
        String(NOW.getTime() / 1000),
        'leaf.pem',
      ).status === 0,
  )
}

describe('validatePath (RFC 5280, 6.1)', () => {
  it('returns the path from the leaf to the anchor, whatever else lies in the bag', async () => {
    const stranger = await issueRoot('Stranger')
    const verdict = await validate({ intermediates: [stranger, leaf, ca, root] })
    assert.ok(verdict.valid)
    assert.deepEqual(
      verdict.path.map(({ subject }) => subject.text),
      ['CN=Alice', 'CN=CA', 'CN=Root'],
    )
  })

  it('agrees with openssl on good and bad chains', async () => {
    const notCa = await issue({
      name: 'Leaf issuer',
      issuer: root,
      extensions: [basicConstraints({ ca: false }), keyUsage('keyCertSign')],
    })
    const noSign = await issue({
      name: 'No keyCertSign',
      issuer: root,
      extensions: [basicConstraints({ ca: true }), keyUsage('cRLSign')],
    })
    const short = await issue({
      name: 'Short',
      issuer: root,
      extensions: [basicConstraints({ ca: true, pathLength: 0 }), keyUsage('keyCertSign')],
    })
    const below = await issue({ name: 'Below', issuer: short, extensions: CA_EXTENSIONS })
    const table: readonly (readonly [TestEntity, readonly TestEntity[], string | undefined])[] = [
      [leaf, [ca], undefined],
      [leaf, [], 'no-path'],
      [await issue({ name: 'L', issuer: notCa }), [notCa], 'not-a-ca'],
      [await issue({ name: 'L', issuer: noSign }), [noSign], 'issuer-may-not-sign-certificates'],
      [await issue({ name: 'L', issuer: short }), [short], undefined],
      [await issue({ name: 'L', issuer: below }), [below, short], 'path-too-long'],
      [await issue({ name: 'L', issuer: leaf }), [leaf, ca], 'not-a-ca'],
    ]
    for (const [target, intermediates, expected] of table) {
      assert.equal(await problemOf({ leaf: target, intermediates }), expected)
      assert.equal(opensslAccepts(target, intermediates), expected === undefined, String(expected))
    }
  })

  it('refuses an issuer that has the right name but another key', async () => {
    const impostor = await issueRoot('CA')
    assert.equal(await problemOf({ leaf: await issue({ name: 'L', issuer: impostor }) }), 'signature-invalid')
    assert.equal(await problemOf({ trustAnchors: [await issueRoot()] }), 'signature-invalid')
  })

  it('refuses each certificate of the path outside its validity', async () => {
    const at = (text: string) => ({ at: new Date(text) })
    assert.equal(await problemOf(at('2025-12-31T23:59:59Z')), 'not-yet-valid')
    assert.equal(await problemOf(at('2026-01-01T00:00:00Z')), undefined)
    assert.equal(await problemOf(at('2036-01-01T00:00:00Z')), undefined)
    assert.equal(await problemOf(at('2036-01-01T00:00:01Z')), 'expired')
    const profile = { notAfter: new Date('2026-05-01T00:00:00Z') }
    const old = await issue({ name: 'Old', issuer: root, extensions: CA_EXTENSIONS, profile })
    const verdict = await validate({ leaf: await issue({ name: 'L', issuer: old }), intermediates: [old] })
    assert.ok(!verdict.valid)
    assert.deepEqual([verdict.problem, verdict.certificate.subject.text], ['expired', 'CN=Old'])
    const oldRoot = await issue({ name: 'Old root', extensions: CA_EXTENSIONS, profile })
    assert.equal(
      await problemOf({ leaf: await issue({ name: 'L', issuer: oldRoot }), trustAnchors: [oldRoot] }),
      'expired',
    )
  })

  it('refuses critical extensions it does not know, and constraints it does not process', async () => {
    const withExtension = (...extensions: Uint8Array[]) => issue({ name: 'L', issuer: ca, extensions })
    assert.equal(
      await problemOf({ leaf: await withExtension(extension('1.2.3', true, sequence())) }),
      'unknown-critical-extension',
    )
    assert.equal(
      await problemOf({ leaf: await withExtension(extension('1.2.3', false, sequence())) }),
      undefined,
    )
    for (const type of [
      OID.nameConstraints,
      OID.policyConstraints,
      OID.policyMappings,
      OID.inhibitAnyPolicy,
    ]) {
      for (const critical of [true, false]) {
        const constrained = await issue({
          name: 'Constrained',
          issuer: root,
          extensions: [...CA_EXTENSIONS, extension(type, critical, sequence())],
        })
        const target = await issue({ name: 'L', issuer: constrained })
        assert.equal(
          await problemOf({ leaf: target, intermediates: [constrained] }),
          'constraint-unsupported',
        )
      }
    }
  })

  it('demands the key purpose of the leaf, and of issuers that restrict purposes', async () => {
    const purposes = (...oids: string[]) => extKeyUsage(oids, { critical: false })
    const signer = await issue({ name: 'S', issuer: ca, extensions: [purposes(OID.documentSigning)] })
    assert.equal(await problemOf({ leaf: signer, keyPurpose: OID.documentSigning }), undefined)
    assert.equal(await problemOf({ leaf: signer, keyPurpose: OID.timeStamping }), 'key-purpose-not-allowed')
    assert.equal(await problemOf({ leaf: leaf, keyPurpose: OID.documentSigning }), undefined)
    const any = await issue({ name: 'A', issuer: ca, extensions: [purposes(OID.anyExtendedKeyUsage)] })
    assert.equal(await problemOf({ leaf: any, keyPurpose: OID.documentSigning }), undefined)
    assert.equal(await problemOf({ leaf: any, keyPurpose: OID.timeStamping }), 'key-purpose-not-allowed')
    const restricted = await issue({
      name: 'R',
      issuer: root,
      extensions: [...CA_EXTENSIONS, purposes(OID.timeStamping)],
    })
    const under = await issue({ name: 'U', issuer: restricted, extensions: [purposes(OID.documentSigning)] })
    assert.equal(
      await problemOf({ leaf: under, intermediates: [restricted], keyPurpose: OID.documentSigning }),
      'key-purpose-not-allowed',
    )
  })

  it('takes a self-signed leaf only when it is itself the anchor', async () => {
    assert.equal(await problemOf({ leaf: root }), undefined)
    const own = await issueRoot('Own')
    assert.equal(await problemOf({ leaf: own }), 'no-path')
  })

  it('finds the good one of two cross-certificates', async () => {
    const otherRoot = await issueRoot('Other root')
    const cross = await issue({ name: 'CA', issuer: otherRoot, key: ca.key, extensions: CA_EXTENSIONS })
    for (const trustAnchors of [[root], [otherRoot]])
      assert.equal(await problemOf({ intermediates: [cross, ca], trustAnchors }), undefined)
  })

  it('accepts ten certificates in a path and refuses eleven (T-LIM-08)', async () => {
    assert.equal(MAX_PATH_LENGTH, 10)
    const chain = [root]
    for (let i = 0; i < 10; i++)
      chain.push(await issue({ name: `CA ${i}`, issuer: chain[i] ?? root, extensions: CA_EXTENSIONS }))
    assert.equal(await problemOf({ leaf: chain[9] ?? root, intermediates: chain }), undefined)
    assert.equal(await problemOf({ leaf: chain[10] ?? root, intermediates: chain }), 'path-too-long')
  })

  it('finds a path with its last step and gives up one step later', async () => {
    const namesake = await issue({ name: 'CA', issuer: root, extensions: [basicConstraints({ ca: false })] })
    const bag = (useless: number) => [...Array<TestEntity>(useless).fill(namesake), ca]
    // Two steps lead from the leaf over its issuer to the anchor.
    assert.equal(await problemOf({ intermediates: bag(MAX_PATH_STEPS - 2) }), undefined)
    assert.equal(await problemOf({ intermediates: bag(MAX_PATH_STEPS - 1) }), 'budget-exhausted')
  })

  it('gives up on a cross-certified mesh within its budget of signatures', async () => {
    const keys = Array.from({ length: 12 }, () => generateKey())
    const entities = await Promise.all(
      keys.map((key, i) => issue({ name: `M${i}`, key, extensions: CA_EXTENSIONS })),
    )
    const mesh = (
      await Promise.all(
        entities.map(issuer =>
          Promise.all(keys.map((key, i) => issue({ name: `M${i}`, issuer, key, extensions: CA_EXTENSIONS }))),
        ),
      )
    ).flat()
    let signatures = 0
    const counting = {
      verify(question: VerificationQuestion) {
        signatures += 1
        return nodePlatform.verify(question)
      },
    }
    const [first = root] = entities
    const target = await issue({ name: 'L', issuer: first })
    assert.equal(
      await problemOf({ leaf: target, intermediates: mesh, platform: counting }),
      'budget-exhausted',
    )
    assert.equal(signatures, MAX_PATH_SIGNATURES)
  })
})
