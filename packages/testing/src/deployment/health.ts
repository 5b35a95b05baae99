/** What a process of a deployment says of its health, at the local socket that the tests' configurations name. */
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Member } from './plan.ts'

export interface HealthAnswer {
  readonly status: number | undefined
  readonly body: string
}

export function askHealth(
  directory: string,
  name: Member,
  path: '/healthz' | '/readyz' | '/metrics',
): Promise<HealthAnswer> {
  const socketPath = join(directory, `${name}-health.sock`)
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, async response =>
      resolve({ status: response.statusCode, body: await text(response) }),
    )
    asked.on('error', reject).end()
  })
}
