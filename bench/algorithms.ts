/** RSA-3072, with PKCS #1 v1.5 and PSS padding, beside the same module's raw rate. P-256 is in `sign-hash.ts`. */
import { classOf, type Deployment, enrolSigner, type Signer } from '@natsuin/testing/deployment'
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

/** One deployment, because a token takes the keys of one; the same signer's key signs with either padding. */
function stackFigures(stack: Stack): Promise<readonly Figure[]> {
  const classes = [classOf(1, { ...PATIENT, keyType: 'rsa-3072' })]
  return withDeployment({ ...stack.members, classes }, async deployment => {
    const signer = await enrolSigner(deployment, { commonName: 'Bench', countryName: 'JP' })
    const figures: Figure[] = []
    for (const chosen of ALGORITHMS) {
      const raw = await rawFigure(stack, chosen)
      figures.push(raw, ...(await serviceFigures({ stack, deployment, signer }, { ...chosen, raw })))
    }
    return figures
  })
}

async function rawFigure({ module, moduleName }: Stack, { algorithm, name }: Chosen): Promise<Figure> {
  const rate = await wrappedRate(module, { keyType: 'rsa-3072', algorithm, groupSize: 100 })
  return reference(`${moduleName}, raw, ${name}, wrapped key, groups of 100`, rate, 'signatures/s')
}

interface Service {
  readonly stack: Stack
  readonly deployment: Deployment
  readonly signer: Signer
}

async function serviceFigures(
  { stack, deployment, signer }: Service,
  { algorithm, name, raw }: Chosen & { readonly raw: Figure },
): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const { name: batch, ...load } of LOADS) {
    const plan = { ...load, algorithm, approvals: APPROVALS, seconds: SECONDS }
    const { perSecond, p99 } = await measureCalls(deployment, [signer], plan)
    figures.push(compared(`signHash, ${stack.name}, ${name}, ${batch}`, perSecond, raw))
    figures.push(reference(`  p99 of ${batch}`, p99, 'ms'))
  }
  return figures
}
