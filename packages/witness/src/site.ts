/** The two addresses of a witness: C2SP tlog-witness. Everything else is not found. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { describeFault, type Log } from '@natsuin/protocol/node'
import type { Witness } from './witness.ts'

/** 63 hashes and a checkpoint with sixteen signatures fit several times. */
const MAX_BODY_BYTES = 65_536

const MONITOR = /^\/([0-9a-f]{64})\/checkpoint$/

export function siteOf(witness: Witness, log: Log): RequestListener {
  return (request, response) => {
    handle(witness, request, response).catch((fault: unknown) => {
      log('error', 'fault', describeFault(fault))
      send(response, 500, 'the witness failed\n')
    })
  }
}

async function handle(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '' } = request
  if (method === 'POST' && url === '/add-checkpoint') return addCheckpoint(witness, request, response)
  const [, hash] = MONITOR.exec(url) ?? []
  const newest = method === 'GET' && hash !== undefined ? await witness.newest(hash) : undefined
  if (newest === undefined) send(response, 404, 'there is nothing here\n')
  else send(response, 200, newest)
}

async function addCheckpoint(
  witness: Witness,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  if (body === undefined) return send(response, 413, 'the request is too long\n')
  const answer = await witness.addCheckpoint(body)
  send(response, answer.status, answer.body, answer.type)
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
