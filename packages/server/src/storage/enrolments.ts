/** Enrolments on their way. Each step is a conditional update, so two processes never do the same step twice. */
import type { Kysely } from 'kysely'
import type { EnrolmentRow, Tables } from './tables.ts'

export type EnrolmentState = 'submitted' | 'enrolled' | 'issued' | 'linked'
export type Enrolment = Readonly<Omit<EnrolmentRow, 'state'>> & { readonly state: EnrolmentState }

export interface EnrolmentRepository {
  /** Records the submission, or returns the enrolment that is there. */
  submit(grantId: string, submissionDigest: string, now: number): Promise<Enrolment>
  /** Starts over with another submission while the SAM has not answered; false when it has. */
  replaceSubmission(grantId: string, submissionDigest: string, now: number): Promise<boolean>
  /** Keeps the SAM's answer. */
  enrolled(grantId: string, enrolled: string, now: number): Promise<void>
  /** Keeps the certificates of `authorities`. */
  issued(grantId: string, certificates: string, now: number): Promise<void>
  linked(grantId: string, now: number): Promise<void>
  /** Those that the SAM has accepted and that are not finished. */
  unfinished(): Promise<readonly Enrolment[]>
}

export function enrolmentRepository(tables: Kysely<Tables>): EnrolmentRepository {
  const find = (grantId: string) =>
    tables.selectFrom('enrolments').selectAll().where('grant_id', '=', grantId).executeTakeFirstOrThrow()
  return {
    submit: async (grantId, submissionDigest, now) => {
      const fresh = {
        grant_id: grantId,
        state: 'submitted',
        submission_digest: submissionDigest,
        updated_at: now,
      }
      await tables
        .insertInto('enrolments')
        .values(fresh)
        .onConflict(conflict => conflict.doNothing())
        .execute()
      return enrolment(await find(grantId))
    },
    replaceSubmission: async (grantId, submissionDigest, now) => {
      const { numUpdatedRows } = await tables
        .updateTable('enrolments')
        .set({ submission_digest: submissionDigest, updated_at: now })
        .where('grant_id', '=', grantId)
        .where('state', '=', 'submitted')
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    enrolled: (grantId, enrolled, now) =>
      step(tables, grantId, 'submitted', { state: 'enrolled', enrolled, updated_at: now }),
    issued: (grantId, certificates, now) =>
      step(tables, grantId, 'enrolled', { state: 'issued', certificates, updated_at: now }),
    linked: (grantId, now) => step(tables, grantId, 'issued', { state: 'linked', updated_at: now }),
    unfinished: async () => {
      const rows = await tables
        .selectFrom('enrolments')
        .selectAll()
        .where('state', 'in', ['enrolled', 'issued'])
        .execute()
      return rows.map(enrolment)
    },
  }
}

/** A step that another process took first changes nothing: both got the same answer. */
async function step(
  tables: Kysely<Tables>,
  grantId: string,
  from: EnrolmentState,
  to: Partial<EnrolmentRow>,
): Promise<void> {
  await tables
    .updateTable('enrolments')
    .set(to)
    .where('grant_id', '=', grantId)
    .where('state', '=', from)
    .execute()
}

// Only this file writes the column, and only with these words.
const enrolment = (row: EnrolmentRow): Enrolment => ({ ...row, state: row.state as EnrolmentState })
