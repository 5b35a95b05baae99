/**
 * The register of the SAMs in PostgreSQL.
 *
 * It has a connection of its own, so that a renewal never waits behind a commit, and answers within a lease or not at
 * all. A row need not survive a crash of the database: who wrote it knows.
 */
import type pg from 'pg'
import type { SamRegister, SamRow } from './sam-register.ts'

export const REGISTER_SCHEMA = `
  CREATE TABLE natsuin_sam.sams (
    instance text PRIMARY KEY, boot_id text NOT NULL, renewal bigint NOT NULL, state_size bigint NOT NULL
  );
`

const SQL = {
  enter: `INSERT INTO natsuin_sam.sams (instance, boot_id, renewal, state_size) VALUES ($1, $2, 0, $3)
    ON CONFLICT DO NOTHING`,
  renew: `UPDATE natsuin_sam.sams SET renewal = renewal + 1, state_size = $3
    WHERE instance = $1 AND boot_id = $2`,
  all: 'SELECT instance, boot_id, renewal, state_size FROM natsuin_sam.sams',
  expel: 'DELETE FROM natsuin_sam.sams WHERE instance = $1 AND boot_id = $2 AND renewal = $3',
  leave: 'DELETE FROM natsuin_sam.sams WHERE instance = $1 AND boot_id = $2',
} as const

export class PostgresRegister implements SamRegister {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async enter({ instance, bootId, stateSize }: Omit<SamRow, 'renewal'>): Promise<boolean> {
    const { rowCount } = await this.#query('enter', [instance, bootId, stateSize])
    return rowCount === 1
  }

  async renew({ instance, bootId, stateSize }: Omit<SamRow, 'renewal'>): Promise<boolean> {
    const { rowCount } = await this.#query('renew', [instance, bootId, stateSize])
    return rowCount === 1
  }

  async all(): Promise<readonly SamRow[]> {
    const { rows } = await this.#query<Row>('all', [])
    return rows.map(({ instance, boot_id: bootId, renewal, state_size: stateSize }) => ({
      instance,
      bootId,
      renewal: Number(renewal),
      stateSize: Number(stateSize),
    }))
  }

  async expel({ instance, bootId, renewal }: SamRow): Promise<boolean> {
    const { rowCount } = await this.#query('expel', [instance, bootId, renewal])
    return rowCount === 1
  }

  async leave({ instance, bootId }: Pick<SamRow, 'instance' | 'bootId'>): Promise<void> {
    await this.#query('leave', [instance, bootId])
  }

  #query<R extends pg.QueryResultRow>(name: keyof typeof SQL, values: unknown[]) {
    return this.#pool.query<R>({ name: `sams-${name}`, text: SQL[name], values })
  }
}

interface Row {
  readonly instance: string
  readonly boot_id: string
  /** bigint, which pg gives as text. */
  readonly renewal: string
  readonly state_size: string
}
