export { type IdToken, openIdToken } from './id-token.ts'
export { type LogoutToken, openLogoutToken, peekLogoutToken } from './logout-token.ts'
