/** The signer approves on the approval page, to which the authorization server sends his browser: mode `oauth2code`. */
import type { Way } from './way.ts'

export const byRedirect: Way = {
  // `objects` is there for OAuth too, because a wallet library cannot do without (csc-api 16.1).
  told: { authMode: 'oauth2code', mode: 'oauth2code', objects: [], SCAL: '2' },
}
