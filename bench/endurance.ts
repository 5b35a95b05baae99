/**
 * Whether anything grows: the memory of SAM and server after a hundred thousand activations, and after as many again.
 *
 * What was approved lives for a minute and is remembered for another one. The first hundred thousand take longer than that,
 * so that from then on as much is forgotten as comes.
 */
import type { ProcessName } from '@natsuin/protocol/node/processes'
import { classOf, type Deployment, enrolSigner, type Signer } from '@natsuin/testing/deployment'
import { measureCalls } from './calls.ts'
import { compared, type Figure, reference } from './figure.ts'
import { residentMegabytes } from './memory.ts'
import { APPROVED, onEmbedded, type Stack, withDeployment } from './stacks.ts'

const WARM = 100_000
const ACTIVATIONS = 200_000
/** Long enough for the activations of a step. */
const CLASS = classOf(1, { maxSignatures: APPROVED, sadSeconds: 60 })
/** Activations between two lines of progress. */
const STEP = 10_000

const WATCHED = ['sam', 'server'] as const satisfies readonly ProcessName[]

export function enduranceFigures(tell: (what: string) => void): Promise<readonly Figure[]> {
  tell(`${ACTIVATIONS.toLocaleString('en')} activations: embedded database, software module`)
  return onEmbedded(stack => stackFigures(stack, tell))
}

function stackFigures({ members }: Stack, tell: (what: string) => void): Promise<readonly Figure[]> {
  return withDeployment({ ...members, classes: [CLASS] }, async deployment => {
    const signer = await enrolSigner(deployment, { commonName: 'Bench', countryName: 'JP' })
    const activateUpTo = async (end: number, from = 0) => {
      for (let done = from; done < end; done += STEP) {
        await activate(deployment, signer, STEP)
        tell(`  ${(done + STEP).toLocaleString('en')} activations`)
      }
    }
    await activateUpTo(WARM)
    const before = WATCHED.map(name => residentMegabytes(deployment, name))
    await activateUpTo(ACTIVATIONS, WARM)
    const after = WATCHED.map(name => residentMegabytes(deployment, name))
    return WATCHED.flatMap((name, i) => {
      const warm = reference(
        `memory of ${name} after ${WARM.toLocaleString('en')} activations`,
        before[i] ?? 0,
        'MB',
      )
      const end = `memory of ${name} after ${ACTIVATIONS.toLocaleString('en')} activations`
      return [warm, compared(end, after[i] ?? 0, warm)]
    })
  })
}

async function activate(deployment: Deployment, signer: Signer, count: number): Promise<void> {
  const plan = {
    hashesPerCall: 1,
    approvals: count / APPROVED,
    concurrency: 32,
    seconds: Number.POSITIVE_INFINITY,
  }
  await measureCalls(deployment, [signer], plan)
}
