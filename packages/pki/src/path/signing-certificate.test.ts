import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CA_EXTENSIONS, issue, NOT_AFTER, NOT_BEFORE, NOW } from '../test-kit.ts'
import { basicConstraints, keyUsage } from '../x509/build.ts'
import { signingCertificateProblem } from './signing-certificate.ts'

describe('a certificate for signatures', () => {
  const problem = async (extensions: readonly Uint8Array[], at = NOW) =>
    signingCertificateProblem((await issue({ name: 'Alice', extensions })).certificate, at)

  it('is for digital signatures, for non-repudiation, or says nothing', async () => {
    for (const extensions of [
      [keyUsage('digitalSignature')],
      [keyUsage('nonRepudiation', 'keyEncipherment')],
      [],
    ]) {
      assert.equal(await problem(extensions), undefined)
    }
    assert.equal(await problem([basicConstraints({ ca: false })]), undefined)
  })

  it('is not one for other uses, nor an authority’s', async () => {
    assert.equal(await problem([keyUsage('keyEncipherment', 'keyAgreement')]), 'not-for-signing')
    assert.equal(await problem(CA_EXTENSIONS), 'is-an-authority')
  })

  it('is in force to the second, both ends included', async () => {
    const moved = (at: Date, milliseconds: number) => new Date(at.getTime() + milliseconds)
    assert.equal(await problem([], NOT_BEFORE), undefined)
    assert.equal(await problem([], NOT_AFTER), undefined)
    assert.equal(await problem([], moved(NOT_BEFORE, -1000)), 'not-yet-valid')
    assert.equal(await problem([], moved(NOT_AFTER, 1000)), 'expired')
  })
})
