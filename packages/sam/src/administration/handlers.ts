/** The methods of the administrative channel and what answers them. */
import type { Handlers } from '@natsuin/protocol/node'
import type {
  AdministrationMethods,
  AdministrationRequest,
  AdministrationResponse,
} from '@natsuin/protocol/sap'
import { archiveLog } from '../audit/archive-log.ts'
import { listLogs, proveConsistency, readLeaves } from '../audit/export.ts'
import { linkCertificate } from '../credentials/link-certificate.ts'
import { readCredential } from '../credentials/read-credential.ts'
import { revokeCredential } from '../credentials/revoke.ts'
import { eraseSigner } from '../erasure/erase-signer.ts'
import { describe, handlersOf } from '../handlers.ts'
import { readBackup } from '../keys/backup/read-backup.ts'
import { readRestoration } from '../keys/backup/resume.ts'
import { readMasterKey } from '../keys/master-key/read-master-key.ts'
import type { Sam } from '../sam.ts'
import { administer } from './administer.ts'
import { issueAdministerTicket } from './issue-ticket.ts'
import { listProposals, propose, readProposal, withdrawProposal } from './propose.ts'
import { readAmendments, readRoster } from './read-roster.ts'

type Operations = {
  readonly [M in keyof AdministrationMethods]: (
    sam: Sam,
    request: AdministrationRequest<M>,
  ) => Promise<AdministrationResponse<M>>
}

const OPERATIONS: Operations = {
  info: async sam => describe(sam),
  'roster/read': readRoster,
  'roster/amendments': readAmendments,
  propose,
  'proposals/read': readProposal,
  'proposals/list': listProposals,
  'proposals/withdraw': withdrawProposal,
  'tickets/administer': issueAdministerTicket,
  administer,
  'credentials/revoke': revokeCredential,
  'credentials/read': readCredential,
  'certificates/link': linkCertificate,
  'restoration/read': readRestoration,
  'backups/read': readBackup,
  'master-key/read': readMasterKey,
  'signers/erase': eraseSigner,
  'audit/logs': listLogs,
  'audit/leaves': readLeaves,
  'audit/consistency': proveConsistency,
  'audit/archive': archiveLog,
}

export function administrationHandlers(sam: Sam): Handlers<AdministrationMethods> {
  return handlersOf<AdministrationMethods>(sam, OPERATIONS)
}
