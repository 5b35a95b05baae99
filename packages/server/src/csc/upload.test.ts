/** What becomes of documents when whoever sent them goes away. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import Fastify, { type FastifyInstance } from 'fastify'
import { openSpool } from '../documents/spool.ts'
import type { ServiceAccess } from '../oauth/access-tokens.ts'
import { takeDocuments, uploadOf, whileItStays } from './upload.ts'

const ACCESS: ServiceAccess = {
  scope: 'service',
  clientId: 'application',
  signerId: 'alice',
  actsFor: [],
  holder: { jkt: undefined, certificate: undefined },
} as unknown as ServiceAccess // what else an access has does not matter to an upload

const directory = temporaryFolder()
const folders = () => readdirSync(directory).length

let app: FastifyInstance
let atWork = 0
let letGo = Promise.withResolvers<void>()
before(async () => {
  const spool = await openSpool(directory)
  app = Fastify()
  await app.register(async scope => {
    takeDocuments(scope, {
      spool,
      accessOf: async () => ACCESS,
      description: { maxDocumentBytes: 1000 },
    })
    scope.post(
      '/',
      whileItStays(async http => {
        atWork += 1
        await letGo.promise
        atWork -= 1
        return { documents: uploadOf(http).documents.length }
      }),
    )
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
})
after(() => app.close())

function send(): ClientRequest {
  const { port } = app.server.address() as AddressInfo
  const headers = { 'content-type': 'application/json' }
  const sent = request({ host: '127.0.0.1', port, method: 'POST', headers, agent: false })
  sent.on('error', () => {})
  return sent.end('{"documents":[{"document":"AAAA"}]}')
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(5)
}

describe('documents of a request', () => {
  it('T-DOS-09 stay while they are worked on, and go when the answer has been read', async () => {
    const sent = send()
    await until(() => atWork === 1)
    assert.equal(folders(), 1)
    const answered = once(sent, 'response')
    letGo.resolve()
    const [response] = await answered
    response.resume()
    await until(() => folders() === 0)
  })

  it('T-DOS-09 go when the sender has gone, as soon as nobody works on them any more', async () => {
    letGo = Promise.withResolvers()
    const sent = Array.from({ length: 8 }, send)
    await until(() => atWork === 8)
    for (const one of sent) one.destroy()
    assert.equal(folders(), 8)
    letGo.resolve()
    await until(() => folders() === 0)
    const again = send()
    const [response] = await once(again, 'response')
    assert.equal(response.statusCode, 200)
    response.resume()
  })
})
