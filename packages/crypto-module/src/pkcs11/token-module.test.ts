/**
 * What the token itself upholds, asked of it directly: here the library is loaded into the test's own process, and
 * the attacker holds a logged-in session and every handle.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { newKeyPair, spkiOf } from '@natsuin/testing/keys'
import pkcs11, { type Handle, type PKCS11, type Template } from 'pkcs11js'
import { keyFor } from '../key-life.suite.ts'
import { refuses, toSign } from '../module.suite.ts'
import type { KeyToImport } from '../module.ts'
import { createSoftHsmToken, type SoftHsmToken } from '../softhsm/softhsm-token.ts'
import * as cryptoki from './cryptoki.ts'
import { masterKeyTemplate, unwrapTemplate } from './templates.ts'
import { Token } from './token.ts'
import { TokenModule } from './token-module.ts'

const { attribute, keyKind, mechanism, objectClass } = cryptoki

describe('keys on a token (SoftHSM2)', () => {
  let place: SoftHsmToken
  let token: Token
  let module: TokenModule
  before(async () => {
    place = await createSoftHsmToken()
    // SoftHSM asks the environment of the process it is loaded into.
    process.env['SOFTHSM2_CONF'] = place.options.environment?.['SOFTHSM2_CONF']
    const wrapMechanism = mechanism.AES_KEY_WRAP_PAD
    const { modulePath: path, tokenLabel: label, pinFile: file } = place.options
    token = await Token.open({
      library: { path },
      token: { label },
      pin: { file },
      wrapMechanism,
      sessions: 4,
      witnesses: new Map(),
    })
    module = new TokenModule(token)
    await module.createMasterKey('master')
  })
  after(async () => {
    token?.close()
    await place?.remove()
  })

  const attack = (act: (session: Handle) => void) => token.sessions.use(async session => act(session))
  const find = (session: Handle, template: Template) => {
    token.library.C_FindObjectsInit(session, template)
    const found = token.library.C_FindObjects(session, 100)
    token.library.C_FindObjectsFinal(session)
    return found
  }
  const named = (session: Handle, label: string) => {
    const [key] = find(session, [{ type: attribute.LABEL, value: label }])
    assert.ok(key !== undefined)
    return key
  }
  /** Not the public half of a pair. */
  const secretOf = (session: Handle, label: string) => {
    const [key] = find(session, [
      { type: attribute.LABEL, value: label },
      { type: attribute.PRIVATE, value: true },
      { type: attribute.SENSITIVE, value: true },
    ])
    assert.ok(key !== undefined)
    return key
  }
  const wrapPad = { mechanism: mechanism.AES_KEY_WRAP_PAD }
  const set = (session: Handle, key: Handle, type: number, value: boolean) =>
    token.library.C_SetAttributeValue(session, key, [{ type, value }])
  // CKR_ACTION_PROHIBITED is 0x1b; the binding does not know its name.
  const PROHIBITED = /CKR_VENDOR_DEFINED:27\b/
  const sessionObjects = () =>
    token.sessions.use(async session => find(session, [{ type: attribute.TOKEN, value: false }]).length)

  /** Puts a fault between us and the real library for one function; where it answers nothing, the library does. */
  const withFault = async <Name extends 'C_SignAsync' | 'C_GetAttributeValue'>(
    name: Name,
    fault: (...call: Parameters<PKCS11[Name]>) => unknown,
    act: () => Promise<void>,
  ) => {
    const { library } = token
    const honest = library[name]
    const value = (...call: Parameters<PKCS11[Name]>) =>
      fault(...call) ?? Reflect.apply(honest, library, call)
    Object.defineProperty(library, name, { value, configurable: true })
    try {
      await act()
    } finally {
      Object.defineProperty(library, name, { value: honest, configurable: true })
    }
  }

  it('lets an import key do nothing but unwrap, and gives out nothing of it (T-KEY-11)', async () => {
    await module.createImportKey('import')
    await attack(session => {
      const { library } = token
      const [key] = find(session, [
        { type: attribute.CLASS, value: objectClass.PRIVATE_KEY },
        { type: attribute.LABEL, value: 'import' },
      ])
      assert.ok(key !== undefined)
      const parameter = { type: pkcs11.CK_PARAMS_RSA_OAEP, hashAlg: pkcs11.CKM_SHA_1, mgf: 1, source: 1 }
      const ways = [{ mechanism: pkcs11.CKM_RSA_PKCS_OAEP, parameter }, { mechanism: pkcs11.CKM_RSA_PKCS }]
      for (const way of ways) {
        assert.throws(() => library.C_DecryptInit(session, way, key), /CKR_KEY_FUNCTION_NOT_PERMITTED/)
      }
      const sign = { mechanism: pkcs11.CKM_RSA_PKCS }
      assert.throws(() => library.C_SignInit(session, sign, key), /CKR_KEY_FUNCTION_NOT_PERMITTED/)
      assert.throws(
        () => library.C_GetAttributeValue(session, key, [{ type: pkcs11.CKA_PRIVATE_EXPONENT }]),
        /CKR_ATTRIBUTE_SENSITIVE/,
      )
      assert.throws(
        () => library.C_WrapKey(session, wrapPad, named(session, 'master'), key, Buffer.alloc(8192)),
        /CKR_KEY_UNEXTRACTABLE/,
      )
      assert.throws(() => set(session, key, attribute.DECRYPT, true), PROHIBITED)
    })
  })

  it('leaves nothing of an imported key on the token, nor of one that is refused (T-KEY-14)', async () => {
    const importKey = await module.createImportKey('passing import')
    const given = keyFor(importKey, 'ec-p256')
    const importing = (key: KeyToImport) => module.importWrapped('passing import', 'master', key)
    await importing(given)
    await refuses('wrapped-key-invalid', importing({ ...given, spki: keyFor(importKey, 'ec-p256').spki }))
    assert.equal(await sessionObjects(), 0)
  })

  it('gives out nothing of the master key, and lets it do nothing but wrap and unwrap (T-KEY-11)', async () => {
    await module.createMasterKey('wrapping master')
    await attack(session => {
      const { library } = token
      const master = named(session, 'master')
      const initialisationVector = { mechanism: pkcs11.CKM_AES_CBC_PAD, parameter: Buffer.alloc(16) }
      const notPermitted = /CKR_KEY_FUNCTION_NOT_PERMITTED/
      assert.throws(() => library.C_DecryptInit(session, initialisationVector, master), notPermitted)
      assert.throws(() => library.C_EncryptInit(session, initialisationVector, master), notPermitted)
      assert.throws(
        () => library.C_SignInit(session, { mechanism: pkcs11.CKM_AES_CMAC }, master),
        notPermitted,
      )
      assert.throws(
        () => library.C_GetAttributeValue(session, master, [{ type: pkcs11.CKA_VALUE }]),
        /CKR_ATTRIBUTE_SENSITIVE/,
      )
      const other = named(session, 'wrapping master')
      assert.throws(
        () => library.C_WrapKey(session, wrapPad, other, master, Buffer.alloc(512)),
        /CKR_KEY_UNEXTRACTABLE/,
      )
    })
  })

  it('lets nobody give the master key another power', async () => {
    await attack(session => {
      const master = named(session, 'master')
      for (const type of [attribute.DECRYPT, attribute.SIGN, attribute.EXTRACTABLE]) {
        assert.throws(() => set(session, master, type, true), PROHIBITED)
      }
      assert.throws(() => set(session, master, attribute.SENSITIVE, false), /CKR_/)
    })
  })

  it('gives out nothing of an unwrapped key, and lets it do nothing but sign (T-KEY-11)', async () => {
    const { type, wrapped } = await module.generateWrapped('master', 'ec-p256')
    await attack(session => {
      const { library } = token
      const master = named(session, 'master')
      const key = library.C_UnwrapKey(session, wrapPad, master, Buffer.from(wrapped), unwrapTemplate(type))
      assert.throws(
        () => library.C_GetAttributeValue(session, key, [{ type: pkcs11.CKA_VALUE }]),
        /CKR_ATTRIBUTE_SENSITIVE/,
      )
      assert.throws(
        () => library.C_WrapKey(session, wrapPad, master, key, Buffer.alloc(512)),
        /CKR_KEY_UNEXTRACTABLE/,
      )
      assert.throws(() => set(session, key, attribute.EXTRACTABLE, true), /CKR_/)
      assert.throws(() => set(session, key, attribute.SENSITIVE, false), /CKR_/)
      library.C_SignInit(session, { mechanism: mechanism.ECDSA }, key)
      assert.equal(library.C_Sign(session, Buffer.alloc(32, 1), Buffer.alloc(64)).length, 64)
      library.C_DestroyObject(session, key)
    })
  })

  it('keeps no object of an activation, whether it succeeded or not', async () => {
    const key = await module.generateWrapped('master', 'ec-p256')
    const request = toSign('ecdsa-sha256', utf8('x'))
    await module.signWrapped('master', key, [request, request])
    await refuses('wrapped-key-invalid', module.signWrapped('master', { ...key, type: 'ec-p384' }, [request]))
    await refuses(
      'wrapped-key-invalid',
      module.signWrapped('master', { ...key, type: 'rsa-3072' }, [request]),
    )
    let signed = 0
    const failing = () => (++signed === 2 ? Promise.reject(new Error('CKR_FUNCTION_CANCELED:80')) : undefined)
    await withFault('C_SignAsync', failing, () =>
      assert.rejects(module.signWrapped('master', key, [request, request, request]), /CKR_FUNCTION_CANCELED/),
    )
    assert.equal(signed, 2)
    assert.equal(await sessionObjects(), 0)
    assert.equal((await module.signWrapped('master', key, [request])).length, 1)
  })

  it('says that the module is unavailable when the token is gone, and works when it is back', async () => {
    const key = await module.generateWrapped('master', 'ec-p256')
    const request = toSign('ecdsa-sha256', utf8('x'))
    const removed = () => Promise.reject(new Error('CKR_DEVICE_REMOVED:50'))
    await withFault('C_SignAsync', removed, () =>
      refuses('module-unavailable', module.signWrapped('master', key, [request])),
    )
    assert.equal((await module.signWrapped('master', key, [request])).length, 1)
  })

  it('refuses a master key that may do more than wrap and unwrap', async () => {
    await attack(session => {
      const template = masterKeyTemplate('planted').map(entry =>
        entry.type === attribute.DECRYPT ? { ...entry, value: true } : entry,
      )
      token.library.C_GenerateKey(session, { mechanism: mechanism.AES_KEY_GEN }, template)
    })
    await assert.rejects(
      module.generateWrapped('planted', 'ec-p256'),
      /master key planted.*DECRYPT is not false/,
    )
  })

  it('refuses a master key that was not made on the token', async () => {
    await attack(session => {
      const value = { type: pkcs11.CKA_VALUE, value: Buffer.alloc(32, 7) }
      const template = masterKeyTemplate('imported').filter(({ type }) => type !== attribute.VALUE_LEN)
      token.library.C_CreateObject(session, [...template, value])
    })
    await assert.rejects(
      module.generateWrapped('imported', 'ec-p256'),
      /master key imported.*LOCAL is not true/,
    )
  })

  it('lets nobody wrap out a key once it is kept, not one of which copies were made either', async () => {
    const { publicKey } = newKeyPair('rsa-3072')
    const kinds = ['master', 'mac', 'signing'] as const
    for (const kind of kinds) {
      const label = `copied ${kind}`
      const key = kind === 'signing' ? ({ kind, label, type: 'ec-p256' } as const) : { kind, label }
      await module.createWithBackup(key, [spkiOf(publicKey)])
    }
    await attack(session => {
      const { library } = token
      const master = secretOf(session, 'master')
      for (const kind of kinds) {
        const key = secretOf(session, `copied ${kind}`)
        assert.throws(
          () => library.C_WrapKey(session, wrapPad, master, key, Buffer.alloc(4096)),
          /CKR_KEY_UNEXTRACTABLE/,
        )
        assert.throws(() => set(session, key, attribute.EXTRACTABLE, true), PROHIBITED)
        assert.throws(
          () => library.C_CopyObject(session, key, [{ type: attribute.EXTRACTABLE, value: true }]),
          /CKR_/,
        )
      }
    })
    assert.equal(await sessionObjects(), 0)
  })

  it('gives out nothing of a session key, and lets it do nothing but sign', async () => {
    const { id } = await module.generateSession('ec-p256')
    await attack(session => {
      const { library } = token
      const [key] = find(session, [
        { type: attribute.TOKEN, value: false },
        { type: attribute.CLASS, value: objectClass.PRIVATE_KEY },
      ])
      assert.ok(key !== undefined)
      assert.throws(
        () => library.C_WrapKey(session, wrapPad, secretOf(session, 'master'), key, Buffer.alloc(512)),
        /CKR_KEY_UNEXTRACTABLE/,
      )
      assert.throws(
        () => library.C_GetAttributeValue(session, key, [{ type: pkcs11.CKA_VALUE }]),
        /CKR_ATTRIBUTE_SENSITIVE/,
      )
    })
    await module.destroySession(id)
    assert.equal(await sessionObjects(), 0)
  })

  it('refuses a name that two keys share', async () => {
    await attack(session => {
      for (const _ of [1, 2]) {
        const how = { mechanism: mechanism.AES_KEY_GEN }
        token.library.C_GenerateKey(session, how, masterKeyTemplate('twice'))
      }
    })
    await assert.rejects(module.generateWrapped('twice', 'ec-p256'), /several keys of one kind named twice/)
  })

  it('refuses to generate when the token says that a key is not what was asked for', async () => {
    const key = await module.generateWrapped('master', 'ec-p256')
    assert.deepEqual(key.attributes, {
      local: true,
      sensitive: true,
      alwaysSensitive: true,
      neverExtractable: false,
    })
    const { library } = token
    const honest = library.C_GetAttributeValue
    const lying = (...call: Parameters<typeof honest>) =>
      honest
        .apply(library, call)
        .map(result =>
          result.type === attribute.ALWAYS_SENSITIVE ? { ...result, value: Buffer.of(0) } : result,
        )
    await withFault('C_GetAttributeValue', lying, () =>
      assert.rejects(module.generateWrapped('master', 'ec-p256'), /ALWAYS_SENSITIVE is not true/),
    )
    assert.equal(await sessionObjects(), 0)
  })
})

