export { openPkcs12, type Pkcs12Certificate, type Pkcs12Content, type Pkcs12Key } from './open.ts'
export type { BagNames } from './safe-contents.ts'
