/**
 * Encrypted documents (ISO 32000-2, 7.6), made by qpdf: signed with either password and encrypted on as they are, or
 * refused with a reason. T-PDF-11.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { augmentPades } from '@natsuin/ades/pades'
import { bytesSource } from '@natsuin/ades/pdf'
import { concat, equal } from '@natsuin/pki/encoding'
import { certificateDatabase, pdfsig } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { root } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { lasting, sign, verify } from './signing.ts'

const folder = temporaryFolder()
const database = certificateDatabase(folder, root.certificate.bytes)
const refusal = (code: string) => ({ name: 'PdfRefusal', code })
const shape = (name: string) => PDF_SHAPES.find(one => one.name === name)?.bytes() ?? new Uint8Array()

function qpdf(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('qpdf', args, { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

/** @param how  what qpdf takes between `--encrypt` and `--` */
function encrypted(name: string, ...how: readonly string[]): Uint8Array {
  const [plain, cipher] = ['plain.pdf', 'encrypted.pdf'].map(file => join(folder, file))
  writeFileSync(plain ?? '', shape(name))
  const { status, output } = qpdf('--allow-weak-crypto', '--encrypt', ...how, '--', plain ?? '', cipher ?? '')
  assert.equal(status, 0, output)
  return new Uint8Array(readFileSync(cipher ?? ''))
}

function assertSound(document: Uint8Array, password: string): string {
  const [path, open] = ['signed.pdf', 'open.pdf'].map(file => join(folder, file))
  writeFileSync(path ?? '', document)
  const { status, output } = qpdf('--check', `--password=${password}`, path ?? '')
  assert.equal(status, 0, output)
  assert.equal(qpdf('--decrypt', '--qdf', `--password=${password}`, path ?? '', open ?? '').status, 0)
  return readFileSync(open ?? '', 'latin1')
}

const STRENGTHS: Readonly<Record<string, readonly string[]>> = {
  'AES-128 (R 4)': ['128', '--use-aes=y'],
  'AES-128 with clear metadata': ['128', '--use-aes=y', '--cleartext-metadata'],
  'AES-256 (R 6)': ['256'],
  'AES-256 as in Acrobat 9 (R 5)': ['256', '--force-R5'],
}

describe('an encrypted document (T-PDF-11)', () => {
  for (const [what, strength] of Object.entries(STRENGTHS)) {
    it(`is signed with the user’s password and the owner’s: ${what}`, async () => {
      const original = encrypted('text-field', 'ひみつ', 'owner', ...strength)
      // Revisions up to 4 know one byte a character (7.6.4.3.2); what qpdf took is the UTF-8 of it.
      const typed = strength[0] === '256' ? 'ひみつ' : Buffer.from('ひみつ', 'utf8').toString('latin1')
      for (const password of [typed, 'owner']) {
        const signed = await sign(original, { password, reason: 'agreed', fieldName: 'Seller' })
        assert.ok(equal(signed.subarray(0, original.length), original))
        assert.equal((await verify(signed)).indication, 'TOTAL-PASSED')
        assert.ok(!Buffer.from(signed).includes('agreed'))
        const open = assertSound(signed, 'owner')
        for (const said of ['/Reason (agreed)', '/T (Seller)', '/T (Name)'])
          assert.ok(open.includes(said), said)
      }
    })
  }

  for (const name of [
    'classic',
    'xref-stream',
    'object-stream',
    'indirect-everything',
    'shared-arrays',
    'no-id',
  ]) {
    it(`is signed twice in the shape ${name}, and pdfsig agrees`, async () => {
      for (const objectStreams of ['disable', 'generate']) {
        const how = ['', 'owner', '256'] as const
        const plain = encrypted(name, ...how)
        writeFileSync(join(folder, 'one.pdf'), plain)
        const path = join(folder, 'two.pdf')
        qpdf(`--object-streams=${objectStreams}`, join(folder, 'one.pdf'), path)
        const original = new Uint8Array(readFileSync(path))
        const twice = await sign(await sign(original, { password: '' }), { password: '' })
        writeFileSync(path, twice)
        assert.equal(pdfsig(path, database).filter(({ valid }) => valid).length, 2)
        assert.equal((await verify(twice)).indication, 'TOTAL-PASSED')
        assertSound(twice, '')
      }
    })
  }

  it('is made to last; what was appended, our verifier cannot judge without the password', async () => {
    const original = encrypted('object-stream', '', 'owner', '256')
    const signed = await sign(original, { password: '' })
    for (const level of ['B-LT', 'B-LTA'] as const) {
      const options = { ...lasting(), password: '' }
      const after = concat(signed, await augmentPades(bytesSource(signed), level, options))
      assertSound(after, '')
      writeFileSync(join(folder, 'lasting.pdf'), after)
      assert.ok(pdfsig(join(folder, 'lasting.pdf'), database).some(({ valid }) => valid))
      const verdict = await verify(after)
      assert.deepEqual('subIndication' in verdict && [verdict.subIndication, verdict.reason], [
        'GENERIC',
        'encrypted',
      ])
    }
  })

  it('is refused without a password, or with a wrong one', async () => {
    for (const strength of Object.values(STRENGTHS)) {
      const document = encrypted('classic', 'user', 'owner', ...strength)
      await assert.rejects(sign(document), refusal('encrypted'))
      for (const password of ['', 'User', 'owner '])
        await assert.rejects(sign(document, { password }), refusal('password-wrong'))
    }
  })

  it('is read under RC4, and not signed', async () => {
    for (const bits of ['40', '128']) {
      const document = encrypted('classic', 'user', 'owner', bits)
      for (const password of ['user', 'owner'])
        await assert.rejects(sign(document, { password }), refusal('encryption-weak'))
      await assert.rejects(sign(document, { password: 'other' }), refusal('password-wrong'))
    }
  })

  it('is not signed by a user whom its owner did not allow to', async () => {
    const document = encrypted(
      'classic',
      'user',
      'owner',
      '256',
      '--form=n',
      '--annotate=n',
      '--modify-other=n',
    )
    await assert.rejects(sign(document, { password: 'user' }), refusal('encryption-forbids'))
    await sign(document, { password: 'owner' })
  })

  it('is refused when its permissions were edited', async () => {
    const text = Buffer.from(encrypted('classic', 'user', 'owner', '256')).toString('latin1')
    const edited = new Uint8Array(Buffer.from(text.replace('/P -4', '/P -8'), 'latin1'))
    await assert.rejects(sign(edited, { password: 'user' }), refusal('malformed-structure'))
  })
})
