/**
 * Founding: makes the keys of the authorities in the module, and everything that hangs on them. Once, by command.
 *
 * Keys, root, issuing CA, their first CRLs, OCSP responder, time-stamping unit; the root certificate is recorded
 * last, so that a store without it was not founded to the end and is refused at start. Validity periods nest: no
 * certificate outlives its issuer (EN 319 411-1 V1.5.1, GEN-6.3.3-05).
 */
import { existsSync } from 'node:fs'
import { type CryptoModule, foundModule } from '@natsuin/crypto-module'
import { buildTbsCertificate, parseCertificate } from '@natsuin/pki/x509'
import { moduleChoice } from '@natsuin/protocol/node'
import { addressesUnder, type PublicAddresses } from '../ca/addresses.ts'
import type { IssuingAuthority } from '../ca/authority.ts'
import { keepAuthority } from '../ca/authority-certificates.ts'
import { publishFirstCrl, ROOT_CRL_HOURS } from '../ca/crl.ts'
import { signPrepared } from '../ca/issue.ts'
import { type Issuer, type SigningKey, signTbs } from '../ca/issuer.ts'
import { policies } from '../ca/policies.ts'
import { PreparedCertificate } from '../ca/prepare.ts'
import { issuingProfile, ocspProfile, rootProfile, timeStampProfile } from '../ca/profile.ts'
import { Register } from '../ca/register.ts'
import { newSerialNumber } from '../ca/serial-number.ts'
import { type Validity, validityFrom } from '../ca/validity.ts'
import type { Configuration } from '../config/schema.ts'
import { type AuthorityName, authorityKeys, sealKeyLabel } from '../module/keys.ts'
import type { Surroundings } from '../open-authorities.ts'
import { recordSeal } from '../store/record-seal.ts'
import { createSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'

/** Returns the root certificate, DER. @throws Error when anything of an earlier founding is there */
export async function found(
  configuration: Configuration,
  { clocks, log, environment }: Pick<Surroundings, 'clocks' | 'log' | 'environment'>,
): Promise<Uint8Array> {
  checkNothingThere(configuration)
  const now = () => new Date(clocks.wall())
  const module = await foundModule(await moduleChoice(configuration.module, log), environment)
  try {
    await module.createMacKey(sealKeyLabel)
    const store = createSqliteStore(configuration.store.sqlite)
    try {
      return await foundAuthorities({ configuration, module, store, now })
    } finally {
      await store.close()
    }
  } finally {
    await module.close()
  }
}

function checkNothingThere({ store, crlFile, rootCrlFile }: Configuration): void {
  const there = [store.sqlite, crlFile, rootCrlFile].filter(path => existsSync(path))
  if (there.length > 0) throw new Error(`there are authorities already: ${there.join(', ')}`)
}

interface Founding {
  readonly configuration: Configuration
  readonly module: CryptoModule
  readonly store: Store
  readonly now: () => Date
}

/** Years of 365 days. The root outlives the issuing CA, whose end cuts everything below it. */
const ROOT_DAYS = 20 * 365
const ISSUING_DAYS = 10 * 365
const TIME_STAMP_KEY_DAYS = 5 * 365

async function foundAuthorities(founding: Founding): Promise<Uint8Array> {
  const { configuration, module, store, now } = founding
  const seal = await recordSeal(module)
  const addresses = addressesUnder(configuration.public.baseUrl)
  const root = await foundRoot(founding)
  const issuer = await foundIssuing(founding, root, addresses)
  const { rootCrlFile, crlFile, crlValidityHours } = configuration
  await publishFirstCrl({ module, issuer: root, file: rootCrlFile, validityHours: ROOT_CRL_HOURS, now })
  await publishFirstCrl({ module, issuer, file: crlFile, validityHours: crlValidityHours, now })
  const authority = { module, issuer, register: new Register(store, seal), addresses, now }
  const ocsp = await foundOcsp(founding, authority)
  const tsa = await foundTimeStamping(founding, authority)
  await keepAuthority(store, seal, 'ocsp', ocsp)
  await keepAuthority(store, seal, 'tsa', tsa)
  await keepAuthority(store, seal, 'issuing', issuer.certificate.bytes)
  await keepAuthority(store, seal, 'root', root.certificate.bytes)
  return root.certificate.bytes
}

async function foundRoot({ configuration, module, now }: Founding): Promise<Issuer> {
  const key = await newKey(module, 'root')
  const validity = validityFrom(now(), ROOT_DAYS)
  const serialNumber = await newSerialNumber(module, key.spki)
  const tbs = buildTbsCertificate(await rootProfile({ serialNumber, validity, names: configuration, key }))
  return { key, certificate: parseCertificate(await signTbs(module, key, tbs)) }
}

async function foundIssuing(
  { configuration, module, now }: Founding,
  root: Issuer,
  addresses: PublicAddresses,
): Promise<Issuer> {
  const key = await newKey(module, 'issuing')
  const validity = validityFrom(now(), ISSUING_DAYS, root.certificate.notAfter)
  const parts = {
    serialNumber: await newSerialNumber(module, key.spki),
    validity,
    addresses,
    names: configuration,
  }
  const tbs = buildTbsCertificate(await issuingProfile({ ...parts, spki: key.spki, issuer: root }))
  return { key, certificate: parseCertificate(await signTbs(module, root.key, tbs)) }
}

async function foundOcsp(
  { configuration: names }: Founding,
  authority: IssuingAuthority,
): Promise<Uint8Array> {
  const { spki } = await newKey(authority.module, 'ocsp')
  const profile = await ocspProfile({ ...(await serviceParts(authority, spki)), names, spki })
  return issueToService(authority, profile, 'ocsp')
}

async function foundTimeStamping(
  { configuration: names }: Founding,
  authority: IssuingAuthority,
): Promise<Uint8Array> {
  const { module, now } = authority
  const { spki } = await newKey(module, 'tsa')
  const parts = await serviceParts(authority, spki)
  const keyValidity = validityFrom(now(), TIME_STAMP_KEY_DAYS, parts.validity.notAfter)
  const { softwareModule } = module.description
  const policy = softwareModule ? policies.testTimeStampUnit : policies.timeStampUnit
  const profile = await timeStampProfile({ ...parts, names, spki, keyValidity, policy })
  return issueToService(authority, profile, 'tsa')
}

async function serviceParts({ module, issuer, addresses, now }: IssuingAuthority, spki: Uint8Array) {
  const validity: Validity = validityFrom(now(), ISSUING_DAYS, issuer.certificate.notAfter)
  return { serialNumber: await newSerialNumber(module, spki), validity, addresses, issuer }
}

/** By the same two steps as a signer's certificate: recorded as prepared, then signed, then recorded as issued. */
async function issueToService(
  authority: IssuingAuthority,
  profile: Awaited<ReturnType<typeof ocspProfile>>,
  name: 'ocsp' | 'tsa',
): Promise<Uint8Array> {
  const holder = { kind: 'service', name } as const
  const prepared = await PreparedCertificate.prepare(authority, profile, holder, () => [])
  if (prepared === undefined) throw new Error(`the key of ${name} is certified already`)
  return (await signPrepared(authority, prepared)).certificate
}

async function newKey(module: CryptoModule, name: AuthorityName): Promise<SigningKey> {
  const { label, type, algorithm } = authorityKeys[name]
  return { label, algorithm, spki: await module.createSigningKey(label, type) }
}
