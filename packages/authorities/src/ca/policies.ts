/**
 * Certificate and time-stamp policies (RFC 5280, 4.2.1.4; RFC 3161, 2.4.1) under an arc of our own.
 *
 * The arc is that of a UUID (ITU-T X.667: 2.25 and the UUID as a number), which needs no registration. The
 * branch says what a relying party must know first: whether this is a test. An operator who runs the built-in
 * authorities under a practice statement of his own registers an arc and changes this file.
 */
import type { KeyAttestation } from '@natsuin/protocol/issuance'

const ARC = '2.25.308632475581933700957293871142567329990'

/** Every policy we certify under, by purpose; the last arc of a signer's policy is the level. */
export const policies = {
  signer: `${ARC}.1`,
  testSigner: `${ARC}.2`,
  timeStampUnit: `${ARC}.3.1`,
  testTimeStampUnit: `${ARC}.3.2`,
  /** The policy that time-stamps say they were made under. */
  timeStamp: `${ARC}.4.1`,
  testTimeStamp: `${ARC}.4.2`,
  /** Keys that were elsewhere before: what is said of the others is not said of them. */
  importedSigner: `${ARC}.5`,
  testImportedSigner: `${ARC}.6`,
} as const

type Provenance = Pick<KeyAttestation, 'environment' | 'softwareModule' | 'level' | 'origin'>

/** A test environment and a software module are both named as tests: neither may be taken for the real thing. */
export function signerPolicy({ environment, softwareModule, level, origin }: Provenance): string {
  const purpose = environment === 'test' || softwareModule ? 'test' : 'real'
  return `${SIGNER_POLICIES[origin][purpose]}.${level}`
}

const SIGNER_POLICIES = {
  generated: { real: policies.signer, test: policies.testSigner },
  imported: { real: policies.importedSigner, test: policies.testImportedSigner },
} as const satisfies Record<KeyAttestation['origin'], unknown>
