/**
 * The certificates of the authorities themselves, kept sealed: whoever writes to the database cannot put another
 * root, issuer, responder or time-stamping unit in their place.
 */
import type { CryptoModule, RecordName, Seal } from '@natsuin/crypto-module'
import { equal } from '@natsuin/pki/encoding'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import { type AuthorityName, authorityKeys } from '../module/keys.ts'
import { openSealed } from '../store/record-seal.ts'
import type { Store } from '../store/store.ts'
import type { Issuer } from './issuer.ts'

export async function keepAuthority(
  store: Store,
  seal: Seal,
  name: AuthorityName,
  certificate: Uint8Array,
): Promise<void> {
  await store.putAuthority(name, seal.close(nameOf(name), certificate))
}

/**
 * The certificate of an authority with the module's key that belongs to it.
 *
 * @throws Refusal `record-altered`
 * @throws Error when the certificate is missing, or the module has no key or another one under its name
 */
export async function loadAuthority(
  store: Store,
  seal: Seal,
  module: CryptoModule,
  name: AuthorityName,
): Promise<Issuer> {
  const sealed = await store.authority(name)
  if (sealed === undefined)
    throw new Error(`the store has no ${name} certificate: it was not founded to the end`)
  const certificate = parseCertificate(openSealed(seal, nameOf(name), sealed))
  await checkKey(module, name, certificate)
  const { label, algorithm } = authorityKeys[name]
  return { key: { label, algorithm, spki: certificate.spki }, certificate }
}

async function checkKey(module: CryptoModule, name: AuthorityName, { spki }: Certificate): Promise<void> {
  const { label } = authorityKeys[name]
  const held = await module.publicKey(label)
  if (held === undefined) throw new Error(`the module has no key ${label}`)
  if (!equal(held, spki)) throw new Error(`the module's key ${label} is not the one that was certified`)
}

/** Written once. */
const nameOf = (id: AuthorityName): RecordName => ({ kind: 'authority', id, version: 1 })
