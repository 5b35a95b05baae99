import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openPkcs11Module } from './pkcs11-module.ts'
import { trustedLibrary } from './trusted-library.ts'

describe('a library that is not the one that was meant (T-P11-15)', () => {
  let folder: string
  let library: string
  const contents = 'not really a library'
  const sha256 = createHash('sha256').update(contents).digest('hex')
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'natsuin-library-')))
    mkdirSync(join(folder, 'lib'), { mode: 0o755 })
    library = join(folder, 'lib', 'token.so')
    writeFileSync(library, contents, { mode: 0o644 })
  })
  after(() => rmSync(folder, { recursive: true }))

  const withMode = async (path: string, mode: number, then: number, check: () => Promise<void>) => {
    chmodSync(path, mode)
    await check().finally(() => chmodSync(path, then))
  }

  it('is loaded where only we and root can change it, by the path that links lead to', async () => {
    const link = join(folder, 'link.so')
    symlinkSync(library, link)
    assert.equal(await trustedLibrary({ path: library }), library)
    assert.equal(await trustedLibrary({ path: link }), library)
    assert.equal(await trustedLibrary({ path: library, sha256 }), library)
    assert.equal(await trustedLibrary({ path: library, sha256: sha256.toUpperCase() }), library)
  })

  it('is refused by a relative path', async () => {
    await assert.rejects(trustedLibrary({ path: relative(process.cwd(), library) }), /not absolute/)
    await assert.rejects(trustedLibrary({ path: 'token.so' }), /not absolute/)
  })

  it('is refused when somebody else can write it, or put another in its place', async () => {
    const refused = () => assert.rejects(trustedLibrary({ path: library }), /can be replaced by others/)
    await withMode(library, 0o664, 0o644, refused)
    await withMode(library, 0o646, 0o644, refused)
    await withMode(join(folder, 'lib'), 0o775, 0o755, refused)
    await withMode(folder, 0o777, 0o700, refused)
  })

  it('is refused when its octets are others than those configured', async () => {
    writeFileSync(library, `${contents}.`)
    await assert.rejects(trustedLibrary({ path: library, sha256 }), /another than configured/)
    writeFileSync(library, contents)
  })

  it('is refused when it is no file', async () => {
    await assert.rejects(trustedLibrary({ path: join(folder, 'lib') }), /not a file/)
    await assert.rejects(trustedLibrary({ path: join(folder, 'absent') }), { code: 'ENOENT' })
  })

  it('is never loaded: the module does not open', async () => {
    const token = { tokenLabel: 'any', pin: '0000' }
    await assert.rejects(
      openPkcs11Module({ ...token, modulePath: library, moduleSha256: '00' }),
      /another than configured/,
    )
    await assert.rejects(openPkcs11Module({ ...token, modulePath: 'token.so' }), /not absolute/)
  })
})
