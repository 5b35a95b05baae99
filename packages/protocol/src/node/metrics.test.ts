import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '../refusal/refusal.ts'
import { callMetrics, meteredHandlers } from './metered.ts'
import { Metrics, measureProcess, processMetrics } from './metrics.ts'

const table = {
  done_total: { kind: 'counter', help: 'What was done.', labels: ['what'] },
  open: { kind: 'gauge', help: 'What is open.' },
  took_seconds: { kind: 'histogram', help: 'How long.', labels: ['what'], buckets: [0.1, 1] },
} as const

/** The sample lines, without the comments. */
const samples = (text: string) => text.split('\n').filter(line => line !== '' && !line.startsWith('#'))

describe('metrics', () => {
  it('are counters, gauges and histograms in the exposition format', () => {
    const metrics = new Metrics(table)
    metrics.count('done_total', { what: 'this' })
    metrics.count('done_total', { what: 'this' }, 2)
    metrics.set('open', 7)
    for (const seconds of [0.05, 0.5, 5]) metrics.observe('took_seconds', seconds, { what: 'that' })
    assert.deepEqual(samples(metrics.text()), [
      'done_total{what="this"} 3',
      'open 7',
      'took_seconds_bucket{what="that",le="0.1"} 1',
      'took_seconds_bucket{what="that",le="1"} 2',
      'took_seconds_bucket{what="that",le="+Inf"} 3',
      'took_seconds_sum{what="that"} 5.55',
      'took_seconds_count{what="that"} 3',
    ])
    assert.match(metrics.text(), /^# HELP done_total What was done\.\n# TYPE done_total counter\n/)
  })

  it('ask for gauges when they are read', () => {
    const metrics = new Metrics(table)
    let open = 1
    metrics.onRead(() => metrics.set('open', open++))
    assert.deepEqual([samples(metrics.text()), samples(metrics.text())], [['open 1'], ['open 2']])
  })

  it('escape what could end a label, keep declared labels alone, and stop growing', () => {
    const metrics = new Metrics(table)
    metrics.count('done_total', { what: 'a"b\\c\nd', who: 'Alice' })
    assert.deepEqual(samples(metrics.text()), ['done_total{what="a\\"b\\\\c\\nd"} 1'])
    for (let i = 0; i < 2000; i++) metrics.count('done_total', { what: `w${i}` })
    assert.equal(samples(metrics.text()).length, 1000)
  })

  it('measure the process', () => {
    const metrics = new Metrics(processMetrics)
    measureProcess(metrics, () => new Date())
    const names = samples(metrics.text()).map(line => line.split(' ')[0])
    assert.deepEqual(names, Object.keys(processMetrics))
  })
})

describe('metered handlers', () => {
  it('count answers, refusals by code and faults, and change none of them', async () => {
    const metrics = new Metrics(callMetrics)
    const outcomes: Record<string, () => unknown> = {
      good: () => 1,
      refused: () => {
        throw new Refusal('sad-spent')
      },
      broken: () => {
        throw new Error('x')
      },
    }
    const methods = {
      ask: { request: (value: unknown) => String(value), response: (value: unknown) => value },
    }
    const { ask } = meteredHandlers<typeof methods>({ ask: async what => outcomes[what]?.() }, metrics)
    assert.equal(await ask('good'), 1)
    await assert.rejects(ask('refused'), { code: 'sad-spent' })
    await assert.rejects(ask('broken'), /x/)
    const counted = samples(metrics.text()).filter(line => line.startsWith('natsuin_requests_total'))
    assert.deepEqual(
      counted,
      ['ok', 'sad-spent', 'fault'].map(
        outcome => `natsuin_requests_total{method="ask",outcome="${outcome}"} 1`,
      ),
    )
  })
})
