export { type IdToken, idTokenText, openIdToken } from './id-token.ts'
