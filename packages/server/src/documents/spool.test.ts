/** Where documents are while they are signed. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { openSpool } from './spool.ts'

const directory = mkdtempSync(join(tmpdir(), 'natsuin-spool-'))
after(() => rmSync(directory, { recursive: true }))

describe('the spool of documents', () => {
  it('has a folder for each call that nobody else reads, gone with what is in it', async () => {
    const spool = await openSpool(directory)
    const folder = await spool.folder()
    writeFileSync(folder.path('document-0'), 'secret', { mode: 0o600 })
    assert.equal(statSync(join(folder.path('document-0'), '..')).mode & 0o777, 0o700)
    await folder.remove()
    await folder.remove()
    assert.deepEqual(readdirSync(directory), [])
  })

  it('T-DOS-09 forgets at its start what a killed process left, and nothing else', async () => {
    mkdirSync(join(directory, 'call-left'))
    writeFileSync(join(directory, 'call-left', 'document-0'), 'secret')
    writeFileSync(join(directory, 'notes.txt'), 'mine')
    await openSpool(directory)
    assert.deepEqual(readdirSync(directory), ['notes.txt'])
  })

  it('makes a fresh one where none is named, and takes it away again', async () => {
    const spool = await openSpool('')
    const path = (await spool.folder()).path('x')
    assert.ok(existsSync(join(path, '..')))
    await spool.close()
    assert.ok(!existsSync(join(path, '..', '..')))
  })

  it('T-DOS-07 refuses one more than there may be, until one is gone', async () => {
    const spool = await openSpool('')
    const folders = await Promise.all(Array.from({ length: 32 }, () => spool.folder()))
    await assert.rejects(spool.folder(), { code: 'documents-busy' })
    await folders[0]?.remove()
    await spool.folder()
    await spool.close()
  })

  it('T-DOS-08 lets nobody have all of it, and keeps some for what was accepted before', async () => {
    const spool = await openSpool('')
    const take = (owner: string, count: number) =>
      Promise.all(Array.from({ length: count }, () => spool.folder(owner)))
    const [first] = await take('alice', 8)
    await assert.rejects(spool.folder('alice'), { code: 'documents-busy' })
    await take('bob', 8)
    await take('carol', 8)
    await take('dave', 4)
    await assert.rejects(spool.folder('eve'), { code: 'documents-busy' })
    const accepted = await spool.folder()
    await accepted.remove()
    await first?.remove()
    await spool.folder('alice')
    await spool.close()
  })
})
