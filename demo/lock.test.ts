import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { tryLock, withLock } from './lock.ts'

const folder = temporaryFolder()

describe('a lock between processes', () => {
  it('is held by one at a time, and free again when it is released', () => {
    const path = join(folder, 'released')
    const first = tryLock(path)
    assert.ok(first !== undefined)
    assert.equal(tryLock(path), undefined)
    first.release()
    const second = tryLock(path)
    assert.ok(second !== undefined)
    second.release()
  })

  it('is free again when its holder is killed', async () => {
    const path = join(folder, 'killed')
    const program = `
      import { tryLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))}
      globalThis.held = tryLock(${JSON.stringify(path)})
      console.log('held')
      setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    assert.equal(tryLock(path), undefined)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const next = tryLock(path)
    assert.ok(next !== undefined)
    next.release()
  })

  it('lets work wait for its turn, also after work that failed', async () => {
    const path = join(folder, 'turns')
    const done: number[] = []
    const first = withLock(path, async () => {
      await new Promise(resolve => setTimeout(resolve, 50))
      done.push(1)
      throw new Error('failed')
    })
    const second = withLock(path, async () => done.push(2))
    await assert.rejects(first, /failed/)
    await second
    assert.deepEqual(done, [1, 2])
  })
})
