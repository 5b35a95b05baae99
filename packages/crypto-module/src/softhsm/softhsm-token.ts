/**
 * A SoftHSM2 token of its own for a test: tokens, configuration and PIN in a new temporary directory.
 *
 * Development only. Where SoftHSM2 is not installed this fails and says what to install: a test of the PKCS #11
 * module that did not run must not look like one that passed.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Pkcs11ModuleOptions, TokenOptions } from '../pkcs11/pkcs11-module.ts'

export interface SoftHsmToken {
  /** What `openPkcs11Module` needs to open it. */
  readonly options: Pkcs11ModuleOptions & Required<Pick<Pkcs11ModuleOptions, 'tokenLabel' | 'pinFile'>>
  /** The directory that holds everything of it. */
  readonly directory: string
  /** Another token of the same library and PIN. */
  addToken(label: string): Promise<TokenOptions>
  /**
   * Marks every secret key that is on its tokens now as trusted, as the officer of another token can: SoftHSM's sees no
   * private keys, so it is written into their files. Not while a process has them open.
   */
  trustSecretKeys(): Promise<void>
  remove(): Promise<void>
}

/** @throws Error when SoftHSM2 is not installed */
export async function createSoftHsmToken(): Promise<SoftHsmToken> {
  const modulePath = findLibrary()
  const directory = await mkdtemp(join(tmpdir(), 'natsuin-softhsm-'))
  const environment = { SOFTHSM2_CONF: join(directory, 'softhsm2.conf') }
  const pinFile = join(directory, 'pin')
  await mkdir(join(directory, 'tokens'), { mode: 0o700 })
  await writeFile(environment.SOFTHSM2_CONF, configuration(directory))
  await writeFile(pinFile, `${PIN}\n`, { mode: 0o600 })
  const addToken = async (tokenLabel: string) => {
    await initialise(tokenLabel, { ...environment, PATH: SYSTEM_PATH })
    return { tokenLabel, pinFile }
  }
  return {
    options: { modulePath, ...(await addToken(TOKEN_LABEL)), environment },
    directory,
    addToken,
    trustSecretKeys: () => trustSecretKeys(join(directory, 'tokens')),
    remove: () => rm(directory, { recursive: true }),
  }
}

async function trustSecretKeys(tokens: string): Promise<void> {
  for (const name of await readdir(tokens, { recursive: true })) {
    if (!name.endsWith('.object')) continue
    const file = join(tokens, name)
    const object = await readFile(file)
    const at = object.indexOf(UNTRUSTED)
    if (at >= 0) await writeFile(file, object.fill(1, at + UNTRUSTED.length - 1, at + UNTRUSTED.length))
  }
}

// CKA_TRUSTED, a truth value, false: how SoftHSM's file store writes an attribute.
const UNTRUSTED = Buffer.from('00000000000000860000000000000001' + '00', 'hex')

const TOKEN_LABEL = 'natsuin test'
// Of a token that lives for one test.
const PIN = '4711-natsuin'
const SYSTEM_PATH = '/usr/bin:/usr/local/bin:/opt/homebrew/bin'

/** Where Debian, Fedora and Homebrew put it. */
const LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
]

function findLibrary(): string {
  const found = LIBRARIES.find(path => existsSync(path))
  if (found === undefined) {
    throw new Error(
      'SoftHSM2 is not installed. Debian: apt-get install softhsm2; macOS: brew install softhsm',
    )
  }
  return found
}

const configuration = (directory: string) =>
  [
    `directories.tokendir = ${join(directory, 'tokens')}`,
    'objectstore.backend = file',
    'log.level = ERROR',
    '',
  ].join('\n')

async function initialise(label: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const parameters = ['--init-token', '--free', '--label', label, '--pin', PIN, '--so-pin', PIN]
  await promisify(execFile)('softhsm2-util', parameters, { env: environment })
}
