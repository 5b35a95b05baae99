/** A SAD activates the credential it was approved for, while that may sign (threats T-SAD-12). */
import { checkUsable } from '../credentials/check-usable.ts'
import { refuse } from '../refuse.ts'
import type { ExtensionCheck } from './facts.ts'

export const checkCredential: ExtensionCheck = ({ sam, sad, request }) => {
  const { credentialId, key } = sad.terms
  if (request.credentialId !== credentialId) throw refuse('sad-other-credential')
  checkUsable(sam, credentialId, key)
}
