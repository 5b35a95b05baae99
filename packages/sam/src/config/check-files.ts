/** What is wrong with the files that the configuration of `sam` names, all of it at once. */
import {
  ConfigurationError,
  problemsOfListen,
  problemsOfModule,
  problemsOfSecret,
} from '@natsuin/protocol/node'
import type { Configuration } from './schema.ts'

/** @throws ConfigurationError */
export function checkFiles({ store, module, listen }: Configuration): void {
  const problems = [
    ...('postgres' in store ? problemsOfSecret('store.postgres.urlFile', store.postgres.urlFile) : []),
    ...problemsOfModule('module', module),
    ...problemsOfListen('listen', listen),
  ]
  if (problems.length > 0) throw new ConfigurationError(problems)
}
