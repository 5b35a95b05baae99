/** The issuance protocol, answered: one function for each method of the table in `protocol/issuance`. */
import type { IssuanceMethods } from '@natsuin/protocol/issuance'
import type { Handlers, Log } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { SignerCertification } from './ca/authority.ts'
import type { CrlPublisher } from './ca/crl.ts'
import { issue } from './ca/issue.ts'
import type { OneAtATime } from './ca/one-at-a-time.ts'
import { revoke } from './ca/revoke.ts'

export interface IssuanceParts {
  readonly authority: SignerCertification
  readonly crl: CrlPublisher
  /** DER. */
  readonly root: Uint8Array
  /** DER. */
  readonly timeStamping: Uint8Array
  /** One thing at a time with each key, shared by everything that changes records. */
  readonly keys: OneAtATime
  readonly log: Log
}

export function issuanceHandlers(parts: IssuanceParts): Handlers<IssuanceMethods> {
  const { authority, crl, root, timeStamping, keys, log } = parts
  const { addresses, issuer } = authority
  const issuing = issuer.certificate.bytes
  return {
    info: async () => ({
      root,
      issuing,
      timeStamping,
      timeStampUrl: addresses.timeStamp,
      crlUrl: addresses.issuingCrl,
      ocspUrl: addresses.ocsp,
    }),
    issue: ({ keyAttestation }) =>
      logged(log, 'issue', async () => ({
        certificates: [await issue(authority, keyAttestation, keys), issuing, root],
      })),
    revoke: request =>
      logged(log, 'revoke', async () => ({
        revokedAt: (await revoke(authority, crl, request, keys)).toISOString(),
      })),
  }
}

/** Refusals are for the operator to see, with their evidence, which holds no secret; faults `serve` reports. */
async function logged<T>(log: Log, method: string, work: () => Promise<T>): Promise<T> {
  try {
    const answer = await work()
    log('info', 'answered', { method })
    return answer
  } catch (error) {
    if (error instanceof Refusal)
      log('warn', 'refused', { method, code: error.code, evidence: error.evidence })
    throw error
  }
}
