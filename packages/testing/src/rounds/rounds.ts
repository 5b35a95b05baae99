/**
 * How often randomised, concurrent and kill tests repeat: one table for all of them, with a column for every
 * run of the tests and one for a soak of hours. A test asks for its row by name, so that nobody has to search
 * the tests to know how thorough a run was.
 */
import { randomInt } from 'node:crypto'

interface Row {
  readonly test: number
  readonly soak: number
}

const ROUNDS = {
  /** Cases of one property (fast-check `numRuns`). */
  property: { test: 200, soak: 100_000 },
  /** Mutated inputs fed to one parser. */
  mutation: { test: 2_000, soak: 1_000_000 },
  /** Requests to any endpoint that nobody would send who means well (threats T-DOS-10). */
  hostileRequests: { test: 1_500, soak: 1_000_000 },
  /** Requests of each method that are made up from an OpenAPI document, at most. */
  madeUpRequests: { test: 15, soak: 5_000 },
  /** Fresh random RSA moduli that no rule may find weak. */
  moduli: { test: 30, soak: 10_000 },
  /** Parallel attempts to spend the same thing twice. */
  race: { test: 20, soak: 2_000 },
  /** Guesses of one code at once. */
  parallelGuesses: { test: 40, soak: 1_000 },
  /** Revocations while a signer's signatures are under way. */
  revocation: { test: 4, soak: 400 },
  /** Orders in which things that run at once may come. */
  schedule: { test: 60, soak: 1_000 },
  /** Histories that a SAM and its reference have to agree on. */
  model: { test: 12, soak: 20_000 },
  /** Leaves of a log of 10,000 that are edited, each in an export of its own. */
  sampledLeaves: { test: 5, soak: 10_000 },
  /** Times that a log is archived while it is written. */
  archiving: { test: 10, soak: 100 },
  /** Altered and guessed SADs. */
  forgery: { test: 10_000, soak: 1_000_000 },
  /** Bearer values of which no two may be the same. */
  bearer: { test: 100_000, soak: 1_000_000 },
  /** Signatures of one key of which no two may share their secret number. */
  nonce: { test: 400, soak: 1_000_000 },
  /** Generated keys of which no two may be the same. */
  generation: { test: 50, soak: 100_000 },
  /** Signatures for many signers at once, each of which has to be its own. */
  mixUp: { test: 600, soak: 1_000_000 },
  /** Signers who come at the same time to a module that serves few at a time. */
  signers: { test: 200, soak: 1_000 },
  /** Seconds for which a device answers with errors. */
  outageSeconds: { test: 1, soak: 30 },
  /** Kills of one process at one point of the protocol. */
  kill: { test: 1, soak: 200 },
  /** Outages of one kind under load: of the database, the disk, the network, the clock. */
  outage: { test: 1, soak: 100 },
  /** Calls to the file system of the log's writer, of which each fails once. */
  failingCall: { test: 40, soak: 10_000 },
  /** Of the statements of a change of a schema, every which one a process is killed before. */
  migration: { test: 7, soak: 1 },
  /** Signatures after which nothing may have grown: memory, descriptors, sessions. */
  endurance: { test: 200, soak: 1_000_000 },
} as const satisfies Record<string, Row>

export type RoundName = keyof typeof ROUNDS

/** How many rounds the named kind of test runs now. `NATSUIN_ROUNDS` (set by `npm test`) chooses the column. */
export function rounds(name: RoundName, column = process.env['NATSUIN_ROUNDS'] ?? 'test'): number {
  if (column !== 'test' && column !== 'soak') throw new Error(`NATSUIN_ROUNDS is test or soak, not ${column}`)
  return ROUNDS[name][column]
}

const MAX_SEED = 2 ** 31

/**
 * The seed of this process's randomised tests: `NATSUIN_SEED` if given, otherwise a new one. Printed once, so
 * that a failure can be repeated.
 */
export function seed(): number {
  chosenSeed ??= chooseSeed(process.env['NATSUIN_SEED'])
  return chosenSeed
}

let chosenSeed: number | undefined

function chooseSeed(given: string | undefined): number {
  const value = given === undefined ? randomInt(MAX_SEED) : Number(given)
  if (!Number.isSafeInteger(value)) throw new Error(`NATSUIN_SEED is a whole number, not ${given}`)
  console.log(`NATSUIN_SEED=${value}`)
  return value
}
