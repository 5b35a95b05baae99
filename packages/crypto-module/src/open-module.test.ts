import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { foundModule, openModule } from './open-module.ts'
import { createSoftHsmToken } from './softhsm/softhsm-token.ts'

describe('the module that a configuration names', () => {
  it('is made once where it is a directory, and then opened with its keys', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'natsuin-module-'))
    const choice = { software: { directory: join(parent, 'keys') } }
    await assert.rejects(openModule(choice, {}), { code: 'ENOENT' })
    const founded = await foundModule(choice, {})
    const spki = await founded.createSigningKey('one', 'ec-p256')
    await assert.rejects(foundModule(choice, {}), { code: 'EEXIST' })
    const opened = await openModule(choice, {})
    assert.deepEqual(await opened.publicKey('one'), spki)
    await Promise.all([founded.close(), opened.close()])
    rmSync(parent, { recursive: true })
  })

  it('is a token that the variables lead to', async () => {
    const token = await createSoftHsmToken()
    const { environment = {}, ...pkcs11 } = token.options
    const module = await foundModule({ pkcs11 }, { ...environment, ABSENT: undefined })
    const spki = await module.createSigningKey('one', 'ec-p256')
    await module.close()
    const opened = await openModule({ pkcs11 }, environment)
    assert.deepEqual(await opened.publicKey('one'), spki)
    await opened.close()
    await assert.rejects(openModule({ pkcs11 }, {}))
    await token.remove()
  })
})
