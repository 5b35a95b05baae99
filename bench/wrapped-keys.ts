/**
 * What it costs that keys are wrapped and not in the module: unwrapping one for a single signature and for a hundred,
 * beside a key that stays in the module.
 */
import { compared, type Figure, reference } from './figure.ts'
import { residentRate, wrappedRate } from './module-rate.ts'
import { onBothStacks, type Stack } from './stacks.ts'

const KEYS = [
  { keyType: 'ec-p256', algorithm: 'ecdsa-sha256', name: 'P-256' },
  { keyType: 'rsa-3072', algorithm: 'rsa-pss-sha256', name: 'RSA-3072 PSS' },
] as const

export function wrappedKeyFigures(tell: (what: string) => void): Promise<readonly Figure[]> {
  return onBothStacks(tell, 'wrapped and resident keys', stackFigures)
}

async function stackFigures({ module, moduleName }: Stack): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const { name, ...key } of KEYS) {
    const rate = await residentRate(module, { ...key, groupSize: 1 })
    const resident = reference(`${moduleName}, ${name}, resident key`, rate, 'signatures/s')
    figures.push(resident)
    for (const groupSize of [1, 100]) {
      const wrapped = await wrappedRate(module, { ...key, groupSize })
      figures.push(compared(`${moduleName}, ${name}, wrapped key, groups of ${groupSize}`, wrapped, resident))
    }
  }
  return figures
}
