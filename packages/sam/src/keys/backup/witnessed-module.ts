/** A module with what the SAM recognises its keys by. */
import type { ModuleChoice } from '@natsuin/crypto-module'
import { ConfigurationError } from '@natsuin/protocol/node'
import type { Configuration } from '../../config/schema.ts'
import { readKeyWitnesses, witnessesByLabel } from './key-witnesses.ts'

/** A software module looks at no provenance, and needs none. @throws ConfigurationError */
export function witnessed(
  choice: ModuleChoice,
  { keyWitnessFile }: Pick<Configuration, 'keyWitnessFile'>,
): ModuleChoice {
  if ('software' in choice) return choice
  const own = witnessesByLabel(readKeyWitnesses(keyWitnessFile))
  return { pkcs11: { ...choice.pkcs11, witnesses: { ...choice.pkcs11.witnesses, ...own } } }
}

/** A token's keys of which copies left are of no use without. @throws ConfigurationError */
export function needKeyWitnessFile({
  module,
  keyWitnessFile,
}: Pick<Configuration, 'module' | 'keyWitnessFile'>): void {
  if ('pkcs11' in module && keyWitnessFile === '') {
    throw new ConfigurationError(['keyWitnessFile: needed where copies of keys leave a token'])
  }
}
