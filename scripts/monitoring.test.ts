import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ROOT } from './launch.mjs'
import { readReferences } from './reference.ts'

/** Every name of ours in a query, without what the exposition adds to a histogram. */
function metricsIn(text: string): Set<string> {
  const names = [...text.matchAll(/\bnatsuin_[a-z_]+/g)].map(([name]) => name)
  return new Set(names.map(name => name.replace(/_(?:bucket|sum|count)$/, '')))
}

describe('the examples for monitoring', () => {
  const declared = new Set(Object.values(readReferences()).flatMap(({ metrics }) => Object.keys(metrics)))
  const files = {
    'deploy/prometheus/alerts.yml': 8,
    'deploy/grafana/natsuin.json': 10,
  }
  for (const [file, atLeast] of Object.entries(files)) {
    it(`${file} asks for metrics that there are`, () => {
      const asked = metricsIn(readFileSync(join(ROOT, file), 'utf8'))
      assert.ok(asked.size >= atLeast)
      assert.deepEqual([...asked.difference(declared)], [])
    })
  }

  it('the dashboard is JSON, and each panel has a title and a query', () => {
    const { panels } = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana/natsuin.json'), 'utf8'))
    for (const { title, targets } of panels) assert.ok(title !== '' && targets[0].expr !== '')
  })
})
