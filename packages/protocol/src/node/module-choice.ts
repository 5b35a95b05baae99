/** What a module is opened with: what its setting names, with the PIN that people brought and the witnesses of keys. */
import { readFileSync } from 'node:fs'
import { sharedBackup } from '../keys/shared-backup.ts'
import { ConfigurationError } from './configuration.ts'
import type { Log, LogLevel } from './log.ts'
import type { ModuleSetting, TokenSetting } from './module-setting.ts'
import { gatherPin, type ShareAnswer } from './pin-shares/gather-pin.ts'

/**
 * Waits for people where the PIN has to be brought.
 *
 * @throws ConfigurationError when a file that the setting names is not what it should be
 */
export async function moduleChoice(setting: ModuleSetting, log: Log) {
  if ('software' in setting) return setting
  const { pinShares, backupFile, reserves, ...token } = setting.pkcs11
  const tell = (answer: ShareAnswer) =>
    log(answer.share === 'unknown' ? 'warn' : 'info', 'pin-share', { ...answer })
  const pin = pinShares && { pin: await gatherPin(pinShares, tell) }
  const others = reserves?.map(({ pinFile, ...reserve }) => ({ ...reserve, ...pinOf(pinFile, token, pin) }))
  return {
    pkcs11: {
      ...token,
      ...pin,
      ...(others && { reserves: others }),
      ...(backupFile !== undefined && { witnesses: witnessesIn(backupFile) }),
    },
  }
}

const pinOf = (
  own: string | undefined,
  { pinFile }: Pick<TokenSetting, 'pinFile'>,
  brought: { readonly pin: string } | undefined,
) => (own === undefined ? (brought ?? { ...(pinFile !== undefined && { pinFile }) }) : { pinFile: own })

function witnessesIn(file: string) {
  try {
    const { keys } = sharedBackup(JSON.parse(readFileSync(file, 'utf8')))
    return Object.fromEntries(keys.map(({ label, witness }) => [label, witness]))
  } catch (error) {
    throw new ConfigurationError([`${file}: ${error instanceof Error ? error.message : 'unreadable'}`])
  }
}

/** Writes what happens to a token and its processes into the log of this process. */
export function logModule(log: Log): (event: { readonly kind: string }) => void {
  return event => log(LEVELS[event.kind] ?? 'warn', 'module', { ...event })
}

const LEVELS: Readonly<Record<string, LogLevel>> = {
  started: 'info',
  succeeded: 'info',
  'working-again': 'info',
  'pin-refused': 'error',
}
