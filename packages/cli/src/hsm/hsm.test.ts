import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { jsonLog, moduleChoice } from '@natsuin/protocol/node'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { type Command, UsageError } from '../command.ts'
import { hsmSplitPin } from './split-pin.ts'
import { hsmUnlock } from './unlock.ts'

const folder = temporaryFolder()
const at = (...names: readonly string[]) => join(folder, ...names)

async function run(command: Command, ...args: readonly string[]) {
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  const code = await command.run(args, { out: say, error: say })
  return { code, said: said.join('\n') }
}

const split = (directory: string, holders: number, needed: number) =>
  run(
    hsmSplitPin,
    ...[
      '--holders',
      String(holders),
      '--needed',
      String(needed),
      '--out',
      directory,
      '--pin-file',
      at('pin'),
    ],
  )

writeFileSync(at('pin'), '4711-natsuin\n')

describe('natsuin hsm split-pin', () => {
  it('writes the file of the process and a share for each holder, and never the PIN', async () => {
    const { code, said } = await split(at('five'), 5, 3)
    assert.equal(code, 0)
    assert.match(said, /5 shares of which 3 open it/)
    const names = readdirSync(at('five'))
    assert.deepEqual(names.toSorted(), ['pin-shares.json', ...[1, 2, 3, 4, 5].map(i => `share-${i}.txt`)])
    for (const name of names) {
      assert.equal(statSync(at('five', name)).mode & 0o077, 0)
      assert.ok(!readFileSync(at('five', name), 'utf8').includes('4711-natsuin'))
    }
  })

  it('writes over nothing, and not for one person alone', async () => {
    await split(at('once'), 2, 2)
    await assert.rejects(split(at('once'), 2, 2), { code: 'EEXIST' })
    for (const [holders, needed] of [
      [3, 1],
      [2, 3],
      [11, 2],
      [Number.NaN, 2],
    ] as const)
      await assert.rejects(split(at('never'), holders, needed), UsageError)
    assert.ok(!existsSync(at('never')))
  })
})

describe('natsuin hsm unlock', () => {
  it('brings shares to the process that waits, and says how many are missing', async () => {
    await split(at('three'), 3, 2)
    const pinShares = { file: at('three', 'pin-shares.json'), socket: at('socket') }
    const silent = jsonLog(
      () => {},
      () => new Date(0),
    )
    const setting = {
      pkcs11: { modulePath: '/lib.so', tokenLabel: 'x', pinShares, reserves: [{ tokenLabel: 'y' }] },
    }
    const choice = moduleChoice(setting, silent)
    while (!existsSync(pinShares.socket)) await delay(5)
    const unlock = (share: string) => run(hsmUnlock, '--socket', pinShares.socket, '--share-file', share)
    writeFileSync(at('wrong'), 'AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAAA\n')
    assert.deepEqual(await unlock(at('three', 'share-3.txt')), {
      code: 0,
      said: 'Your share was taken; still needed: 1.',
    })
    assert.equal(
      (await unlock(at('three', 'share-3.txt'))).said,
      'Your share was here already; still needed: 1.',
    )
    const wrong = await unlock(at('wrong'))
    assert.equal(wrong.code, 1)
    assert.match(wrong.said, /no share of this PIN/)
    assert.match((await unlock(at('three', 'share-1.txt'))).said, /the process goes on/)
    const pin = '4711-natsuin'
    assert.deepEqual(await choice, {
      pkcs11: { modulePath: '/lib.so', tokenLabel: 'x', pin, reserves: [{ tokenLabel: 'y', pin }] },
    })
    const late = await unlock(at('three', 'share-1.txt'))
    assert.equal(late.code, 1)
    assert.match(late.said, /Nobody waits/)
  })
})
