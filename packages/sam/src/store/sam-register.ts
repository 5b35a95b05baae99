/**
 * The SAMs that share a store, by the rows with which they tell each other how far they have read the state log.
 *
 * For an honest database: a row is not sealed, and whoever writes to the database can make a removal of power be
 * acknowledged early (sole-control 10).
 */
export interface SamRow {
  readonly instance: string
  /** Of the process that has the row. */
  readonly bootId: string
  /** Grows with every renewal: a row whose number stands still is that of a SAM that ended. */
  readonly renewal: number
  /** How much of the state log that SAM has taken over. */
  readonly stateSize: number
}

export interface SamRegister {
  /** Makes the row of this process; false when its instance has one. */
  enter(row: Omit<SamRow, 'renewal'>): Promise<boolean>
  /** False when this process has no row any more. */
  renew(row: Omit<SamRow, 'renewal'>): Promise<boolean>
  all(): Promise<readonly SamRow[]>
  /** Takes a row away; false when it was renewed since it was read. Its SAM cannot renew from then on. */
  expel(row: SamRow): Promise<boolean>
  /** Gives the row up. */
  leave(row: Pick<SamRow, 'instance' | 'bootId'>): Promise<void>
}
