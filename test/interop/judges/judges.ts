/** The judges, in the order of the table's columns. */
import { digidoc4j } from './digidoc4j/digidoc4j.ts'
import { dss } from './dss/dss.ts'
import type { Judge } from './judge.ts'
import { pyhanko } from './pyhanko/pyhanko.ts'

export const JUDGES: readonly Judge[] = [dss, pyhanko, digidoc4j]
