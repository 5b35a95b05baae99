/**
 * The life of keys in every crypto module: how they come in, change their master, are there for one time, are backed
 * up, lost and restored, and destroyed.
 *
 * What comes in is made by node:crypto alone, as the officer's tool makes it.
 */
import assert from 'node:assert/strict'
import {
  constants,
  createCipheriv,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { receiveKey } from '@natsuin/pki/node'
import { newKeyPair, spkiOf } from '@natsuin/testing/keys'
import { assertVerifies, type ModulePlace, refuses, type Shortcomings, toSign } from './module.suite.ts'
import type {
  CryptoModule,
  ImportKey,
  KeyCopy,
  KeyToImport,
  KeyWitness,
  NamedKey,
  WrappedKey,
} from './module.ts'

// Object.keys forgets the type of the keys it lists; the table is a Record over exactly this union.
const ALL_KEY_TYPES = Object.keys(keyTypes) as KeyType[]

const pkcs8Of = (key: KeyObject): Uint8Array => key.export({ type: 'pkcs8', format: 'der' })

/** Octets encrypted for an import key: an AES-256 key under RSAES-OAEP, then the octets under it by AES-KWP. */
function sendTo({ spki, oaepDigest: oaepHash }: ImportKey, octets: Uint8Array): Uint8Array {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  const transport = randomBytes(32)
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const first = publicEncrypt({ key, padding, oaepHash }, transport)
  const cipher = createCipheriv('id-aes256-wrap-pad', transport, Buffer.from('a65959a6', 'hex'))
  return concat(first, cipher.update(octets), cipher.final())
}

/** A key made outside, encrypted for an import key. */
export function keyFor(importKey: ImportKey, type: KeyType): KeyToImport {
  const { publicKey, privateKey } = newKeyPair(type)
  return { type, wrapped: sendTo(importKey, pkcs8Of(privateKey)), spki: spkiOf(publicKey) }
}

export function describeKeyLife(
  name: string,
  createPlace: () => Promise<ModulePlace>,
  { doesNotWrap = [] }: Shortcomings = {},
): void {
  let place: ModulePlace
  let module: CryptoModule
  const open = async () => {
    place = await createPlace()
    module = await place.open()
    await module.createMasterKey('master')
  }
  const close = async () => {
    await module?.close()
    await place?.remove()
  }
  const wrapping = ALL_KEY_TYPES.filter(type => !doesNotWrap.includes(type))
  const signsUnder = async (master: string, key: WrappedKey, spki: Uint8Array, text: string) => {
    const algorithm = keyTypes[key.type].signs[0]
    const [signature] = await module.signWrapped(master, key, [toSign(algorithm, utf8(text))])
    assertVerifies(spki, algorithm, utf8(text), signature)
  }

  describe(`keys from elsewhere: ${name}`, () => {
    let importKey: ImportKey
    before(async () => {
      await open()
      importKey = await module.createImportKey('import')
    })
    after(close)

    const importing = (key: KeyToImport) => module.importWrapped('import', 'master', key)

    it('come under an RSA key of 3072 bits, which the module still has when it is opened again', async () => {
      const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({
        key: Buffer.from(importKey.spki),
        format: 'der',
        type: 'spki',
      })
      assert.deepEqual([asymmetricKeyType, asymmetricKeyDetails?.modulusLength], ['rsa', 3072])
      assert.deepEqual(await module.importKey('import'), importKey)
      await refuses('key-exists', module.createImportKey('import'))
      await module.close()
      module = await place.open()
      assert.deepEqual(await module.importKey('import'), importKey)
    })

    for (const type of wrapping) {
      it(`sign as ${type}, and are marked for ever as not made here`, async () => {
        const given = keyFor(importKey, type)
        const imported = await importing(given)
        assert.deepEqual(imported.attributes, {
          local: false,
          sensitive: true,
          alwaysSensitive: false,
          neverExtractable: false,
        })
        assert.deepEqual(imported.spki, given.spki)
        await signsUnder('master', imported, given.spki, 'imported')
      })
    }

    it('are refused when they were altered or cut on the way, wherever', async () => {
      const given = keyFor(importKey, 'ec-p256')
      const { wrapped } = given
      await importing(given)
      for (const at of [0, 100, 383, 384, 400, wrapped.length - 1]) {
        const altered = wrapped.with(at, (wrapped[at] ?? 0) ^ 1)
        await refuses('wrapped-key-invalid', importing({ ...given, wrapped: altered }))
      }
      for (const length of [0, 1, 383, 384, 392, wrapped.length - 8, wrapped.length - 1]) {
        await refuses('wrapped-key-invalid', importing({ ...given, wrapped: wrapped.slice(0, length) }))
      }
    })

    it('are refused when they were sent to somebody else, and when half of them is of another key', async () => {
      const given = keyFor(importKey, 'ec-p256')
      const stranger = { ...importKey, spki: spkiOf(newKeyPair('rsa-3072').publicKey) }
      await refuses('wrapped-key-invalid', importing(keyFor(stranger, 'ec-p256')))
      const other = keyFor(importKey, 'ec-p256')
      const mixed = concat(given.wrapped.slice(0, 384), other.wrapped.slice(384))
      await refuses('wrapped-key-invalid', importing({ ...given, wrapped: mixed }))
    })

    it('are refused under a public key that is not theirs (T-KEY-08)', async () => {
      const given = keyFor(importKey, 'ec-p256')
      const strangers = [
        keyFor(importKey, 'ec-p256').spki,
        keyFor(importKey, 'ec-p384').spki,
        new Uint8Array([0x30, 0]),
        new Uint8Array(),
      ]
      for (const spki of strangers) await refuses('wrapped-key-invalid', importing({ ...given, spki }))
    })

    it('are refused as keys of another type, and when they are no keys', async () => {
      const given = keyFor(importKey, 'ec-p256')
      for (const type of ['ec-p384', 'rsa-3072'] as const) {
        await refuses('wrapped-key-invalid', importing({ ...given, type }))
      }
      const rsa = keyFor(importKey, 'rsa-3072')
      await refuses('wrapped-key-invalid', importing({ ...rsa, type: 'rsa-4096' }))
      const wrapped = sendTo(importKey, new Uint8Array(64).fill(0x30))
      await refuses('wrapped-key-invalid', importing({ ...given, wrapped }))
    })

    it('need both named keys, and leave the import key able to do nothing else', async () => {
      const given = keyFor(importKey, 'ec-p256')
      await refuses('key-unknown', module.importWrapped('nobody', 'master', given))
      await refuses('key-unknown', module.importWrapped('import', 'nobody', given))
      await refuses('key-unknown', module.importWrapped('master', 'import', given))
      await refuses('key-unknown', module.sign('import', toSign('rsa-sha256', utf8('x'))))
      await refuses('key-unknown', module.mac('import', utf8('x')))
      await refuses('key-unknown', module.generateWrapped('import', 'ec-p256'))
      assert.equal(await module.publicKey('import'), undefined)
      assert.equal(await module.importKey('master'), undefined)
      assert.equal(await module.importKey('nobody'), undefined)
    })
  })

  describe(`another master key: ${name}`, () => {
    before(async () => {
      await open()
      await module.createMasterKey('next master')
    })
    after(close)

    for (const type of wrapping) {
      it(`takes over a ${type} key, which then signs under the new one alone`, async () => {
        const key = await module.generateWrapped('master', type)
        const moved = await module.rewrap('master', 'next master', key)
        assert.equal(moved.type, type)
        await signsUnder('next master', moved, key.spki, 'moved')
        await refuses('wrapped-key-invalid', module.signWrapped('master', moved, []))
        await signsUnder('master', key, key.spki, 'still there')
      })
    }

    it('takes over nothing that is altered, of another type or not of the old one', async () => {
      const key = await module.generateWrapped('master', 'ec-p256')
      const take = (given: WrappedKey) => module.rewrap('master', 'next master', given)
      await refuses('wrapped-key-invalid', take({ ...key, wrapped: key.wrapped.with(20, 0) }))
      await refuses('wrapped-key-invalid', take({ ...key, wrapped: key.wrapped.slice(8) }))
      await refuses('wrapped-key-invalid', take({ ...key, type: 'ec-p384' }))
      await refuses('wrapped-key-invalid', take(await module.generateWrapped('next master', 'ec-p256')))
      assert.ok(await take(key))
    })

    it('must be there, as must the old one', async () => {
      const key = await module.generateWrapped('master', 'ec-p256')
      await refuses('key-unknown', module.rewrap('nobody', 'next master', key))
      await refuses('key-unknown', module.rewrap('master', 'nobody', key))
    })

    it('leaves nothing usable under the old one when that is destroyed', async () => {
      await module.createMasterKey('old master')
      const key = await module.generateWrapped('old master', 'ec-p256')
      const moved = await module.rewrap('old master', 'next master', key)
      await module.destroyKey({ kind: 'master', label: 'old master' })
      await refuses('key-unknown', module.signWrapped('old master', key, []))
      await signsUnder('next master', moved, key.spki, 'after the old master')
      await module.destroyKey({ kind: 'master', label: 'old master' })
      await module.createMasterKey('old master')
      await refuses('wrapped-key-invalid', module.signWrapped('old master', key, []))
    })
  })

  describe(`keys for one time: ${name}`, () => {
    before(open)
    after(close)

    for (const type of ALL_KEY_TYPES) {
      it(`sign as ${type}, as often as asked, and never leave`, async () => {
        const key = await module.generateSession(type)
        assert.deepEqual(key.attributes, {
          local: true,
          sensitive: true,
          alwaysSensitive: true,
          neverExtractable: true,
        })
        const [first] = keyTypes[type].signs
        const algorithms = [...keyTypes[type].signs, first]
        const requests = algorithms.map(algorithm => toSign(algorithm, utf8(`once ${algorithm}`)))
        const signatures = await key.sign(requests)
        for (const [i, algorithm] of algorithms.entries()) {
          assertVerifies(key.spki, algorithm, utf8(`once ${algorithm}`), signatures[i])
        }
        await key.destroy()
      })
    }

    it('are gone once they are destroyed, however often', async () => {
      const key = await module.generateSession('ec-p256')
      const other = await module.generateSession('ec-p256')
      await key.destroy()
      await key.destroy()
      await refuses('key-unknown', key.sign([toSign('ecdsa-sha256', utf8('x'))]))
      assert.equal((await other.sign([toSign('ecdsa-sha256', utf8('x'))])).length, 1)
      await other.destroy()
    })

    it('sign nothing when one digest of several is refused', async () => {
      const key = await module.generateSession('ec-p256')
      const good = toSign('ecdsa-sha256', utf8('x'))
      await refuses('digest-length', key.sign([good, { ...good, digest: good.digest.slice(1) }]))
      await refuses('algorithm-not-for-key', key.sign([toSign('ecdsa-sha384', utf8('x'))]))
      await key.destroy()
    })

    it('are many at once, each its own', async () => {
      const keys = await Promise.all(Array.from({ length: 40 }, () => module.generateSession('ec-p256')))
      await Promise.all(
        keys.map(async (key, i) => {
          const [signature] = await key.sign([toSign('ecdsa-sha256', utf8(`of key ${i}`))])
          assertVerifies(key.spki, 'ecdsa-sha256', utf8(`of key ${i}`), signature)
        }),
      )
      assert.equal((await module.objects()).filter(({ persistent }) => !persistent).length, 40)
      await Promise.all(keys.map(key => key.destroy()))
      assert.equal((await module.objects()).filter(({ persistent }) => !persistent).length, 0)
    })

    it('are at most a thousand', async () => {
      const keys = await Promise.all(Array.from({ length: 1000 }, () => module.generateSession('ec-p256')))
      await refuses('too-many-session-keys', module.generateSession('ec-p256'))
      await keys.pop()?.destroy()
      keys.push(await module.generateSession('ec-p256'))
      await Promise.all(keys.map(key => key.destroy()))
    })

    it('are gone when the module closes, and nothing of them is left', async () => {
      const key = await module.generateSession('ec-p256')
      await module.close()
      await refuses('key-unknown', key.sign([toSign('ecdsa-sha256', utf8('x'))]))
      await key.destroy()
      module = await place.open()
      assert.deepEqual(
        (await module.objects()).map(({ label }) => label),
        ['master'],
      )
    })
  })

  describe(`backup and restore: ${name}`, () => {
    const custodians = [newKeyPair('rsa-3072'), newKeyPair('rsa-4096')]
    const recipients = custodians.map(({ publicKey }) => spkiOf(publicKey))
    /** What a custodian does with a copy: decrypts it, encrypts it for the import key. */
    const passOn = async (copies: readonly KeyCopy[], which: number) => {
      const [copy, custodian] = [copies[which], custodians[which]]
      const importKey = await module.importKey('import')
      assert.ok(copy !== undefined && custodian !== undefined && importKey !== undefined)
      const key = receiveKey(custodian.privateKey, copy.oaepDigest, copy.sent)
      assert.ok(key !== undefined)
      return { importKey: 'import', sent: sendTo(importKey, key) }
    }
    before(async () => {
      await open()
      await module.createImportKey('import')
    })
    after(close)

    const lose = ({ kind, label }: NamedKey) => module.destroyKey({ kind, label })

    it('brings a master key back from either copy: what it wrapped signs again', async () => {
      const master: NamedKey = { kind: 'master', label: 'lasting master' }
      const { copies, witness } = await module.createWithBackup(master, recipients)
      const key = await module.generateWrapped('lasting master', 'ec-p256')
      await signsUnder('lasting master', key, key.spki, 'before')
      for (const which of [0, 1]) {
        await lose(master)
        const request = toSign('ecdsa-sha256', utf8('x'))
        await refuses('key-unknown', module.signWrapped('lasting master', key, [request]))
        await module.restoreKey(master, await passOn(copies, which), witness)
        await signsUnder('lasting master', key, key.spki, `after ${which}`)
        const another = await module.generateWrapped('lasting master', 'ec-p256')
        await signsUnder('lasting master', another, another.spki, `a new key after ${which}`)
      }
    })

    it('brings a MAC key back: it computes what it computed', async () => {
      const mac: NamedKey = { kind: 'mac', label: 'lasting mac' }
      const { copies, witness } = await module.createWithBackup(mac, recipients)
      const computed = await module.mac('lasting mac', utf8('data'))
      await lose(mac)
      await module.restoreKey(mac, await passOn(copies, 0), witness)
      assert.deepEqual(await module.mac('lasting mac', utf8('data')), computed)
    })

    for (const type of wrapping) {
      it(`brings a named ${type} key back: it signs for the same public key`, async () => {
        const named: NamedKey = { kind: 'signing', label: `lasting ${type}`, type }
        const { copies, witness } = await module.createWithBackup(named, recipients)
        const spki = await module.publicKey(named.label)
        assert.ok(spki !== undefined)
        assert.deepEqual(witness, { kind: 'signing', spki })
        await lose(named)
        assert.equal(await module.publicKey(named.label), undefined)
        await module.restoreKey(named, await passOn(copies, 1), witness)
        assert.deepEqual(await module.publicKey(named.label), spki)
        const [algorithm] = keyTypes[type].signs
        const signature = await module.sign(named.label, toSign(algorithm, utf8('restored')))
        assertVerifies(spki, algorithm, utf8('restored'), signature)
      })
    }

    it('makes a key of which no copy leaves when there is no recipient', async () => {
      const { copies, witness } = await module.createWithBackup({ kind: 'mac', label: 'unsent' }, [])
      assert.deepEqual([copies, witness.kind], [[], 'mac'])
    })

    it('refuses a name that is taken, before a copy is made and before one is restored', async () => {
      const named: NamedKey = { kind: 'mac', label: 'taken' }
      const { copies, witness } = await module.createWithBackup(named, recipients)
      await refuses('key-exists', module.createWithBackup(named, recipients))
      await refuses('key-exists', module.restoreKey(named, await passOn(copies, 0), witness))
    })

    it('makes no copy for a key that is weaker, or is none', async () => {
      const weak = [
        spkiOf(newKeyPair('ec-p256').publicKey),
        new Uint8Array(
          Buffer.from(
            'MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==',
            'base64',
          ),
        ),
        new Uint8Array([1, 2, 3]),
      ]
      for (const recipient of weak) {
        await assert.rejects(module.createWithBackup({ kind: 'mac', label: 'weak' }, [recipient]))
      }
      await refuses('key-unknown', module.mac('weak', utf8('x')))
    })

    it('restores nothing that the witness does not know, and leaves nothing of it', async () => {
      const made = await Promise.all(
        (['one', 'two'] as const).map(label => module.createWithBackup({ kind: 'mac', label }, recipients)),
      )
      const masters = await Promise.all(
        (['m-one', 'm-two'] as const).map(label =>
          module.createWithBackup({ kind: 'master', label }, recipients),
        ),
      )
      const [one, two] = made
      const [masterOne, masterTwo] = masters
      assert.ok(one && two && masterOne && masterTwo)
      for (const label of ['one', 'two']) await lose({ kind: 'mac', label })
      for (const label of ['m-one', 'm-two']) await lose({ kind: 'master', label })
      const wrong: readonly [NamedKey, readonly KeyCopy[], KeyWitness][] = [
        [{ kind: 'mac', label: 'one' }, two.copies, one.witness],
        [{ kind: 'mac', label: 'one' }, one.copies, masterOne.witness],
        [{ kind: 'master', label: 'm-one' }, masterTwo.copies, masterOne.witness],
        [{ kind: 'master', label: 'm-one' }, masterOne.copies, one.witness],
      ]
      const before = await module.objects()
      for (const [key, copies, witness] of wrong) {
        await refuses('witness-differs', module.restoreKey(key, await passOn(copies, 0), witness))
        assert.deepEqual(await module.objects(), before)
      }
      await module.restoreKey({ kind: 'mac', label: 'one' }, await passOn(one.copies, 0), one.witness)
      const right = await passOn(masterOne.copies, 0)
      await module.restoreKey({ kind: 'master', label: 'm-one' }, right, masterOne.witness)
    })

    it('restores nothing from a copy that is altered or for another key', async () => {
      const named: NamedKey = { kind: 'mac', label: 'altered' }
      const { copies, witness } = await module.createWithBackup(named, recipients)
      await lose(named)
      const copy = await passOn(copies, 0)
      for (const at of [0, 384, copy.sent.length - 1]) {
        const sent = copy.sent.map((byte, i) => (i === at ? byte ^ 1 : byte))
        await refuses('wrapped-key-invalid', module.restoreKey(named, { ...copy, sent }, witness))
      }
      const unopened = { importKey: 'import', sent: copies[0]?.sent ?? new Uint8Array() }
      await refuses('wrapped-key-invalid', module.restoreKey(named, unopened, witness))
      await refuses('key-unknown', module.restoreKey(named, { ...copy, importKey: 'nobody' }, witness))
      await module.restoreKey(named, copy, witness)
    })
  })

  describe(`what a module holds: ${name}`, () => {
    before(open)
    after(close)

    it('is listed, each object by its name, so that what should not be there is found', async () => {
      await module.createMacKey('mac')
      await module.createSigningKey('signing', 'ec-p256')
      await module.createImportKey('import')
      await module.generateWrapped('master', 'ec-p256')
      const objects = await module.objects()
      const named = (kind: string) =>
        objects.filter(object => object.kind === kind && object.persistent).map(({ label }) => label)
      assert.deepEqual(named('secret').sort(), ['mac', 'master'])
      assert.deepEqual(named('private').sort(), ['import', 'signing'])
      assert.deepEqual(
        objects.filter(({ persistent }) => !persistent),
        [],
      )
      await module.destroyKey({ kind: 'signing', label: 'signing' })
      await module.destroyKey({ kind: 'mac', label: 'mac' })
      assert.deepEqual(
        new Set((await module.objects()).map(({ label }) => label)),
        new Set(['import', 'master']),
      )
    })

    it('no longer has what was destroyed, and has what stands under the name of another kind', async () => {
      const label = 'destroyed'
      await module.createSigningKey(label, 'ec-p256')
      for (const kind of ['master', 'mac', 'import'] as const) await module.destroyKey({ kind, label })
      assert.ok((await module.publicKey(label)) !== undefined)
      await module.destroyKey({ kind: 'signing', label })
      assert.equal(await module.publicKey(label), undefined)
      await refuses('key-unknown', module.sign(label, toSign('ecdsa-sha256', utf8('x'))))
      await module.destroyKey({ kind: 'signing', label })
      assert.ok(!(await module.objects()).some(object => object.label === label))
      const spki = await module.createSigningKey(label, 'ec-p256')
      assert.deepEqual(await module.publicKey(label), spki)
    })
  })
}
