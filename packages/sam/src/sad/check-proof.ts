/** The signer approved exactly these bytes, in a way that the credential accepts (sole-control 4 and 7). */
import type { ApprovalCheck } from './facts.ts'

export const checkProof: ApprovalCheck = ({ proof }) => proof.check()
