/**
 * What each role may do: a table, and whatever is not in it nobody may (EN 419 241-1:2018, SRG_M.1.1).
 *
 * No row lets anybody use a signer's key, enrol a passkey for him or read what he signs: there is no such operation
 * for people of the roster (T-ADM-01). Operators and auditors change nothing (SRG_M.1.2).
 */
import type { ActKind, ChangeKind } from '@natsuin/protocol/administration'
import type { Person, Role } from '@natsuin/protocol/genesis'

/** To vouch for somebody who is to be enrolled; to approve a change of the roster, or another act. */
export type PrivilegedOperation = 'vouch' | ChangeKind | Exclude<ActKind, 'amend'>

const SECURITY: readonly Role[] = ['security-officer']
/** Who installs and configures has a say in what names no person and lowers no bar. */
const CONFIGURATION: readonly Role[] = ['security-officer', 'system-administrator']

const PERMITTED: Readonly<Record<PrivilegedOperation, readonly Role[]>> = {
  vouch: ['registration-officer'],
  'person-add': SECURITY,
  'person-remove': SECURITY,
  'person-roles': SECURITY,
  'passkey-add': SECURITY,
  'passkey-remove': SECURITY,
  'quorum-set': SECURITY,
  'class-set': SECURITY,
  'class-remove': SECURITY,
  'client-set': CONFIGURATION,
  'client-remove': CONFIGURATION,
  'provider-set': SECURITY,
  'provider-remove': SECURITY,
  'trust-anchor-add': SECURITY,
  'trust-anchor-remove': SECURITY,
  'issuer-set': SECURITY,
  'level-set': SECURITY,
  'limits-set': CONFIGURATION,
  'rotate-master-key': SECURITY,
  'request-certificates': SECURITY,
  'resume-after-restore': SECURITY,
}

export function mayDo({ roles }: Pick<Person, 'roles'>, operation: PrivilegedOperation): boolean {
  return roles.some(role => PERMITTED[operation].includes(role))
}
