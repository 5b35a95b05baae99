export { createShim, type RealLibrary, type Shim, type ShimCall } from './pkcs11-shim.ts'
