import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type KeyType, keyTypes, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { OID } from '@natsuin/pki/asn1'
import { toBase64 } from '@natsuin/pki/encoding'
import { pssParameters } from '@natsuin/pki/x509'
import { algorithmOids, allAlgorithms, chooseAlgorithm, type Signs } from './algorithms.ts'

const EVERYTHING = keyTypes['rsa-3072'].signs
const withoutPss = EVERYTHING.filter(name => signatureAlgorithms[name].family !== 'rsa-pss')
const withoutPkcs1 = EVERYTHING.filter(name => signatureAlgorithms[name].family === 'rsa-pss')
const pss = { signAlgo: OID.rsassaPss, signAlgoParams: toBase64(pssParameters('sha256')) }

describe('what a credential signs with (T-P11-14)', () => {
  it('is what the module has', () => {
    assert.ok(algorithmOids('rsa-3072', EVERYTHING).includes(OID.rsassaPss))
    assert.ok(!algorithmOids('rsa-3072', withoutPss).includes(OID.rsassaPss))
    assert.equal(chooseAlgorithm('rsa-3072', EVERYTHING, pss).signatureAlgorithm, 'rsa-pss-sha256')
    assert.throws(() => chooseAlgorithm('rsa-3072', withoutPss, pss), { code: 'sign-algo-invalid' })
  })

  it('is named by the bare OID of its key where the scheme that it means is there', () => {
    const bare = { signAlgo: OID.rsaEncryption, hashAlgorithmOID: '2.16.840.1.101.3.4.2.1' }
    assert.ok(algorithmOids('rsa-3072', withoutPss).includes(OID.rsaEncryption))
    assert.equal(chooseAlgorithm('rsa-3072', withoutPss, bare).signatureAlgorithm, 'rsa-sha256')
    assert.ok(!algorithmOids('rsa-3072', withoutPkcs1).includes(OID.rsaEncryption))
    assert.throws(() => chooseAlgorithm('rsa-3072', withoutPkcs1, bare), { code: 'sign-algo-invalid' })
  })

  it('is in what the service says of itself, and nothing else', () => {
    const some = new Map<KeyType, Signs>([
      ['rsa-3072', withoutPss],
      ['ed25519', []],
    ])
    const { algos, algoParams } = allAlgorithms(some)
    assert.deepEqual(algos, [...withoutPss.map(name => signatureAlgorithms[name].oid), OID.rsaEncryption])
    assert.equal(algoParams.length, algos.length)
  })
})