/** Of V3.0 (Edwards curves) and of V2.40; pkcs11t.h has them. */
const UNKNOWN_TO_THE_BINDING = new Set([
  'CKM_EC_EDWARDS_KEY_PAIR_GEN',
  'CKM_EDDSA',
  'CKR_CURVE_NOT_SUPPORTED',
])

describe('the numbers of PKCS #11', () => {
  it('are those of the binding', () => {
    const numbers: Readonly<Record<string, unknown>> = { ...pkcs11 }
    const tables = { CKA: attribute, CKO: objectClass, CKM: mechanism, CKR: cryptoki.returnValue }
    const kinds = {
      RSA: keyKind.RSA,
      EC: keyKind.EC,
      GENERIC_SECRET: keyKind.GENERIC_SECRET,
      AES: keyKind.AES,
    }
    for (const [prefix, table] of Object.entries({ ...tables, CKK: kinds })) {
      for (const [name, value] of Object.entries(table)) {
        const full = `${prefix}_${name}`
        if (!UNKNOWN_TO_THE_BINDING.has(full)) assert.equal(value, numbers[full], full)
      }
    }
    assert.equal(cryptoki.flag.OS_LOCKING_OK, pkcs11.CKF_OS_LOCKING_OK)
    assert.equal(cryptoki.flag.RW_SESSION, pkcs11.CKF_RW_SESSION)
    assert.equal(cryptoki.flag.SERIAL_SESSION, pkcs11.CKF_SERIAL_SESSION)
    assert.equal(cryptoki.USER, pkcs11.CKU_USER)
    assert.equal(cryptoki.parameters.RSA_PSS, pkcs11.CK_PARAMS_RSA_PSS)
    assert.equal(cryptoki.parameters.RSA_OAEP, pkcs11.CK_PARAMS_RSA_OAEP)
    assert.equal(cryptoki.oaepMechanism.sha1.mgf, pkcs11.CKG_MGF1_SHA1)
    for (const [digest, { hash, mgf }] of Object.entries(cryptoki.hashMechanism)) {
      const name = digest.toUpperCase()
      assert.deepEqual([hash, mgf], [numbers[`CKM_${name}`], numbers[`CKG_MGF1_${name}`]])
    }
  })
})
