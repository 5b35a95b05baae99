/** The signer's identity provider vouched that he logged in, with the account that he enrolled with, to approve this statement. */
import type { KeptProofOf } from '@natsuin/protocol/approval'
import { type ApprovedWithProvider, demand, demanded } from '../../verdict.ts'
import { checkLogIn } from '../log-in.ts'
import type { ProvenStatement } from './proof.ts'

export async function checkProviderProof(
  { idToken }: Pick<KeptProofOf<'provider'>, 'idToken'>,
  { statement, ticket, signer: { account }, sam }: ProvenStatement,
): Promise<ApprovedWithProvider> {
  const { issuer, subject, since } = demanded(account, 'log-in-invalid', 'no account was enrolled')
  const token = await checkLogIn({ statement, idToken }, ticket, sam)
  demand(token.iss === issuer && token.sub === subject, 'log-in-invalid', 'somebody else logged in')
  const provider = ticket.provider?.name ?? ''
  const at = new Date((token.auth_time ?? 0) * 1000)
  return { kind: 'provider', logIn: { provider, issuer, subject, at, acr: token.acr, since } }
}
