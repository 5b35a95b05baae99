/**
 * The files that a configuration names, looked at before a process needs them: `check` tells all problems at once.
 *
 * A secret lies in a file that its owner alone can read. Root's group is root: a service manager that hands a
 * secret to a user by an access control list leaves it root's, with the group bit set (systemd's LoadCredential).
 */
import { accessSync, constants, statSync } from 'node:fs'
import type { ListenSetting } from './listen-setting.ts'
import type { ModuleSetting } from './module-setting.ts'

/** Each returns what is wrong, a line each. The name of the setting stands first. */
export type FileProblems = readonly string[]

export function problemsOfSecret(setting: string, file: string): FileProblems {
  const problems = problemsOfFile(setting, file)
  if (problems.length > 0) return problems
  const { mode, gid } = statSync(file)
  const open = (mode & 0o007) !== 0 || ((mode & 0o070) !== 0 && gid !== 0) || (mode & 0o020) !== 0
  return open ? [`${setting}: ${file} is open to others than its owner (mode ${octal(mode)})`] : []
}

/** Does not read it: what was read stays in memory, and a PIN is for the process of the library alone (T-SEC-02). */
export function problemsOfFile(setting: string, file: string): FileProblems {
  try {
    accessSync(file, constants.R_OK)
    const found = statSync(file)
    if (found.isDirectory()) return [`${setting}: ${file} is a directory`]
    return found.isFile() && found.size === 0 ? [`${setting}: ${file} is empty`] : []
  } catch (error) {
    return [`${setting}: ${error instanceof Error ? error.message : 'unreadable'}`]
  }
}

export function problemsOfListen(setting: string, listen: ListenSetting): FileProblems {
  if ('socket' in listen) return []
  const { certificateFile, keyFile, authorityFile } = listen.tls
  return [
    ...problemsOfFile(`${setting}.tls.certificateFile`, certificateFile),
    ...problemsOfSecret(`${setting}.tls.keyFile`, keyFile),
    ...problemsOfFile(`${setting}.tls.authorityFile`, authorityFile),
  ]
}

/** A software module is a directory that founding makes, so only a token can be looked at. */
export function problemsOfModule(setting: string, module: ModuleSetting): FileProblems {
  if ('software' in module) return []
  const { modulePath, pinFile, pinShares, reserves = [], backupFile } = module.pkcs11
  const at = `${setting}.pkcs11`
  const reservePins = reserves.map((one, i) => [`${at}.reserves[${i}].pinFile`, one.pinFile] as const)
  const secrets = [[`${at}.pinFile`, pinFile] as const, ...reservePins]
  const files = [
    [`${at}.modulePath`, modulePath],
    [`${at}.pinShares.file`, pinShares?.file],
    [`${at}.backupFile`, backupFile],
  ] as const
  return [
    ...files.flatMap(([name, file]) => (file === undefined ? [] : problemsOfFile(name, file))),
    ...secrets.flatMap(([name, file]) => (file === undefined ? [] : problemsOfSecret(name, file))),
  ]
}

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0')
