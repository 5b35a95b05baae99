/** Where the software devices of officers and signers lie between two starts: their owners' pockets, so to speak. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AuthenticatorState,
  restoreSoftwareAuthenticator,
  type SoftwareAuthenticator,
} from '../authenticator/index.ts'

export function saveDevice(directory: string, owner: string, device: SoftwareAuthenticator): void {
  mkdirSync(join(directory, 'devices'), { recursive: true, mode: 0o700 })
  writeFileSync(pathOf(directory, owner), JSON.stringify(device.exportState()), { mode: 0o600 })
}

export function loadDevice(directory: string, owner: string): SoftwareAuthenticator {
  // Written by saveDevice alone.
  return restoreSoftwareAuthenticator(
    JSON.parse(readFileSync(pathOf(directory, owner), 'utf8')) as AuthenticatorState,
  )
}

function pathOf(directory: string, owner: string): string {
  return join(directory, 'devices', `${owner}.json`)
}
