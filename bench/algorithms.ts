/** RSA-3072, with PKCS #1 v1.5 and PSS padding, beside the same module's raw rate. P-256 is in `sign-hash.ts`. */
import { classOf, enrolSigner } from '@natsuin/testing/deployment'
import { measureCalls } from './calls.ts'
import { compared, type Figure, reference } from './figure.ts'
import { wrappedRate } from './module-rate.ts'
import { onBothStacks, PATIENT, type Stack, withDeployment } from './stacks.ts'

const ALGORITHMS = [
  { algorithm: 'rsa-sha256', name: 'RSA-3072 PKCS #1 v1.5' },
  { algorithm: 'rsa-pss-sha256', name: 'RSA-3072 PSS' },
] as const

type Chosen = (typeof ALGORITHMS)[number]

const LOADS = [
  { name: 'one hash a call', hashesPerCall: 1, concurrency: 32 },
  { name: '100 hashes a call', hashesPerCall: 100, concurrency: 8 },
] as const

const SECONDS = 5
const APPROVALS = 8

export function algorithmFigures(tell: (what: string) => void): Promise<readonly Figure[]> {
  return onBothStacks(tell, 'RSA-3072', stackFigures)
}

async function stackFigures(stack: Stack): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const chosen of ALGORITHMS) {
    const { algorithm, name } = chosen
    const rate = await wrappedRate(stack.module, { keyType: 'rsa-3072', algorithm, groupSize: 100 })
    const raw = reference(
      `${stack.moduleName}, raw, ${name}, wrapped key, groups of 100`,
      rate,
      'signatures/s',
    )
    figures.push(raw, ...(await serviceFigures(stack, { ...chosen, raw })))
  }
  return figures
}

function serviceFigures(
  { name: stackName, members }: Stack,
  { algorithm, name, raw }: Chosen & { readonly raw: Figure },
): Promise<readonly Figure[]> {
  const classes = [classOf(1, { ...PATIENT, keyType: 'rsa-3072' })]
  return withDeployment({ ...members, classes }, async deployment => {
    const signer = await enrolSigner(deployment, { commonName: 'Bench', countryName: 'JP' })
    const figures: Figure[] = []
    for (const { name: batch, ...load } of LOADS) {
      const plan = { ...load, algorithm, approvals: APPROVALS, seconds: SECONDS }
      const { perSecond, p99 } = await measureCalls(deployment, [signer], plan)
      figures.push(compared(`signHash, ${stackName}, ${name}, ${batch}`, perSecond, raw))
      figures.push(reference(`  p99 of ${batch}`, p99, 'ms'))
    }
    return figures
  })
}
