/**
 * One token of one PKCS #11 library, opened and logged in to.
 *
 * `CKF_OS_LOCKING_OK` is not optional: without it the library may be entered by several threads of the pool with
 * no lock, and SoftHSM then corrupts its heap within seconds.
 */
import { readFile, stat } from 'node:fs/promises'
import type { Handle, PKCS11 } from 'pkcs11js'
import type { KeyWitness, ModuleDescription } from '../module.ts'
import { flag, USER } from './cryptoki.ts'
import type { TokenSettings } from './messages.ts'
import { SessionPool } from './session-pool.ts'

export interface Token {
  readonly library: PKCS11
  readonly description: ModuleDescription
  readonly sessions: SessionPool
  readonly wrapMechanism: number
  readonly witnesses: ReadonlyMap<string, KeyWitness>
  /** Beside the pool's. */
  openSession(): Handle
  closeSession(session: Handle): void
  close(): void
}

/** Opens the token of that label. @throws Error when there is none, or several; Pkcs11Error as the library says */
export async function openToken(settings: TokenSettings): Promise<Token> {
  const library = await loadLibrary(settings.modulePath)
  const slot = findSlot(library, settings.tokenLabel)
  const source = {
    open: () => library.C_OpenSession(slot, flag.SERIAL_SESSION | flag.RW_SESSION),
    close: (session: Handle) => library.C_CloseSession(session),
  }
  // A log-in holds for all sessions of the application, for as long as one of them is open.
  library.C_Login(source.open(), USER, await readPin(settings.pinFile))
  return {
    library,
    description: describe(library, slot),
    sessions: new SessionPool(source, settings.sessions),
    wrapMechanism: settings.wrapMechanism,
    witnesses: settings.witnesses,
    openSession: source.open,
    closeSession: source.close,
    close: () => library.C_Finalize(),
  }
}

async function loadLibrary(path: string): Promise<PKCS11> {
  const library = new (await loadBinding()).PKCS11()
  library.load(path)
  library.C_Initialize({ flags: flag.OS_LOCKING_OK })
  return library
}

async function loadBinding() {
  try {
    return (await import('pkcs11js')).default
  } catch (cause) {
    const remedy = 'install a C++ compiler and make, then run: npm rebuild pkcs11js'
    throw new Error(`the PKCS #11 binding pkcs11js was not built on this machine; ${remedy}`, { cause })
  }
}

function findSlot(library: PKCS11, label: string): Handle {
  const slots = library
    .C_GetSlotList(true)
    .filter(slot => library.C_GetTokenInfo(slot).label.trim() === label)
  const [slot, ...others] = slots
  if (slot === undefined) throw new Error(`the library shows no token labelled ${label}`)
  if (others.length > 0) throw new Error(`the library shows ${slots.length} tokens labelled ${label}`)
  return slot
}

/** The PIN, without the line end an editor left. @throws Error when everybody may read the file */
async function readPin(path: string): Promise<string> {
  if (((await stat(path)).mode & 0o007) !== 0)
    throw new Error(`the PIN file ${path} must not be open to others`)
  return (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
}

function describe(library: PKCS11, slot: Handle): ModuleDescription {
  const { libraryDescription, libraryVersion } = library.C_GetInfo()
  const { label, manufacturerID, model, serialNumber } = library.C_GetTokenInfo(slot)
  const maker = [manufacturerID, model].map(text => text.trim()).join(' ')
  const version = `${libraryVersion.major}.${libraryVersion.minor}`
  return {
    kind: 'pkcs11',
    name: `${libraryDescription.trim()} ${version}, ${maker}, token ${label.trim()} (${serialNumber.trim()})`,
    // Fails towards less trust: hardware only where the slot says so, and never SoftHSM whatever it says.
    softwareModule: (library.C_GetSlotInfo(slot).flags & flag.HW_SLOT) === 0 || /softhsm/i.test(maker),
  }
}
