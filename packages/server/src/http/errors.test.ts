import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '@natsuin/protocol/refusal'
import fastify from 'fastify'
import { answerInCodes, answerInCscWords } from './errors.ts'

describe('what a failed request is answered', () => {
  for (const answer of [answerInCscWords, answerInCodes]) {
    it(`says when to come again, where it is for now alone (${answer.name}; T-P11-07)`, async () => {
      const app = fastify()
      app.setErrorHandler(answer)
      app.get('/:code', ({ params }) => {
        throw new Refusal((params as { code: string }).code)
      })
      const [away, wrong] = [await app.inject('/module-unavailable'), await app.inject('/sad-spent')]
      assert.deepEqual([away.statusCode, away.headers['retry-after']], [503, '2'])
      assert.ok(wrong.statusCode < 500)
      assert.equal(wrong.headers['retry-after'], undefined)
      await app.close()
    })
  }
})
