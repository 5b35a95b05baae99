import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  credentialsAuthorizeRequest,
  credentialsExtendTransactionRequest,
  type Edition,
  type Members,
  type ObjectForm,
  signHashRequest,
} from '@natsuin/protocol/csc'
import { readRequest } from './request.ts'

const HASH = 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='
const signing = { credentialID: 'alice', signAlgo: '1.2.840.113549.1.1.1' }

function refuses<M extends Members>(
  form: ObjectForm<M>,
  edition: Edition,
  body: unknown,
  code: string,
): void {
  assert.throws(() => readRequest(form, edition, body), { code }, JSON.stringify(body))
}

describe('a request (CSC API v1.0.4.0 and v2.0.0.2, 7)', () => {
  it('reads the same in both editions', () => {
    const read = {
      ...signing,
      hashes: [HASH],
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      SAD: 'sad',
    }
    const v1 = { ...signing, hash: [HASH], hashAlgo: '2.16.840.1.101.3.4.2.1', SAD: 'sad' }
    assert.deepEqual(readRequest(signHashRequest, 'v1', v1), read)
    assert.deepEqual(readRequest(signHashRequest, 'v2', read), read)
  })

  it('has no member that it was not asked for, and none that is null, at any depth', () => {
    const body = JSON.parse(
      `{"__proto__":{"SAD":"x"},"colour":1,"credentialID":"alice","SAD":null,"hashes":["${HASH}"],"signAlgo":"1.2.3"}`,
    )
    assert.deepEqual(readRequest(signHashRequest, 'v2', body), {
      credentialID: 'alice',
      hashes: [HASH],
      signAlgo: '1.2.3',
    })
    const authData = [{ id: 'PIN', value: null, other: { a: null } }]
    const read = readRequest(credentialsAuthorizeRequest, 'v2', {
      credentialID: 'alice',
      numSignatures: 1,
      authData,
    })
    assert.deepEqual(read.authData, [{ id: 'PIN', other: {} }])
  })

  it('is refused with the word of the first member that is wrong', () => {
    const good = { ...signing, hashes: [HASH] }
    refuses(signHashRequest, 'v2', [], 'body-malformed')
    refuses(signHashRequest, 'v2', { ...good, credentialID: 7, hashes: 7 }, 'credential-id-missing')
    refuses(signHashRequest, 'v2', { ...good, hashes: undefined }, 'hashes-missing')
    refuses(signHashRequest, 'v2', { ...good, hashes: [] }, 'hashes-empty')
    refuses(signHashRequest, 'v2', { ...good, hashes: [null] }, 'hash-not-base64')
    refuses(signHashRequest, 'v2', { ...good, hashes: Array(101).fill(HASH) }, 'hashes-too-many')
    refuses(signHashRequest, 'v2', { ...good, hashAlgorithmOID: 7 }, 'hash-algorithm-missing')
    refuses(signHashRequest, 'v2', { ...good, hashAlgorithmOID: 'sha256' }, 'hash-algorithm-invalid')
    refuses(signHashRequest, 'v1', good, 'hashes-missing')
    refuses(signHashRequest, 'v1', { ...signing, hash: [HASH] }, 'sad-missing')
    refuses(credentialsExtendTransactionRequest, 'v1', { credentialID: 'alice' }, 'sad-missing')
  })
})
