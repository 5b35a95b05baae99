/** What is wrong with the files that the configuration of `authorities` names, all of it at once. */
import {
  ConfigurationError,
  problemsOfListen,
  problemsOfModule,
  problemsOfWebListen,
} from '@natsuin/protocol/node'
import type { Configuration } from './schema.ts'

/** The SAM key's file is made after founding, so it is not missed here. @throws ConfigurationError */
export function checkFiles({ module, listen, public: door }: Configuration): void {
  const problems = [
    ...problemsOfModule('module', module),
    ...problemsOfListen('listen', listen),
    ...problemsOfWebListen('public', door, { publicUrl: door.baseUrl, clear: 'allowed' }),
  ]
  if (problems.length > 0) throw new ConfigurationError(problems)
}
