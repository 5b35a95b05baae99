import assert from 'node:assert/strict'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { type HealthSetting, healthSetting, type ReadinessChecks, serveHealth } from './health.ts'

const folder = temporaryFolder()
let counter = 0

function ask(socketPath: string, path: string, method = 'GET') {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const asked = request({ socketPath, path, method }, async response =>
      resolve({ status: response.statusCode, body: await text(response) }),
    )
    asked.on('error', reject).end()
  })
}

async function healthWith(checks: ReadinessChecks) {
  const socket = join(folder, `${counter++}.sock`)
  const health = await serveHealth({ address: { socket }, checks, metrics: { text: () => 'm 1\n' } })
  return { health, get: (path: string, method?: string) => ask(socket, path, method) }
}

describe('the health of a process', () => {
  it('is that it answers, whether it can work, and its numbers', async () => {
    const { health, get } = await healthWith({ module: () => true, store: async () => true })
    assert.deepEqual(await get('/healthz'), { status: 200, body: '{"status":"ok"}\n' })
    assert.deepEqual(await get('/readyz'), { status: 200, body: '{"status":"ready"}\n' })
    assert.deepEqual(await get('/metrics'), { status: 200, body: 'm 1\n' })
    for (const [path, method] of [['/'], ['/readyz?x'], ['/constructor'], ['/metrics', 'POST']] as const) {
      assert.equal((await get(path, method)).status, 404, path)
    }
    await health.close()
  })

  it('names what does not hold, what breaks and what takes too long, and says nothing else of them', async () => {
    const { health, get } = await healthWith({
      good: () => true,
      bad: () => false,
      broken: () => {
        throw new Error('canary')
      },
      slow: () => new Promise(() => {}),
    })
    const { status, body } = await get('/readyz')
    assert.equal(status, 503)
    assert.deepEqual(JSON.parse(body), { status: 'not-ready', problems: ['bad', 'broken', 'slow'] })
    assert.equal((await get('/healthz')).status, 200)
    await health.close()
  })

  it('is nowhere unless it was asked for, and never beyond this machine', async () => {
    const none: HealthSetting = { socket: '' }
    await (await serveHealth({ address: none, checks: {}, metrics: { text: () => '' } })).close()
    assert.throws(() => healthSetting({ host: '0.0.0.0', port: 9100 }), /127\.0\.0\.1/)
    assert.deepEqual(healthSetting({ host: '127.0.0.1', port: 9100 }), { host: '127.0.0.1', port: 9100 })
  })
})
