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
import type { Verdict } from '@natsuin/ades/validation'
import { concat, equal } from '@natsuin/pki/encoding'
import { certificateDatabase, pdfsig } from '@natsuin/testing/judges'
import { PDF_SHAPES, toBytes, withTable } from '@natsuin/testing/pdf'
import { NOW, root } from '@natsuin/testing/pki'
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

async function lasts(signed: Uint8Array, level: 'B-LT' | 'B-LTA', password: string): Promise<Uint8Array> {
  return concat(signed, await augmentPades(bytesSource(signed), level, { ...lasting(), password }))
}

function reasonOf(verdict: Verdict): readonly (string | undefined)[] {
  return 'subIndication' in verdict ? [verdict.subIndication, verdict.reason] : [verdict.indication]
}

interface Change {
  /** The object that is changed, by what it holds. */
  readonly what: RegExp
  readonly from: RegExp
  readonly to: string
}

const CHANGES: readonly Change[] = [
  { what: /\/Type \/Page\b/, from: /\/Type \/Page\b/, to: '/Rotate 180 /Type /Page' },
  { what: /\/T <[0-9a-f]+> /, from: /\/T <[0-9a-f]+> /, to: `/T <${'00'.repeat(48)}> ` },
]

/** The document with an update behind it, in order but for the one object. */
function changed(document: Uint8Array, { what, from, to }: Change): Uint8Array {
  const text = Buffer.from(document).toString('latin1')
  const objects = [...text.matchAll(/(?<!\d)(\d+) 0 obj\n(.*?)\nendobj/gs)]
  const [, number = '', body = ''] = objects.findLast(([, , one = '']) => what.test(one)) ?? []
  const trailer = text.slice(text.lastIndexOf('trailer'))
  const entries = ['Root \\d+ 0 R', 'Encrypt \\d+ 0 R', 'ID ?\\[.*?\\]']
    .map(entry => new RegExp(`/${entry}`).exec(trailer)?.[0])
    .join(' ')
  const [size, prev] = [/\/Size (\d+)/, /startxref\n(\d+)/].map(one => Number(one.exec(trailer)?.[1]))
  assert.notEqual(body.replace(from, to), body, String(what))
  const object = { number: Number(number), body: body.replace(from, to) }
  return toBytes(withTable(text, [object], { size: size ?? 0, entries, prev: prev ?? 0 }).text)
}

const PERMISSIONS: Change = { what: /\/Filter \/Standard/, from: /\/P -\d+/, to: '/P -8' }

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

  for (const [what, strength] of Object.entries(STRENGTHS)) {
    it(`is made to last and judged with the password: ${what}`, async () => {
      const original = encrypted('object-stream', 'user', 'owner', ...strength)
      const signed = await sign(original, { password: 'user' })
      for (const level of ['B-LT', 'B-LTA'] as const) {
        const after = await lasts(signed, level, 'user')
        assertSound(after, 'user')
        for (const password of ['user', 'owner']) {
          const verdict = await verify(after, NOW, password)
          assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', level])
        }
      }
    })
  }

  it('is judged by pdfsig as by us', async () => {
    const signed = await sign(encrypted('object-stream', '', 'owner', '256'), { password: '' })
    const after = await lasts(signed, 'B-LTA', '')
    writeFileSync(join(folder, 'lasting.pdf'), after)
    assert.ok(pdfsig(join(folder, 'lasting.pdf'), database).some(({ valid }) => valid))
    assert.equal((await verify(after, NOW, '')).facts.level, 'B-LTA')
  })

  it('is not judged without the password, when something was appended', async () => {
    const signed = await sign(encrypted('classic', 'user', 'owner', '256'), { password: 'user' })
    const after = await lasts(signed, 'B-LTA', 'user')
    assert.equal((await verify(signed)).indication, 'TOTAL-PASSED')
    assert.deepEqual(reasonOf(await verify(after)), ['GENERIC', 'encrypted'])
    assert.deepEqual(reasonOf(await verify(after, NOW, 'other')), ['GENERIC', 'encrypted: password-wrong'])
  })

  it('never passes when something else was appended', async () => {
    for (const strength of Object.values(STRENGTHS)) {
      const signed = await sign(encrypted('text-field', '', 'owner', ...strength), { password: '' })
      for (const document of [signed, await lasts(signed, 'B-LTA', '')]) {
        for (const change of CHANGES) {
          const [indication] = reasonOf(await verify(changed(document, change), NOW, ''))
          assert.equal(indication, 'FORMAT_FAILURE', String(change.what))
        }
        // The key follows from the permissions (7.6.4.3.2), so the password may open nothing any more.
        const [indication = ''] = reasonOf(await verify(changed(document, PERMISSIONS), NOW, ''))
        assert.ok(['FORMAT_FAILURE', 'GENERIC'].includes(indication), indication)
      }
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
