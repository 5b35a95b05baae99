/** Whom the page believes: the SAM key that `sic` was configured with. */
import { base64url, optional, record, type Shaped, text } from '@natsuin/protocol/shape'
import { Problem } from './problem.ts'

export const deployment = record({
  /**
   * DER SubjectPublicKeyInfo of the SAM key; tickets by any other key are refused. Absent before genesis, when people
   * register the passkeys that the deployment is founded on; then every ticket is refused.
   */
  samKey: optional(base64url({ min: 60, max: 200 })),
  serverOrigin: text({ max: 300, pattern: /^https?:\/\/[^/]+$/ }),
  deployment: text({ max: 255 }),
})

export type Deployment = Shaped<typeof deployment>

/** @throws Problem `deployment-unreadable` */
export async function readDeployment(request: typeof fetch): Promise<Deployment> {
  try {
    const answer = await request('/deployment.json', { credentials: 'omit', cache: 'no-store' })
    return deployment(await answer.json())
  } catch (cause) {
    throw new Problem('deployment-unreadable', {}, { cause })
  }
}
