/**
 * Verifies an export of a deployment's logs, offline, with the pinned SAM key and nothing else (threats, T-AUD-11).
 *
 * The code is the verifier's own: it shares message shapes with the SAM, and no line that writes a log. The state log
 * is read first: it names heads of the others, and says what their SAMs had to know.
 */
import type { Platform } from '@natsuin/pki/platform'
import {
  activityLeaf,
  activityLog,
  type LogName,
  originOf,
  STATE_LOG,
  stateLeaf,
  type TreeHead,
} from '@natsuin/protocol/log'
import { genuineHead } from '../checks/logs.ts'
import { checkSamKey } from '../checks/sam-key.ts'
import { cosignersOf } from '../checks/witnesses.ts'
import { BrokenLink, type Witnessed } from '../verdict.ts'
import { ActivityRecords, type KnownState } from './activity-records.ts'
import type { AuditQuestion, ExportedLog } from './question.ts'
import { type KnownHead, readLog } from './read-log.ts'
import { StateRecords } from './state-records.ts'
import {
  type AuditedLog,
  type AuditFacts,
  AuditFailure,
  type AuditReason,
  type AuditVerdict,
} from './verdict.ts'

/** Never throws for a bad export: what is wrong is in the verdict. What reading the leaves throws is passed on. */
export async function verifyAudit(question: AuditQuestion): Promise<AuditVerdict> {
  try {
    return { valid: true, facts: await establish(question) }
  } catch (error) {
    if (!(error instanceof AuditFailure)) throw error
    return { valid: false, reason: error.reason, detail: error.message, place: error.place }
  }
}

interface SignedLog {
  readonly log: ExportedLog
  readonly head: TreeHead
  readonly witnesses: readonly Witnessed[]
}

async function establish(question: AuditQuestion): Promise<AuditFacts> {
  const { platform, samKey, samKeyDigest } = question
  await translated(() => checkSamKey(samKey, samKeyDigest, platform))
  const signed = await Promise.all(question.logs.map(log => readHead(log, question)))
  checkOrigins(signed)
  const kept = await keptHeads(question, signed)
  const state = signed.find(({ log }) => log.name === STATE_LOG)
  const activities = signed.filter(one => one !== state)
  if (state === undefined) return judge(activities, { kept, named: new Map(), known: undefined, platform })
  const records = new StateRecords()
  const contents = await readLog(state.log, {
    head: state.head,
    known: kept.get(STATE_LOG) ?? [],
    shape: stateLeaf,
    judge: (leaf, index) => records.judge(leaf, index),
    platform,
  })
  const named = await namedHeads(records, state.head.origin, question)
  checkNoneMissing(activities, named)
  const known = { size: state.head.size, records }
  const { logs } = await judge(activities, { kept, named, known, platform })
  const { size } = state.head
  const first = { name: STATE_LOG, size, ...contents, witnesses: state.witnesses, open: 0 }
  return { logs: [first, ...logs], compared: true }
}

type Heads = ReadonlyMap<LogName, readonly KnownHead[]>

interface Beside {
  readonly kept: Heads
  readonly named: Heads
  readonly known: KnownState | undefined
  readonly platform: Platform
}

async function judge(activities: readonly SignedLog[], beside: Beside): Promise<AuditFacts> {
  const { kept, named, known, platform } = beside
  const logs: AuditedLog[] = []
  for (const { log, head, witnesses } of activities) {
    const records = new ActivityRecords(known)
    const contents = await readLog(log, {
      head,
      known: [...(kept.get(log.name) ?? []), ...(named.get(log.name) ?? [])],
      shape: activityLeaf,
      judge: leaf => records.judge(leaf),
      platform,
    })
    logs.push({ name: log.name, size: head.size, ...contents, witnesses, open: records.open })
  }
  return { logs, compared: known !== undefined }
}

async function readHead(log: ExportedLog, question: AuditQuestion): Promise<SignedLog> {
  const { samKey, platform } = question
  const head = await translated(() => genuineHead(log.checkpoint, samKey, platform))
  return { log, head, witnesses: await translated(() => cosignersOf([log.checkpoint], question)) }
}

/** That they are the logs of one deployment, each the one that it is called, and none there twice. */
function checkOrigins(signed: readonly SignedLog[]): void {
  const [first] = signed
  if (first === undefined) throw new AuditFailure('log-missing', 'there is no log')
  const logOrigin = first.head.origin.slice(0, -originOf('', first.log.name).length)
  const names = new Set(signed.map(({ log }) => log.name))
  if (names.size < signed.length) throw new AuditFailure('log-of-another', 'a log is there twice')
  for (const { log, head } of signed) {
    if (head.origin !== originOf(logOrigin, log.name))
      throw new AuditFailure('log-of-another', `${log.name}: its head is of ${head.origin}`)
  }
}

/** Each activity log that the state log names is there, and no other one. */
function checkNoneMissing(activities: readonly SignedLog[], named: Heads): void {
  const there = new Set(activities.map(({ log }) => log.name))
  const missing = [...named.keys()].filter(name => !there.has(name))
  if (missing.length > 0)
    throw new AuditFailure('log-missing', `${missing.join(', ')}: named in the state log`)
  const strange = [...there].filter(name => !named.has(name))
  if (strange.length > 0)
    throw new AuditFailure('log-missing', `${strange.join(', ')}: not named in the state log`)
}

async function namedHeads(
  records: StateRecords,
  stateOrigin: string,
  question: AuditQuestion,
): Promise<Heads> {
  const logOrigin = stateOrigin.slice(0, -originOf('', STATE_LOG).length)
  const heads = new Map<LogName, KnownHead[]>()
  for (const { instance, checkpoint, index } of records.named) {
    const name = activityLog(instance)
    const head = await translated(() => genuineHead(checkpoint, question.samKey, question.platform))
    if (head.origin !== originOf(logOrigin, name))
      throw new AuditFailure('log-of-another', `leaf ${index} of the state log names ${head.origin}`)
    heads.set(name, [
      ...(heads.get(name) ?? []),
      { ...head, by: `that leaf ${index} of the state log names` },
    ])
  }
  return heads
}

async function keptHeads(
  { kept = [], samKey, platform }: AuditQuestion,
  signed: readonly SignedLog[],
): Promise<Heads> {
  const heads = await Promise.all(kept.map(one => translated(() => genuineHead(one, samKey, platform))))
  const nameOf = (origin: string) => signed.find(({ head }) => head.origin === origin)?.log.name
  return Map.groupBy(
    heads.map(head => ({ ...head, by: 'that somebody kept' })),
    ({ origin }) => {
      const name = nameOf(origin)
      if (name === undefined) throw new AuditFailure('log-missing', `${origin}: a head of it was kept`)
      return name
    },
  )
}

/** Checks that evidence and exports share speak of a broken link. */
async function translated<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (error) {
    if (!(error instanceof BrokenLink) || !isShared(error.reason)) throw error
    throw new AuditFailure(error.reason, error.message)
  }
}

const SHARED = [
  'sam-key-not-pinned',
  'checkpoint-not-genuine',
  'not-witnessed',
] as const satisfies readonly AuditReason[]
const isShared = (reason: string): reason is (typeof SHARED)[number] => SHARED.some(one => one === reason)
