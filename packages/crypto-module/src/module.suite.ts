/**
 * The one suite every crypto module passes.
 *
 * Signatures are judged by node:crypto against the SubjectPublicKeyInfo the module gave, over the message whose
 * digest it was handed: the judge shares no code with either module's signing path.
 */
import assert from 'node:assert/strict'
import { constants, createHash, verify } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import {
  type DigestAlgorithm,
  digestAlgorithms,
  type KeyType,
  keyTypes,
  type SignatureAlgorithm,
  type SignatureFamily,
  signatureAlgorithms,
  signsMessages,
} from '@natsuin/pki/algorithms'
import { equal, utf8 } from '@natsuin/pki/encoding'
import { curveOrders, octetsOf, orderSizes } from './curve-order.ts'
import { type CryptoModule, type DigestToSign, ModuleRefusal, type ModuleRefusalCode } from './module.ts'

/** A place for keys that outlives the module which opened it. */
export interface ModulePlace {
  open(): Promise<CryptoModule>
  /** Removes the place with everything in it. */
  remove(): Promise<void>
}

export interface Shortcomings {
  /** Key types that this module makes, and does not wrap out. */
  readonly doesNotWrap?: readonly KeyType[]
}

/** Declares the suite. `createPlace` makes an empty place; the suite opens, closes and removes it. */
export function describeModule(
  name: string,
  createPlace: () => Promise<ModulePlace>,
  { doesNotWrap = [] }: Shortcomings = {},
): void {
  describe(`crypto module: ${name}`, () => {
    let place: ModulePlace
    let module: CryptoModule
    before(async () => {
      place = await createPlace()
      module = await place.open()
      await module.createMasterKey('master')
      await module.createMacKey('mac')
    })
    after(async () => {
      await module?.close()
      await place?.remove()
    })

    for (const type of ALL_KEY_TYPES) {
      it(`signs with a named ${type} key, and the signature verifies`, async () => {
        const spki = await module.createSigningKey(`named ${type}`, type)
        assert.deepEqual(await module.publicKey(`named ${type}`), spki)
        for (const algorithm of keyTypes[type].signs) {
          const message = utf8(`named ${algorithm}`)
          for (const request of waysToSign(algorithm, message)) {
            assertVerifies(spki, algorithm, message, await module.sign(`named ${type}`, request))
          }
        }
      })

      it(`refuses to sign with ${type} a message that the digest is not of`, async () => {
        for (const algorithm of keyTypes[type].signs) {
          const request = { ...toSign(algorithm, utf8('approved')), message: utf8('not approved') }
          await refuses('message-differs', module.sign(`named ${type}`, request))
        }
      })
    }

    for (const type of doesNotWrap) {
      it(`refuses to make a wrapped ${type} key`, () =>
        refuses('key-type-unsupported', module.generateWrapped('master', type)))
    }

    for (const type of ALL_KEY_TYPES.filter(one => !doesNotWrap.includes(one))) {
      it(`signs with a wrapped ${type} key, and the signature verifies`, async () => {
        const key = await module.generateWrapped('master', type)
        assert.deepEqual(key.attributes, {
          local: true,
          sensitive: true,
          alwaysSensitive: true,
          neverExtractable: false,
        })
        for (const algorithm of keyTypes[type].signs) {
          const message = utf8(`wrapped ${algorithm}`)
          for (const request of waysToSign(algorithm, message)) {
            const [signature] = await module.signWrapped('master', key, [request])
            assertVerifies(key.spki, algorithm, message, signature)
          }
        }
      })

      it(`refuses with ${type} every algorithm that is not for it`, async () => {
        const key = await module.generateWrapped('master', type)
        const foreign = ALL_SIGNATURE_ALGORITHMS.filter(name => !keyTypes[type].signs.includes(name))
        for (const algorithm of foreign) {
          const request = toSign(algorithm, utf8('x'))
          await refuses('algorithm-not-for-key', module.sign(`named ${type}`, request))
          await refuses('algorithm-not-for-key', module.signWrapped('master', key, [request]))
        }
      })

      it(`refuses with ${type} a digest one byte short, one byte long, and empty`, async () => {
        const key = await module.generateWrapped('master', type)
        for (const algorithm of keyTypes[type].signs) {
          const { size } = digestAlgorithms[signatureAlgorithms[algorithm].digest]
          for (const length of [0, size - 1, size + 1]) {
            const request = { algorithm, digest: new Uint8Array(length).fill(1) }
            await refuses('digest-length', module.sign(`named ${type}`, request))
            await refuses('digest-length', module.signWrapped('master', key, [request]))
          }
        }
      })

      it(`refuses an altered ${type} blob wherever it is altered`, async () => {
        const key = await module.generateWrapped('master', type)
        const requests = [toSign(keyTypes[type].signs[0], utf8('x'))]
        assert.equal((await module.signWrapped('master', key, requests)).length, 1)
        for (const at of [0, 8, key.wrapped.length >> 1, key.wrapped.length - 1]) {
          const wrapped = key.wrapped.slice()
          wrapped[at] = (wrapped[at] ?? 0) ^ 1
          await refuses('wrapped-key-invalid', module.signWrapped('master', { type, wrapped }, requests))
        }
      })
    }

    it('refuses Ed25519 without the message', async () => {
      const { message: _, ...request } = toSign('ed25519', utf8('x'))
      await refuses('message-missing', module.sign('named ed25519', request))
    })

    it('says what it can do, and nothing that it cannot', async () => {
      const expected = ALL_KEY_TYPES.map(type => [
        type,
        { signs: keyTypes[type].signs, wraps: !doesNotWrap.includes(type) },
      ])
      assert.deepEqual(await module.capabilities(), Object.fromEntries(expected))
      assert.deepEqual(await module.capability('ec-p256'), (await module.capabilities())['ec-p256'])
    })

    it('refuses a blob that is cut, lengthened or empty', async () => {
      const { type, wrapped } = await module.generateWrapped('master', 'ec-p256')
      const requests = [toSign('ecdsa-sha256', utf8('x'))]
      const shapes = [
        new Uint8Array(),
        wrapped.slice(0, -8),
        wrapped.slice(0, -1),
        Uint8Array.of(...wrapped, 0),
        Uint8Array.of(...wrapped, ...new Uint8Array(8)),
      ]
      for (const shape of shapes) {
        await refuses('wrapped-key-invalid', module.signWrapped('master', { type, wrapped: shape }, requests))
      }
    })

    it('refuses a blob whose key is of another type than it is said to be', async () => {
      const { wrapped } = await module.generateWrapped('master', 'ec-p256')
      const rsa = await module.generateWrapped('master', 'rsa-3072')
      const claims: readonly [KeyType, Uint8Array, SignatureAlgorithm][] = [
        ['ec-p384', wrapped, 'ecdsa-sha384'],
        ['rsa-3072', wrapped, 'rsa-pss-sha256'],
        ['ec-p256', rsa.wrapped, 'ecdsa-sha256'],
        ['rsa-4096', rsa.wrapped, 'rsa-sha256'],
        ['ed25519', wrapped, 'ed25519'],
      ]
      for (const [type, blob, algorithm] of claims) {
        const requests = [toSign(algorithm, utf8('x'))]
        await refuses('wrapped-key-invalid', module.signWrapped('master', { type, wrapped: blob }, requests))
      }
    })

    it('refuses under one master key what another wrapped', async () => {
      await module.createMasterKey('other master')
      const key = await module.generateWrapped('other master', 'ec-p256')
      const requests = [toSign('ecdsa-sha256', utf8('x'))]
      assert.equal((await module.signWrapped('other master', key, requests)).length, 1)
      await refuses('wrapped-key-invalid', module.signWrapped('master', key, requests))
    })

    it('refuses a digest that is zero modulo the order of the curve, and signs the one beside it', async () => {
      for (const type of ['ec-p256', 'ec-p384', 'ec-p521'] as const) {
        const key = await module.generateWrapped('master', type)
        for (const request of zeroDigests(type)) {
          await refuses('digest-zero', module.sign(`named ${type}`, request))
          await refuses('digest-zero', module.signWrapped('master', key, [request]))
        }
      }
      const one = { algorithm: 'ecdsa-sha256', digest: octetsOf(1n, 32) } as const
      assert.ok((await module.sign('named ec-p256', one)).length > 0)
    })

    it('signs nothing when one digest of a batch is refused', async () => {
      const key = await module.generateWrapped('master', 'ec-p256')
      const good = toSign('ecdsa-sha256', utf8('good'))
      const bad = { ...good, digest: good.digest.slice(1) }
      await refuses('digest-length', module.signWrapped('master', key, [good, good, bad]))
      assert.equal((await module.signWrapped('master', key, [good, good])).length, 2)
    })

    it('refuses a name that is taken, whatever the kind of key', async () => {
      await refuses('key-exists', module.createMasterKey('master'))
      await refuses('key-exists', module.createMacKey('mac'))
      await refuses('key-exists', module.createMacKey('master'))
      await module.createSigningKey('taken', 'ec-p256')
      await refuses('key-exists', module.createSigningKey('taken', 'ec-p256'))
      await refuses('key-exists', module.createMasterKey('taken'))
    })

    it('lets one of several win who create the same key at once', async () => {
      const attempts = [1, 2, 3, 4].map(() => module.createMacKey('contested'))
      const outcomes = await Promise.allSettled(attempts)
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') assertRefusal('key-exists', outcome.reason)
      }
    })

    it('knows no key by a name that nobody created', async () => {
      assert.equal(await module.publicKey('nobody'), undefined)
      const request = toSign('ecdsa-sha256', utf8('x'))
      await refuses('key-unknown', module.mac('nobody', utf8('x')))
      await refuses('key-unknown', module.sign('nobody', request))
      await refuses('key-unknown', module.generateWrapped('nobody', 'ec-p256'))
      const key = await module.generateWrapped('master', 'ec-p256')
      await refuses('key-unknown', module.signWrapped('nobody', key, [request]))
    })

    it('lets a key do only what it was made for', async () => {
      const key = await module.generateWrapped('master', 'ec-p256')
      const request = toSign('ecdsa-sha256', utf8('x'))
      await module.createSigningKey('signs only', 'ec-p256')
      for (const label of ['master', 'mac']) {
        assert.equal(await module.publicKey(label), undefined)
        await refuses('key-unknown', module.sign(label, request))
      }
      for (const label of ['master', 'signs only']) await refuses('key-unknown', module.mac(label, utf8('x')))
      for (const label of ['mac', 'signs only']) {
        await refuses('key-unknown', module.generateWrapped(label, 'ec-p256'))
        await refuses('key-unknown', module.signWrapped(label, key, [request]))
      }
    })

    it('takes any text as a name', async () => {
      const labels = ['.', '..', '../mac', 'a/b', 'MAC', '鍵', 'a%2Fb']
      const macs = []
      for (const label of labels) {
        await module.createMacKey(label)
        macs.push(await module.mac(label, utf8('x')))
      }
      assert.equal(new Set(macs.map(mac => Buffer.from(mac).toString('hex'))).size, labels.length)
    })

    it('computes the same MAC again, another one for other data and under another key', async () => {
      await module.createMacKey('other mac')
      const mac = await module.mac('mac', utf8('data'))
      assert.equal(mac.length, 32)
      assert.deepEqual(await module.mac('mac', utf8('data')), mac)
      assert.notDeepEqual(await module.mac('mac', utf8('date')), mac)
      assert.notDeepEqual(await module.mac('other mac', utf8('data')), mac)
      assert.equal((await module.mac('mac', new Uint8Array())).length, 32)
      assert.equal((await module.mac('mac', new Uint8Array(100_000))).length, 32)
    })

    it('answers every digest of a batch with its own signature, in order', async () => {
      const key = await module.generateWrapped('master', 'ec-p256')
      const messages = Array.from({ length: 100 }, (_, i) => utf8(`document ${i}`))
      const requests = messages.map(message => toSign('ecdsa-sha256', message))
      const signatures = await module.signWrapped('master', key, requests)
      assert.equal(signatures.length, 100)
      for (const [i, message] of messages.entries()) {
        assertVerifies(key.spki, 'ecdsa-sha256', message, signatures[i])
      }
    })

    it('answers many activations at once, each with the signature of its own key', async () => {
      const types = ['ec-p256', 'ec-p384', 'rsa-3072', 'ec-p256'] as const
      const keys = await Promise.all(types.map(type => module.generateWrapped('master', type)))
      const activations = Array.from({ length: 120 }, async (_, i) => {
        const key = keys[i % keys.length]
        assert.ok(key !== undefined)
        const algorithm = keyTypes[key.type].signs[0]
        const messages = [utf8(`first of ${i}`), utf8(`second of ${i}`)]
        const signatures = await module.signWrapped(
          'master',
          key,
          messages.map(message => toSign(algorithm, message)),
        )
        for (const [at, message] of messages.entries()) {
          assertVerifies(key.spki, algorithm, message, signatures[at])
        }
      })
      await Promise.all(activations)
    })

    it('signs while RSA keys are made, and holds nobody up', async () => {
      const signer = await module.generateWrapped('master', 'ec-p256')
      let made = 0
      const making = Array.from({ length: 8 }, async () => {
        await module.generateWrapped('master', 'rsa-3072')
        made += 1
      })
      const request = toSign('ecdsa-sha256', utf8('meanwhile'))
      for (let i = 0; i < 10; i++) await module.signWrapped('master', signer, [request])
      assert.ok(made < making.length, 'whoever signs does not wait for those who make keys')
      await Promise.all(making)
    })

    it('does not guard wrapping before somebody trusts the master key', async () => {
      assert.equal(await module.guardsWrapping('master'), false)
      await refuses('key-unknown', module.guardsWrapping('absent'))
    })

    it('signs nothing for an empty batch, but still checks the key', async () => {
      const key = await module.generateWrapped('master', 'ec-p256')
      assert.deepEqual(await module.signWrapped('master', key, []), [])
      const altered = { type: key.type, wrapped: key.wrapped.map(byte => byte ^ 1) }
      await refuses('wrapped-key-invalid', module.signWrapped('master', altered, []))
    })

    it('makes a different key each time', async () => {
      const keys = await Promise.all([1, 2, 3].map(() => module.generateWrapped('master', 'ec-p256')))
      assert.equal(new Set(keys.map(({ spki }) => Buffer.from(spki).toString('hex'))).size, 3)
    })

    it('gives random bytes of the asked length, different each time', async () => {
      for (const length of [1, 16, 32, 65_536]) assert.equal((await module.random(length)).length, length)
      assert.ok(!equal(await module.random(32), await module.random(32)))
    })

    it('names itself', () => {
      assert.ok(module.description.name.length > 0)
      assert.equal(module.description.softwareModule, true)
    })

    it('keeps its keys over close and open, and is unavailable in between', async () => {
      const spki = await module.createSigningKey('kept', 'ec-p256')
      const mac = await module.mac('mac', utf8('kept'))
      const key = await module.generateWrapped('master', 'ec-p384')
      await module.close()
      await refuses('module-unavailable', module.mac('mac', utf8('kept')))
      await refuses('module-unavailable', module.random(1))
      module = await place.open()
      assert.deepEqual(await module.publicKey('kept'), spki)
      assert.deepEqual(await module.mac('mac', utf8('kept')), mac)
      const message = utf8('after the restart')
      const named = await module.sign('kept', toSign('ecdsa-sha256', message))
      assertVerifies(spki, 'ecdsa-sha256', message, named)
      const [wrapped] = await module.signWrapped('master', key, [toSign('ecdsa-sha384', message)])
      assertVerifies(key.spki, 'ecdsa-sha384', message, wrapped)
    })
  })
}

