/**
 * How a process is: `/healthz` (it answers), `/readyz` (it can do its work, or why not) and `/metrics`.
 *
 * A listener of its own, on the loopback address or a local socket, so that no proxy leads to it by mistake. It
 * takes GET, reads no body, and says codes and numbers: what it says may be known to everybody on the machine.
 */

import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { integer, oneOf, record, type Shaped, text } from '../shape/shape.ts'
import { oneMember, type ResolvePath } from './configuration.ts'
import { socketPath } from './socket-path.ts'

export const healthSetting = oneMember({
  socket: record({ socket: text({ min: 0, max: 4096 }) }),
  host: record({ host: oneOf('127.0.0.1', '::1'), port: integer({ min: 1, max: 65_535 }) }),
})

export type HealthSetting = Shaped<typeof healthSetting>

export const NO_HEALTH: HealthSetting = { socket: '' }

export const HEALTH_DOCUMENTATION =
  'Where `/healthz`, `/readyz` and `/metrics` are answered: a port of the loopback address, or a local socket. An empty socket: nowhere.'

export const HEALTH_EXAMPLE: HealthSetting = { host: '127.0.0.1', port: 9100 }

export function resolveHealth(health: HealthSetting, at: ResolvePath): HealthSetting {
  return 'socket' in health && health.socket !== '' ? { socket: at(health.socket) } : health
}

/** What is wrong at present, by name; a check that takes longer than it may is wrong too. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<boolean> | boolean>>

export interface HealthOptions {
  readonly address: HealthSetting
  readonly checks: ReadinessChecks
  readonly metrics: { text(): string }
}

export interface Health {
  close(): Promise<void>
}

const CHECK_MILLISECONDS = 2_000

/** @throws Error with code `EADDRINUSE` when the port is taken */
export async function serveHealth({ address, checks, metrics }: HealthOptions): Promise<Health> {
  if ('socket' in address && address.socket === '') return { close: async () => {} }
  const server = createServer((request, response) => void respond(request, response, checks, metrics))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  if ('socket' in address) rmSync(address.socket, { force: true })
  server.listen('socket' in address ? { path: socketPath(address.socket) } : address, resolve)
  await promise
  if ('socket' in address) chmodSync(address.socket, 0o660)
  return {
    close: async () => {
      server.closeAllConnections()
      await server[Symbol.asyncDispose]()
    },
  }
}

async function respond(
  { url, method }: IncomingMessage,
  response: ServerResponse,
  checks: ReadinessChecks,
  metrics: { text(): string },
): Promise<void> {
  const pages: Readonly<Record<string, () => Page | Promise<Page>>> = {
    '/healthz': () => json(200, { status: 'ok' }),
    '/readyz': async () => readiness(await problemsNow(checks)),
    '/metrics': () => ({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: metrics.text(),
    }),
  }
  const path = url ?? ''
  const page = method === 'GET' && Object.hasOwn(pages, path) ? pages[path] : undefined
  const { status, type, body } = await (page?.() ?? json(404, { error: 'not-found' }))
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}

interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

const json = (status: number, value: object): Page => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(value)}\n`,
})

const readiness = (problems: readonly string[]): Page =>
  problems.length === 0 ? json(200, { status: 'ready' }) : json(503, { status: 'not-ready', problems })

/** Names of the checks that do not hold now. */
async function problemsNow(checks: ReadinessChecks): Promise<readonly string[]> {
  const judged = Object.entries(checks).map(async ([name, check]) => ((await holds(check)) ? [] : [name]))
  return (await Promise.all(judged)).flat()
}

async function holds(check: () => Promise<boolean> | boolean): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), CHECK_MILLISECONDS)
  try {
    return await Promise.race([Promise.resolve().then(check), promise])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
