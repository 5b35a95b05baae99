/** What a service stands on: database and crypto module, as the demonstration has them and as production would. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoModule, createSoftwareModule, openPkcs11Module } from '@natsuin/crypto-module'
import { createSoftHsmToken, type SoftHsmToken } from '@natsuin/crypto-module/softhsm'
import {
  classOf,
  type Deployment,
  type Plan,
  startThrowaway,
  type TokenPlan,
} from '@natsuin/testing/deployment'
import { startPostgres } from '@natsuin/testing/postgres'

export interface Stack {
  /** As figures name it. */
  readonly name: string
  readonly moduleName: string
  readonly members: Pick<Plan, 'store' | 'module'>
  /** The module by itself, for its raw rate. */
  readonly module: CryptoModule
}

type Figures<T> = (stack: Stack) => Promise<readonly T[]>

/** The same measurement on both, one after the other. */
export async function onBothStacks<T>(
  tell: (what: string) => void,
  what: string,
  measure: Figures<T>,
): Promise<readonly T[]> {
  tell(`${what}: embedded database, software module`)
  const embedded = await onEmbedded(measure)
  tell(`${what}: PostgreSQL, SoftHSM`)
  return [...embedded, ...(await onProduction(measure))]
}

export async function onEmbedded<T>(measure: Figures<T>): Promise<readonly T[]> {
  const directory = mkdtempSync(join(tmpdir(), 'natsuin-bench-'))
  const module = await createSoftwareModule({ directory: join(directory, 'keys') })
  const members = { store: 'sqlite', module: 'software' } as const
  try {
    return await measure({ name: 'embedded + software', moduleName: 'software module', members, module })
  } finally {
    await module.close()
    rmSync(directory, { recursive: true })
  }
}

export async function onProduction<T>(measure: Figures<T>): Promise<readonly T[]> {
  await using ends = new AsyncDisposableStack()
  const postgres = await startPostgres({ fsync: true })
  ends.defer(() => postgres.stop())
  const sam = ends.adopt(await createSoftHsmToken(), token => token.remove())
  const authorities = ends.adopt(await createSoftHsmToken(), token => token.remove())
  const module = ends.adopt(await openPkcs11Module(sam.options), opened => opened.close())
  const store = {
    sam: await postgres.createDatabase('sam'),
    server: await postgres.createDatabase('server'),
  }
  const tokens = { sam: planOf(sam), authorities: planOf(authorities) }
  return await measure({
    name: 'PostgreSQL + SoftHSM',
    moduleName: 'SoftHSM',
    members: { store, module: tokens },
    module,
  })
}

function planOf({ options }: SoftHsmToken): TokenPlan {
  const { modulePath, tokenLabel, pinFile, environment = {} } = options
  return { modulePath, tokenLabel, pinFile, environment }
}

/** One approval allows this many signatures. */
export const APPROVED = 1000

/** A class whose approvals last as long as a measurement. */
export const PATIENT = { maxSignatures: APPROVED, sadSeconds: 3600 } as const

export async function withDeployment<T>(
  members: Partial<Plan>,
  use: (deployment: Deployment) => Promise<T>,
): Promise<T> {
  const deployment = await startThrowaway({ classes: [classOf(1, PATIENT)], maxLevel: 1, ...members })
  try {
    return await use(deployment)
  } finally {
    await deployment.stop()
  }
}
