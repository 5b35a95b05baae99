/** The signer's authenticator answered for exactly these bytes, with user verification (sole-control 4). */
import { checkAuthenticator } from '../webauthn/check-authenticator.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkAnswer: ApprovalCheck = ({ sam, answer, authenticator, credential }) => {
  checkAuthenticator(sam, authenticator, { ...answer, level: credential.level })
}
