import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkLevel as check } from './check-level.ts'

const moduleThat = (softwareModule: boolean, guards: boolean) => ({
  description: { kind: 'pkcs11', name: 'a token', softwareModule } as const,
  guardsWrapping: async (masterKey: string) => guards && masterKey === 'the master key',
})
const checkLevel = (claim: Parameters<typeof check>[0], module: Parameters<typeof check>[1]) =>
  check(claim, module, 'the master key')
const production = { environment: 'production', softwareModule: false } as const

describe('the level of a deployment and its module', () => {
  const hardware = moduleThat(false, false)
  const guarded = moduleThat(false, true)
  const software = moduleThat(true, false)

  it('in production, is 1 with software, 2 with hardware, and 3 where it lets keys out under the master key alone', async () => {
    await checkLevel({ ...production, maxLevel: 1 }, software)
    await checkLevel({ ...production, maxLevel: 2 }, hardware)
    await checkLevel({ ...production, maxLevel: 3 }, guarded)
    for (const maxLevel of [2, 3] as const)
      await assert.rejects(checkLevel({ ...production, maxLevel }, software), /a software module is level 1/)
    await assert.rejects(checkLevel({ ...production, maxLevel: 3 }, hardware), /lets signers’ keys out/)
  })

  it('is 1 where it was founded with software, whatever module it is started with', async () => {
    await assert.rejects(checkLevel({ ...production, softwareModule: true, maxLevel: 2 }, guarded), /level 1/)
  })

  it('is whatever it says in a test', async () => {
    for (const maxLevel of [1, 2, 3] as const)
      await checkLevel({ environment: 'test', softwareModule: true, maxLevel }, software)
  })
})
