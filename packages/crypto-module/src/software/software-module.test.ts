import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { describeKeyLife } from '../key-life.suite.ts'
import { describeModule, refuses } from '../module.suite.ts'
import { createSoftwareModule, openSoftwareModule } from './software-module.ts'

const temporary = () => mkdtemp(join(tmpdir(), 'natsuin-software-'))

const keyDirectory = async () => {
  const parent = await temporary()
  const directory = join(parent, 'keys')
  await (await createSoftwareModule({ directory })).close()
  return {
    open: () => openSoftwareModule({ directory }),
    remove: () => rm(parent, { recursive: true }),
  }
}
describeModule('software', keyDirectory)
describeKeyLife('software', keyDirectory)

describe('the key directory of the software module', () => {
  let parent: string
  let directory: string
  before(async () => {
    parent = await temporary()
    directory = join(parent, 'keys')
    const module = await createSoftwareModule({ directory })
    await module.createMacKey('mac')
    await module.createSigningKey('signing', 'ec-p256')
    await module.close()
  })
  after(() => rm(parent, { recursive: true }))

  it('is not made up when it is missing', async () => {
    await assert.rejects(openSoftwareModule({ directory: join(parent, 'missing') }), { code: 'ENOENT' })
    assert.deepEqual(await readdir(parent), ['keys'])
  })

  it('is not created over one that is there', async () => {
    await assert.rejects(createSoftwareModule({ directory }), { code: 'EEXIST' })
  })

  it('is open to its owner alone, and so is every file', async () => {
    assert.equal((await stat(directory)).mode & 0o777, 0o700)
    const files = await readdir(directory)
    assert.deepEqual(files.sort(), ['mac.key', 'signing.key'])
    for (const file of files) assert.equal((await stat(join(directory, file))).mode & 0o777, 0o600)
  })

  it('is refused when others may read it', async () => {
    await chmod(directory, 0o750)
    await assert.rejects(openSoftwareModule({ directory }), /0700/)
    await chmod(directory, 0o700)
    await (await openSoftwareModule({ directory })).close()
  })

  it('says in each file that whoever reads it has the key', async () => {
    assert.match(await readFile(join(directory, 'mac.key'), 'utf8'), /whoever reads this file has the key/)
  })

  it('keeps a key of the same name when a second process creates it', async () => {
    const [one, two] = await Promise.all([
      openSoftwareModule({ directory }),
      openSoftwareModule({ directory }),
    ])
    await one.createMacKey('shared')
    await refuses('key-exists', two.createMacKey('shared'))
    assert.deepEqual(await one.mac('shared', utf8('x')), await two.mac('shared', utf8('x')))
  })

  it('refuses a file that carries another label than its name', async () => {
    const module = await openSoftwareModule({ directory })
    await writeFile(join(directory, 'moved.key'), await readFile(join(directory, 'mac.key')), { mode: 0o600 })
    await assert.rejects(module.mac('moved', utf8('x')), /moved\.key is not a key file/)
  })
})
