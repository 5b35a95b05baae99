/**
 * `kill -9` at random moments while signers keep approving and signing (threats 23, T-DUR-01).
 *
 * Where `kill.test.ts` chooses the point, this lets chance choose it: between any two instructions, with several
 * approvals and signatures under way at once, so that groups of a commit are cut in the middle too. The seed is
 * printed; it repeats the victims and the pauses, not the scheduling of the machine.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Deployment, type Member, type Signer, startThrowaway } from '@natsuin/testing/deployment'
import { rounds, seed } from '@natsuin/testing/rounds'
import { Clients, enrolPerson, Signing } from './kill/client.ts'
import { randomFrom, retryAll, startLoad } from './kill/load.ts'
import { EMBEDDED, PRODUCTION, type Stack } from './stacks.ts'

const VICTIMS: readonly Member[] = ['sam', 'server', 'authorities']
/** On PostgreSQL two SAMs, of which one goes on while the other is being killed. */
const SETTINGS = [
  { stack: EMBEDDED, members: {}, victims: VICTIMS },
  { stack: PRODUCTION, members: { sams: 2 }, victims: [...VICTIMS, 'sam-2'] },
] as const
const SIGNERS = 3
const KILLS_PER_ROUND = 6

for (const { stack, members, victims } of SETTINGS) {
  describe(`kill -9 at random moments under load on ${stack.name} (T-DUR-01, T-AUD-05)`, () => {
    let ground: Awaited<ReturnType<Stack['open']>>
    let deployment: Deployment
    let clients: Clients
    const signers: Signer[] = []

    before(async () => {
      ground = await stack.open()
      deployment = await startThrowaway({ ...ground.members, ...members })
      clients = new Clients(deployment)
      for (let i = 0; i < SIGNERS; i++) signers.push(await enrolPerson(clients, `Signer ${i + 1}`))
    })
    after(async () => {
      await deployment?.stop()
      await ground?.close()
    })

    it('loses nothing acknowledged, signs nothing twice, and answers every retry with the first answer', async () => {
      const random = randomFrom(seed())
      for (let round = 0; round < rounds('kill'); round++) {
        const load = startLoad(clients, signers)
        for (let i = 0; i < KILLS_PER_ROUND; i++) await killOne(deployment, victims, random)
        const { delivered } = await load.stop()
        assert.deepEqual(clients.violations(), [])
        await retryAll(clients, delivered)
        assert.deepEqual(clients.violations(), [])
        clients.keepCheckpoint()
      }
    })

    it('works for every signer afterwards', async () => {
      for (const signer of signers) await new Signing(clients, signer).run()
      assert.deepEqual(clients.violations(), [])
    })
  })
}

async function killOne(
  deployment: Deployment,
  victims: readonly Member[],
  random: () => number,
): Promise<void> {
  const victim = victims[Math.floor(random() * victims.length)] ?? 'sam'
  await delay(100 + random() * 400)
  await deployment.process(victim).kill()
  await delay(random() * 200)
  await deployment.restart(victim)
}
