/**
 * What people of the roster can do together: every kind of act, and its rules (sole-control 8).
 *
 * The one place where a ceremony is added: a variant in `protocol/administration/request.ts`, a file with its rules, a
 * row here. Who may approve what is the table in `roster/permissions.ts`.
 */
import type { Act, ActKind } from '@natsuin/protocol/administration'
import { REQUEST_CERTIFICATES } from '../credentials/request-certificates.ts'
import { RESUME_AFTER_RESTORE } from '../keys/backup/resume.ts'
import { ROTATE_MASTER_KEY } from '../keys/master-key/rotate.ts'
import type { ActRules } from './act-rules.ts'
import { AMEND } from './amend.ts'

const ACTS: { readonly [K in ActKind]: ActRules<K> } = {
  amend: AMEND,
  'rotate-master-key': ROTATE_MASTER_KEY,
  'request-certificates': REQUEST_CERTIFICATES,
  'resume-after-restore': RESUME_AFTER_RESTORE,
}

/** The rules of an act's kind. */
export function rulesOf(act: Act): ActRules<ActKind> {
  // Each row takes the acts of the kind under which it stands.
  return ACTS[act.kind] as ActRules<ActKind>
}
