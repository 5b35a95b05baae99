/**
 * The setting that names a crypto module: a directory of the software module (level 1), or a PKCS#11 library with
 * a token and a file that holds its PIN. The form alone; `@natsuin/crypto-module` opens what it names.
 */
import { record, type Shaped, text } from '../shape/shape.ts'
import { oneMember, path, type ResolvePath } from './configuration.ts'

export const moduleSetting = oneMember({
  software: record({ software: record({ directory: path }) }),
  pkcs11: record({ pkcs11: record({ modulePath: path, tokenLabel: text({ max: 32 }), pinFile: path }) }),
})

export type ModuleSetting = Shaped<typeof moduleSetting>

export function resolveModule(module: ModuleSetting, at: ResolvePath): ModuleSetting {
  if ('software' in module) return { software: { directory: at(module.software.directory) } }
  const { modulePath, tokenLabel, pinFile } = module.pkcs11
  return { pkcs11: { modulePath: at(modulePath), tokenLabel, pinFile: at(pinFile) } }
}
