import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { replaceFile } from './durable-file.ts'

describe('a durable file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'natsuin-durable-'))
  const file = join(directory, 'head.txt')
  after(() => rmSync(directory, { recursive: true }))

  it('is replaced as a whole, and leaves nothing beside it', async () => {
    await replaceFile(file, 'a longer text', 0o600)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    await replaceFile(file, new TextEncoder().encode('short'), 0o600)
    assert.equal(readFileSync(file, 'utf8'), 'short')
    assert.deepEqual(readdirSync(directory), ['head.txt'])
  })

  it('is whole, one text or the other, when two replace it at once', async () => {
    const texts = ['a'.repeat(100_000), 'b'.repeat(50_000)]
    await Promise.all(texts.map(text => replaceFile(file, text)))
    assert.ok(texts.includes(readFileSync(file, 'utf8')))
  })

  it('is not there when its place is taken, and what was there stays', async () => {
    mkdirSync(join(directory, 'folder', 'inner'), { recursive: true })
    await assert.rejects(replaceFile(join(directory, 'folder'), 'text'))
    assert.deepEqual(readdirSync(join(directory, 'folder')), ['inner'])
  })
})