/** The digest of a message, ready to be signed; with the message where the algorithm signs nothing else. */
export function toSign(algorithm: SignatureAlgorithm | undefined, message: Uint8Array): DigestToSign {
  assert.ok(algorithm !== undefined)
  const digest = digestOf(signatureAlgorithms[algorithm].digest, message)
  return signsMessages(algorithm) ? { algorithm, digest, message } : { algorithm, digest }
}

/** The digest alone, where that is enough, and the digest with its message. */
function waysToSign(algorithm: SignatureAlgorithm, message: Uint8Array): DigestToSign[] {
  const request = toSign(algorithm, message)
  return request.message === undefined ? [request, { ...request, message }] : [request]
}

/** Asserts that node:crypto accepts the signature over the message. */
export function assertVerifies(
  spki: Uint8Array,
  algorithm: SignatureAlgorithm | undefined,
  message: Uint8Array,
  signature: Uint8Array | undefined,
): void {
  assert.ok(algorithm !== undefined && signature !== undefined)
  const { family, digest } = signatureAlgorithms[algorithm]
  const { padding, hash } = { hash: digest, ...JUDGES[family] }
  const key = { key: Buffer.from(spki), format: 'der', type: 'spki', ...padding } as const
  assert.ok(verify(hash, message, key, signature), algorithm)
  assert.ok(!verify(hash, utf8('another message'), key, signature))
}

