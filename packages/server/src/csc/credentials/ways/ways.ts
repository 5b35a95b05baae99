/** The ways, and which of them is a credential's for a client. */
import { type ApprovalKind, isByProvider } from '@natsuin/protocol/approval'
import type { ClientConfiguration } from '../../../config/clients.ts'
import { type Credential, codeMeansIn } from '../../../signing/credentials.ts'
import { outOfBand } from './out-of-band.ts'
import { byCode } from './pin-and-code.ts'
import { byRedirect } from './redirect.ts'
import { bySealKey } from './seal-key.ts'
import type { Way } from './way.ts'

/** On the approval page. */
const isOnPage = (kind: ApprovalKind): boolean => kind === 'passkey' || isByProvider(kind)

/** @param client undefined when it is not known */
export function wayOf({ approvals }: Credential, client: ClientConfiguration | undefined): Way {
  const hasPage = approvals.some(isOnPage)
  if (hasPage && client?.authorization === 'out-of-band') return outOfBand
  const code = codeMeansIn(approvals)
  if (code !== undefined) return byCode[code]
  return hasPage || !approvals.includes('seal-key') ? byRedirect : bySealKey
}
