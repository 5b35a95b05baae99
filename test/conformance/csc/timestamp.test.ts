/** signatures/timestamp: CSC API v1.0.4.0, 11.10; v2.0.0.2, 11.13. Ids: reference catalogue, section 18. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseSignedData } from '@natsuin/pki/cms'
import { fromBase64, toBase64, toHex } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { parseTstInfo } from '@natsuin/pki/tsp'
import { toPem } from '@natsuin/pki/x509'
import {
  type Application,
  type Deployment,
  enrolSigner,
  openApplication,
  type Signer,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { openssl } from '@natsuin/testing/judges'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const OIDS = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const
const DATA = new Uint8Array(randomBytes(100))

const folder = temporaryFolder()
const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

let deployment: Deployment
let alice: Signer
const applications: Record<string, { application: Application; token: string }> = {}
before(async () => {
  deployment = await startThrowaway()
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  for (const edition of ['v1', 'v2'] as const) {
    const application = openApplication(deployment, { edition })
    applications[edition] = { application, token: await application.serviceToken(alice) }
  }
})
after(() => deployment.stop())

async function tokenOver(edition: string, body: object) {
  const caller = applications[edition]
  assert.ok(caller !== undefined)
  const answer = await caller.application.call('signatures/timestamp', body, caller.token)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const token = fromBase64((answer.body as { timestamp: string }).timestamp)
  assert.ok(token !== undefined)
  const { content, certificates } = parseSignedData(token)
  assert.ok(content !== undefined)
  return { token, tstInfo: parseTstInfo(content), certificates }
}

for (const edition of ['v1', 'v2'] as const) {
  describe(`signatures/timestamp of ${edition}`, () => {
    it('T-01 gives a token of RFC 3161 over the digest, with the nonce, which openssl verifies', async () => {
      for (const [algorithm, hashAlgo] of Object.entries(OIDS)) {
        const hashedMessage = digestSync(algorithm as keyof typeof OIDS, DATA)
        const nonce = toHex(new Uint8Array(randomBytes(12)))
        const { token, tstInfo, certificates } = await tokenOver(edition, {
          hash: toBase64(hashedMessage),
          hashAlgo,
          nonce,
        })
        assert.deepEqual(tstInfo.imprint, { digestAlgorithm: algorithm, hashedMessage })
        assert.equal(BigInt(`0x${toHex(tstInfo.nonce ?? new Uint8Array())}`), BigInt(`0x${nonce}`))
        const chain = certificates.map(certificate => toPem('CERTIFICATE', certificate)).join('')
        const input = ['-in', file('token', token), '-token_in', '-data', file('data', DATA)]
        const trust = ['-partial_chain', '-CAfile', file('chain.pem', chain)]
        assert.match(openssl('ts', '-verify', ...input, ...trust), /Verification: OK/)
      }
    })

    it('T-01 takes a nonce as a number, however it is spelled, and does without one', async () => {
      const asked = { hash: toBase64(digestSync('sha256', DATA)), hashAlgo: OIDS.sha256 }
      for (const nonce of ['0', '00ff', 'FF', '7f', '80', 'f'.repeat(126)]) {
        const { tstInfo } = await tokenOver(edition, { ...asked, nonce })
        assert.equal(BigInt(`0x${toHex(tstInfo.nonce ?? new Uint8Array())}`), BigInt(`0x${nonce}`), nonce)
      }
      assert.equal((await tokenOver(edition, { ...asked, nonce: null })).tstInfo.nonce, undefined)
    })

    it('T-02 refuses in the words of the standard what it cannot stamp', async () => {
      const caller = applications[edition]
      assert.ok(caller !== undefined)
      const good = { hash: toBase64(digestSync('sha256', DATA)), hashAlgo: OIDS.sha256 }
      const table: readonly (readonly [object, string])[] = [
        [{ hash: undefined }, 'Missing (or invalid type) string parameter hash'],
        [{ hash: ['AAAA'] }, 'Missing (or invalid type) string parameter hash'],
        [{ hash: '' }, 'Empty hash parameter'],
        [{ hash: toBase64(new Uint8Array(31)) }, 'Invalid digest value length'],
        [{ hash: 'AAA' }, 'Invalid Base64 hash string parameter'],
        [{ hash: `${good.hash.slice(0, -2)}B=` }, 'Invalid Base64 hash string parameter'],
        [{ hashAlgo: undefined }, 'Missing (or invalid type) string parameter hashAlgo'],
        [{ hashAlgo: '1.3.14.3.2.26' }, 'Invalid parameter hashAlgo'],
        [{ hashAlgo: 'sha256' }, 'Invalid parameter hashAlgo'],
        [{ nonce: '12g4' }, 'Invalid parameter nonce'],
        [{ nonce: 12 }, 'Invalid parameter nonce'],
      ]
      for (const [changes, error_description] of table) {
        const { status, body } = await caller.application.call(
          'signatures/timestamp',
          { ...good, ...changes },
          caller.token,
        )
        assert.deepEqual(
          [status, body],
          [400, { error: 'invalid_request', error_description }],
          JSON.stringify(changes),
        )
      }
      assert.equal((await caller.application.call('signatures/timestamp', good)).status, 400)
      assert.equal((await caller.application.call('signatures/timestamp', good, 'unknown')).status, 401)
      await tokenOver(edition, good)
    })
  })
}
