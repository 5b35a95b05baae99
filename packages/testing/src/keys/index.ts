export { type KeyPair, newKeyPair, signData, spkiOf } from './key-pairs.ts'
