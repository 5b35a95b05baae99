/**
 * That the stored roster is the one in force, before anything that rests on people is begun (T-ADM-07).
 *
 * The one in force is in memory and nobody can reach it there; but a stored one that differs says that somebody writes
 * to the database who should not, and that the next start would be refused. The operator is told.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type { Sam } from '../sam.ts'

/** @throws Refusal `record-altered` */
export async function checkStoredRoster({ rosters, alert }: Pick<Sam, 'rosters' | 'alert'>): Promise<void> {
  try {
    await rosters.checkStored()
  } catch (error) {
    if (error instanceof Refusal) alert('roster-altered', { code: error.code })
    throw error
  }
}
