import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeFault, jsonLog } from './log.ts'

describe('the log', () => {
  it('is one JSON object a line, whatever the fields hold (T-AUD-07)', () => {
    const lines: string[] = []
    const log = jsonLog(
      line => void lines.push(line),
      () => new Date(0),
    )
    log('info', 'opened', { text: 'two\nlines' })
    log('warn', 'closed')
    assert.deepEqual(lines, [
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","event":"opened","text":"two\\nlines"}\n',
      '{"time":"1970-01-01T00:00:00.000Z","level":"warn","event":"closed"}\n',
    ])
  })

  it('says of a fault its message, its trace and its causes', () => {
    const cause = new Error('the disk is full')
    const fault = new Error('no record was written', { cause })
    assert.deepEqual(describeFault(fault), {
      fault: 'no record was written',
      stack: fault.stack,
      cause: { fault: 'the disk is full', stack: cause.stack },
    })
    assert.deepEqual(describeFault('thrown text'), { fault: 'thrown text' })
  })
})
