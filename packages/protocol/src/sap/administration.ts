/**
 * The administrative channel of the SAM: a door of its own, on its host alone, with methods of its own.
 *
 * Who may open the door may ask; what takes effect is what people of the roster approve with their passkeys. It is
 * apart from the door of `server` so that power can be taken away also when `server` is down, or somebody else's.
 */
import { act, administrativeRequest } from '../administration/index.ts'
import { identifier, keyTypeName, subjectAttributes } from '../approval/index.ts'
import { roster } from '../genesis/index.ts'
import { sharedBackup } from '../keys/index.ts'
import { BLOCK_LEAVES, logName } from '../log/index.ts'
import { base64url, integer, list, oneOf, optional, record, type Shaped, text } from '../shape/shape.ts'
import { sapMethods } from './methods.ts'

const digest = base64url({ min: 32, max: 32 })
const nothing = record({})
const problem = text({ max: 2000 })
const reason = text({ max: 64 })
const count = integer({ min: 0, max: 2 ** 50 })
const person = record({ id: identifier, name: text({ max: 255 }) })

const checkpoint = text({ max: 4096 })
const signedHead = record({ log: logName, checkpoint })

/** A request on its way. */
export const proposal = record({
  /** SHA-256 of the request, in base64url. */
  requestId: identifier,
  request: administrativeRequest,
  /** How many people have to approve it. */
  needed: integer({ min: 1, max: 20 }),
  /** Who may. */
  approvers: list(person, { max: 200 }),
  /** Who did. */
  approvals: list(identifier, { max: 200 }),
  state: oneOf('open', 'done', 'failed'),
  /** Code of the refusal that it ended in. */
  failure: optional(reason),
})

const amendment = record({
  /** Of the roster that it led to. */
  version: integer({ min: 2, max: 2 ** 31 }),
  rosterDigest: digest,
  request: administrativeRequest,
  approvers: list(person, { min: 1, max: 20 }),
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  at: integer({ min: 0, max: 2 ** 50 }),
})

export const administrationMethods = {
  info: sapMethods.info,
  'roster/read': { request: nothing, response: record({ roster, digest }) },
  /** What changed the roster since genesis, oldest first. */
  'roster/amendments': {
    request: nothing,
    response: record({ amendments: list(amendment, { max: 100_000 }) }),
  },
  /** Puts a request before those who may approve it; if there are problems, there is no proposal. */
  propose: {
    request: record({ act, reason: text({ max: 500 }), minutes: integer({ min: 1, max: 10_080 }) }),
    response: record({ proposal: optional(proposal), problems: list(problem, { max: 1000 }) }),
  },
  'proposals/read': { request: record({ requestId: identifier }), response: record({ proposal }) },
  'proposals/list': { request: nothing, response: record({ proposals: list(proposal, { max: 1000 }) }) },
  'proposals/withdraw': { request: record({ requestId: identifier }), response: nothing },
  /** As at the door of `server`, for approvals that are carried by hand. */
  'tickets/administer': sapMethods['tickets/administer'],
  administer: sapMethods.administer,
  'credentials/revoke': sapMethods['credentials/revoke'],
  /** Whose it is, what of it an authority certifies, and how far that is. */
  'credentials/read': {
    request: record({ credentialId: identifier }),
    response: record({
      signerId: identifier,
      subject: subjectAttributes,
      level: oneOf(1, 2, 3),
      keyType: keyTypeName,
      publicKeyDigest: digest,
      /** PKCS #10, DER, once it was made. */
      certificationRequest: optional(base64url({ max: 8192 })),
      /** Of the certificate that is linked. */
      certificateDigest: optional(digest),
    }),
  },
  'certificates/link': sapMethods['certificates/link'],
  /** A restoration that waits for people to agree. */
  'restoration/read': {
    request: nothing,
    response: record({
      pending: optional(
        record({
          restorationDigest: digest,
          restoredAt: integer({ min: 0, max: 2 ** 40 }),
          stateSize: count,
          newestAt: count,
        }),
      ),
    }),
  },
  /** The backup of a master key that a rotation made. */
  'backups/read': { request: record({ label: identifier }), response: record({ backup: sharedBackup }) },
  /** Which master key there is. */
  'master-key/read': {
    request: nothing,
    response: record({
      label: identifier,
      /** While keys are being moved from under the one before. */
      rotation: optional(
        record({
          retiring: identifier,
          /** How many credentials this SAM has looked at, of how many. */
          looked: count,
          total: count,
          /** Credentials whose keys could not be moved. */
          heldUp: list(identifier, { max: 10_000_000 }),
        }),
      ),
    }),
  },
  /** Erases what is kept of a signer, once nobody can be bound to keep it. */
  'signers/erase': {
    request: record({ signerId: identifier }),
    /** How many records were his. */
    response: record({ records: count }),
  },
  /** Every log of the deployment, the state log first, with a signed head: what an export is of. */
  'audit/logs': {
    request: nothing,
    response: record({
      samKey: base64url({ min: 60, max: 200 }),
      logs: list(signedHead, { min: 2, max: 1000 }),
    }),
  },
  /** One block of a log, the last one as long as it is. */
  'audit/leaves': {
    request: record({ log: logName, block: integer({ min: 0, max: 2 ** 42 }) }),
    response: record({
      leaves: list(base64url({ max: 100_000 }), { max: BLOCK_LEAVES }),
      /** Root of the block's tree, once it is complete. */
      root: optional(digest),
    }),
  },
  /** Has the SAM move leaves of its activity log that are older than this from the database to its archive. */
  'audit/archive': {
    request: record({
      /** Milliseconds since 1970-01-01T00:00:00Z. */
      before: integer({ min: 0, max: 2 ** 50 }),
    }),
    /** How many leaves are in the archive then. */
    response: record({ size: integer({ min: 0, max: 2 ** 50 }) }),
  },
  /** That a log goes on from a head of it that somebody kept: RFC 9162, 2.1.4. */
  'audit/consistency': {
    request: record({ log: logName, size: integer({ min: 1, max: 2 ** 50 }) }),
    response: record({ checkpoint, proof: list(digest, { max: 63 }) }),
  },
} as const

export type AdministrationMethods = typeof administrationMethods
export type AdministrationMethod = keyof AdministrationMethods
export type AdministrationRequest<M extends AdministrationMethod> = Shaped<
  AdministrationMethods[M]['request']
>
export type AdministrationResponse<M extends AdministrationMethod> = Shaped<
  AdministrationMethods[M]['response']
>
export type Proposal = Shaped<typeof proposal>
export type Amendment = Shaped<typeof amendment>
