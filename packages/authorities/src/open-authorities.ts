/**
 * Opens what `found` made: module, store, seal, the authorities and their CRLs. Composition only.
 */
import {
  type CryptoModule,
  type Environment,
  meteredModule,
  type ObserveModuleCall,
  openModule,
} from '@natsuin/crypto-module'
import type { Certificate } from '@natsuin/pki/x509'
import { type Log, logModule, moduleChoice } from '@natsuin/protocol/node'
import { addressesUnder } from './ca/addresses.ts'
import type { SignerCertification } from './ca/authority.ts'
import { loadAuthority } from './ca/authority-certificates.ts'
import { CrlPublisher, ROOT_CRL_HOURS } from './ca/crl.ts'
import type { RevocationEntries } from './ca/crl-content.ts'
import type { Issuer } from './ca/issuer.ts'
import { OneAtATime } from './ca/one-at-a-time.ts'
import { policies } from './ca/policies.ts'
import { Register } from './ca/register.ts'
import type { Configuration } from './config/schema.ts'
import type { AuthorityName } from './module/keys.ts'
import { issuerNamesOf, type OcspResponder } from './ocsp/respond.ts'
import { withOutages } from './store/outages.ts'
import { recordSeal } from './store/record-seal.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'
import { TimeStampSerialNumbers, timeStampFloor } from './tsa/serial-numbers.ts'
import type { TimeStampingUnit } from './tsa/time-stamp.ts'
import { type Clocks, TrustedClock } from './tsa/trusted-clock.ts'

export interface Surroundings {
  readonly clocks: Clocks
  readonly log: Log
  readonly environment: Environment
  /** Told of every call to the crypto module. */
  readonly onModuleCall?: ObserveModuleCall
  /** Told when nobody knows any more what is on the disk: this process must not go on. */
  readonly onUntrustedDisk: (fault: unknown) => void
}

/** Everything that was founded, opened and checked, and connected. */
export interface Authorities {
  readonly authority: SignerCertification
  readonly crl: CrlPublisher
  readonly rootCrl: CrlPublisher
  readonly root: Uint8Array
  readonly certificates: Readonly<Record<AuthorityName, Certificate>>
  readonly timeStamping: Uint8Array
  readonly responder: OcspResponder
  readonly unit: TimeStampingUnit
  readonly keys: OneAtATime
  readonly log: Log
}

/**
 * @param stack what was opened is closed with it, whatever else happens
 * @throws Error when anything that `found` made is missing or altered
 */
export async function openAuthorities(
  configuration: Configuration,
  samKey: Uint8Array,
  { clocks, log, environment, onModuleCall, onUntrustedDisk }: Surroundings,
  stack: AsyncDisposableStack,
): Promise<Authorities> {
  const now = () => new Date(clocks.wall())
  const opened = await openModule(await moduleChoice(configuration.module, log), environment, logModule(log))
  const module = onModuleCall === undefined ? opened : meteredModule(opened, onModuleCall)
  stack.defer(() => module.close())
  const store = withOutages(openSqliteStore(configuration.store.sqlite), onUntrustedDisk)
  stack.defer(() => store.close())
  const seal = await recordSeal(module)
  const load = (name: AuthorityName) => loadAuthority(store, seal, module, name)
  const [root, issuer, ocsp, tsa] = [
    await load('root'),
    await load('issuing'),
    await load('ocsp'),
    await load('tsa'),
  ]
  const register = new Register(store, seal)
  const { crlFile, crlValidityHours, rootCrlFile, deployment, maxLevel } = configuration
  const known = await revokedInRegister(register, log)
  const crl = await CrlPublisher.open(
    { module, issuer, file: crlFile, validityHours: crlValidityHours, now },
    known,
  )
  const rootCrl = await CrlPublisher.open(
    { module, issuer: root, file: rootCrlFile, validityHours: ROOT_CRL_HOURS, now },
    new Map(),
  )
  const addresses = addressesUnder(configuration.public.baseUrl)
  const validityDays = configuration.signerValidityDays
  const policy = { samKey, deployment, maxLevel }
  const issuerNames = await issuerNamesOf(issuer.certificate)
  const validitySeconds = configuration.ocspValiditySeconds
  return {
    authority: { module, issuer, register, crl, addresses, now, policy, validityDays },
    crl,
    rootCrl,
    root: root.certificate.bytes,
    certificates: {
      root: root.certificate,
      issuing: issuer.certificate,
      ocsp: ocsp.certificate,
      tsa: tsa.certificate,
    },
    timeStamping: tsa.certificate.bytes,
    responder: { module, delegate: ocsp, issuerNames, register, crl, now, validitySeconds },
    unit: await openUnit({ configuration, module, store, tsa, issuer, clocks }),
    keys: new OneAtATime(),
    log,
  }
}

/** Rows whose seal does not hold are reported: the CRL file, not they, says whether they stay revoked. */
async function revokedInRegister(register: Register, log: Log): Promise<RevocationEntries> {
  const { records, altered } = await register.revoked()
  if (altered > 0) log('error', 'records-altered', { altered })
  return new Map(records.map(({ serial, revokedAt, reason }) => [serial, { revokedAt, reason }]))
}

async function openUnit(parts: {
  readonly configuration: Configuration
  readonly module: CryptoModule
  readonly store: Store
  readonly tsa: Issuer
  readonly issuer: Issuer
  readonly clocks: Clocks
}): Promise<TimeStampingUnit> {
  const { configuration, module, store, tsa, issuer, clocks } = parts
  const { clockToleranceMilliseconds: toleranceMilliseconds } = configuration
  const floor = await timeStampFloor(store)
  return {
    module,
    key: tsa.key,
    certificate: tsa.certificate,
    chain: [issuer.certificate.bytes],
    policy: module.description.softwareModule ? policies.testTimeStamp : policies.timeStamp,
    clock: new TrustedClock({ clocks, toleranceMilliseconds, floor }),
    serialNumbers: new TimeStampSerialNumbers(store),
  }
}
