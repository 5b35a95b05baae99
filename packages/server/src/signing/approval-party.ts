/** Whoever waits for the answer to an approval and goes on with it: an interaction in a browser, or an application that asks. */
import type { AcceptedSad } from './approvals.ts'

export interface ApprovalParty {
  /** The SAM accepted a SAD. Where the browser of the approval page goes next. */
  approve(uid: string, sad: AcceptedSad): Promise<string>
  /** The signer said no. Where the browser goes next. */
  decline(uid: string): Promise<string>
}
