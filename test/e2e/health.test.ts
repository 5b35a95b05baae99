/** What the processes of a whole deployment say of themselves: ready or why not, and what they count. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { askHealth } from '@natsuin/testing/deployment'
import { approved, assertRefused, openStage, type Stage, seenItems, useOf } from '../attacks/stage.ts'

const PROCESSES = ['sam', 'authorities', 'server', 'sic'] as const

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const ask = (...given: [(typeof PROCESSES)[number], '/healthz' | '/readyz' | '/metrics']) =>
  askHealth(stage.deployment.directory, ...given)

/** The value of the one sample that begins like this. */
async function sample(name: (typeof PROCESSES)[number], beginning: string): Promise<number> {
  const { body } = await ask(name, '/metrics')
  const line = body.split('\n').find(one => one.startsWith(`${beginning} `))
  return Number(line?.slice(beginning.length + 1) ?? Number.NaN)
}

describe('the health of a deployment', () => {
  it('is that every process answers and can do its work', async () => {
    for (const name of PROCESSES) {
      assert.equal((await ask(name, '/healthz')).status, 200, name)
      assert.deepEqual(await ask(name, '/readyz'), { status: 200, body: '{"status":"ready"}\n' }, name)
    }
  })

  it('counts approvals, activations, refusals by code, module calls and commits', async () => {
    const before = await sample('sam', 'natsuin_requests_total{method="sign",outcome="ok"}').catch(() => 0)
    const items = await seenItems('counted.pdf')
    const sad = await approved(stage, stage.alice, items)
    await stage.sam.call('sign', useOf(sad, items))
    await assertRefused(stage, 'sad-spent', () => stage.sam.call('sign', useOf(sad, items)))
    const signed = await sample('sam', 'natsuin_requests_total{method="sign",outcome="ok"}')
    assert.equal(signed, (Number.isNaN(before) ? 0 : before) + 1)
    assert.ok((await sample('sam', 'natsuin_requests_total{method="approve",outcome="ok"}')) >= 1)
    assert.equal(await sample('sam', 'natsuin_requests_total{method="sign",outcome="sad-spent"}'), 1)
    assert.ok((await sample('sam', 'natsuin_module_calls_total{operation="signWrapped",outcome="ok"}')) >= 1)
    assert.ok((await sample('sam', 'natsuin_commit_entries_count{log="activity"}')) >= 3)
    assert.ok((await sample('sam', 'natsuin_log_leaves{log="activity"}')) >= 3)
    assert.equal(await sample('sam', 'natsuin_time_trusted'), 1)
  })

  it('says when certificates, CRLs and the time-stamping key end', async () => {
    const now = Date.now() / 1000
    for (const certificate of ['root', 'issuing', 'ocsp', 'tsa']) {
      const end = await sample(
        'authorities',
        `natsuin_certificate_end_time_seconds{certificate="${certificate}"}`,
      )
      assert.ok(end > now + 86_400 * 365, certificate)
    }
    for (const crl of ['issuing', 'root']) {
      assert.ok((await sample('authorities', `natsuin_crl_next_update_time_seconds{crl="${crl}"}`)) > now)
    }
    assert.ok((await sample('authorities', 'natsuin_time_stamp_key_end_time_seconds')) > now)
  })

  it('counts requests by the pattern of their route, never by their path', async () => {
    await fetch(`${stage.deployment.urls.server}/approvals/canary-of-a-handle`)
    await fetch(`${stage.deployment.urls.server}/canary-of-a-path`)
    await pause(50)
    const { body } = await ask('server', '/metrics')
    assert.match(body, /route="\/approvals\/:handle"/)
    assert.match(body, /natsuin_http_requests_total\{method="GET",route="other",status="404"\}/)
    assert.ok(!body.includes('canary'))
    assert.match(body, /natsuin_peer_calls_total\{peer="sam",method="tickets\/enrol",outcome="ok"\}/)
  })

  it('names the peer that is away, and is well again when it is back', async () => {
    await stage.deployment.process('sam').kill()
    const away = await ask('server', '/readyz')
    assert.deepEqual([away.status, JSON.parse(away.body).problems], [503, ['sam']])
    assert.equal((await ask('server', '/healthz')).status, 200)
    await stage.deployment.restart('sam')
    assert.equal((await ask('server', '/readyz')).status, 200)
  })
})
