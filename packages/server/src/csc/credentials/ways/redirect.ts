/** The signer approves on the approval page, to which the authorization server sends his browser: mode `oauth2code`. */
import type { Way } from './way.ts'

export const byRedirect: Way = {
  // There for OAuth too: the EU wallet's library does not read the answer without.
  told: { authMode: 'oauth2code', mode: 'oauth2code', objects: [], SCAL: '2' },
}
