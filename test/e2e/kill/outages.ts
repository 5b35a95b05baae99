/**
 * What holds of a service in and after every outage (threats 23): nobody is told a lie, whoever is refused is told in
 * the words of the protocol, and it is ready again by itself.
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { askHealth, type Member, type Signer } from '@natsuin/testing/deployment'
import { type Clients, Signing } from './client.ts'
import { type Load, retryAll, startLoad, type Worked } from './load.ts'

export interface Outage {
  readonly clients: Clients
  /** What the processes logged as faults: defects, as far as they know. */
  readonly faults: readonly string[]
  readonly signers: readonly Signer[]
  /** Begins and ends it. */
  readonly happen: () => Promise<void>
  /** It may have outlived the tokens of some who had got their signatures. */
  readonly tokensExpire?: boolean
}

/** Lets it happen while everybody signs. */
export async function goThrough({ clients, faults, signers, happen, tokensExpire }: Outage): Promise<void> {
  clients.keepCheckpoint()
  const { delivered, refused } = await underLoad({ clients, signers, happen })
  for (const signer of signers) await new Signing(clients, signer).run()
  assert.deepEqual(refused.filter(isUntyped), [])
  assert.deepEqual(faults, [])
  await retryAll(clients, tokensExpire ? await withLivingTokens(delivered) : delivered)
  await untilSettled(clients)
}

async function underLoad({
  clients,
  signers,
  happen,
}: Omit<Outage, 'faults' | 'tokensExpire'>): Promise<Worked> {
  const load = startLoad(clients, signers)
  try {
    await delay(300)
    await happen()
    await untilReady(clients)
    await untilDelivered(load)
  } finally {
    await load.stop()
  }
  return load.stop()
}

async function withLivingTokens(delivered: readonly Signing[]): Promise<readonly Signing[]> {
  const answers = await Promise.all(delivered.map(signing => signing.trySign()))
  return delivered.filter(
    (_, i) => (answers[i]?.body as { error?: string } | undefined)?.error !== 'expired_token',
  )
}

/** Collects the faults of a deployment that is about to start. */
export function listenForFaults() {
  const faults: string[] = []
  const onLog = (name: Member, line: string) => void (isFault(line) && faults.push(`${name} ${line}`))
  return { faults, onLog }
}

const isFault = (line: string) => /"(?:event|msg)":"fault"/.test(line)

/** A fault with an incident id: what a defect is answered with. */
const isUntyped = (reason: unknown): boolean =>
  /server_error|Incident|"status":500|answered 500/.test(`${reason} ${JSON.stringify(reason)}`)

const LONGEST_MILLISECONDS = 60_000

/** Nobody starts anything again. */
export async function untilReady(
  { deployment }: Clients,
  members: readonly Member[] = MEMBERS,
): Promise<void> {
  const end = performance.now() + LONGEST_MILLISECONDS
  for (const member of members) {
    for (;;) {
      const { status, body } = await askHealth(deployment.directory, member, '/readyz')
      if (status === 200) break
      assert.ok(performance.now() < end, `${member} is not ready again: ${body}`)
      await delay(100)
    }
  }
}

/** Those who keep signing get on by themselves. */
async function untilDelivered({ delivered }: Load): Promise<void> {
  const [before, end] = [delivered.length, performance.now() + LONGEST_MILLISECONDS]
  while (delivered.length === before) {
    assert.ok(performance.now() < end, 'nothing is delivered any more')
    await delay(50)
  }
}

const MEMBERS: readonly Member[] = ['sam', 'authorities', 'server']

/** Reservations get their outcome within moments, and then everything holds. */
async function untilSettled(clients: Clients): Promise<void> {
  const end = performance.now() + LONGEST_MILLISECONDS
  while (clients.violations().length > 0 && performance.now() < end) await delay(200)
  assert.deepEqual(clients.violations(), [])
}