interface Judge {
  readonly padding?: { readonly padding: number; readonly saltLength?: number }
  readonly hash?: null
}

/** How node:crypto is asked about each family. Written here, for the judge shares no code with the judged. */
const JUDGES: Readonly<Record<SignatureFamily, Judge>> = {
  ecdsa: {},
  'rsa-pkcs1': { padding: { padding: constants.RSA_PKCS1_PADDING } },
  'rsa-pss': {
    padding: {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    },
  },
  ed25519: { hash: null },
}

/** Asserts that the call is refused with exactly this code. */
export async function refuses(code: ModuleRefusalCode, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, error => assertRefusal(code, error))
}

function assertRefusal(code: ModuleRefusalCode, error: unknown): true {
  assert.ok(error instanceof ModuleRefusal, String(error))
  assert.equal(error.code, code)
  return true
}

// Object.keys forgets the type of the keys it lists; both tables are Records over exactly these unions.
const ALL_KEY_TYPES = Object.keys(keyTypes) as KeyType[]
const ALL_SIGNATURE_ALGORITHMS = Object.keys(signatureAlgorithms) as SignatureAlgorithm[]

const digestOf = (algorithm: DigestAlgorithm, message: Uint8Array): Uint8Array =>
  new Uint8Array(createHash(algorithm).update(message).digest())

/** Zero, and the order itself where a digest is long enough to spell it. */
function zeroDigests(type: 'ec-p256' | 'ec-p384' | 'ec-p521'): DigestToSign[] {
  const { curve, signs } = keyTypes[type]
  const [algorithm] = signs
  assert.ok(curve !== undefined && algorithm !== undefined)
  const { size } = digestAlgorithms[signatureAlgorithms[algorithm].digest]
  const zeros = [new Uint8Array(size)]
  if (orderSizes[curve] <= size) zeros.push(octetsOf(curveOrders[curve], size))
  return zeros.map(digest => ({ algorithm, digest }))
}
