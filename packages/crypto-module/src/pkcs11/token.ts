/**
 * One token of one PKCS #11 library, opened and logged in to.
 *
 * A token is known by its label, its serial number, or both; never by its slot, whose number is the order in which
 * the library found things. `CKF_OS_LOCKING_OK` is not optional: without it the library may be entered by several
 * threads of the pool with no lock, and SoftHSM then corrupts its heap within seconds. One session is never lent and
 * never closed: a log-in holds for as long as one session is open, and libraries have races where the last one of a
 * token closes while another opens.
 */
import { readFile, stat } from 'node:fs/promises'
import type { Handle, PKCS11, TokenInfo } from 'pkcs11js'
import type { KeyWitness, ModuleDescription } from '../module.ts'
import { flag, RW_USER_STATE, returnValue, USER } from './cryptoki.ts'
import { isSound, SAMPLE_LENGTH } from './generator.ts'
import type { TokenIdentity, TokenSettings } from './messages.ts'
import { GeneratorFailed, isPinRefusal, returnCode } from './return-codes.ts'
import { SessionPool, type SessionSource } from './session-pool.ts'
import { trustedLibrary } from './trusted-library.ts'

/** The token refuses the PIN, or would lock at another wrong one. Nothing further is to be tried. */
export class PinRefused extends Error {}

export class Token {
  readonly library: PKCS11
  readonly identity: TokenIdentity
  readonly description: ModuleDescription
  readonly sessions: SessionPool
  readonly sessionLimit: number
  readonly wrapMechanism: number
  /** By label: what recognises keys that were restored, or made with a backup. */
  readonly witnesses: ReadonlyMap<string, KeyWitness>
  readonly #slot: Handle
  readonly #pin: string
  #keeper: Handle | undefined
  #used: number | undefined
  #pinRefused = false
  /** What its generator gave last. */
  #sample: Uint8Array | undefined

  /** @throws Error when there is no such token, or several; PinRefused; Pkcs11Error as the library says */
  static async open(settings: TokenSettings): Promise<Token> {
    const library = await loadLibrary(settings)
    const [slot, info] = findToken(library, settings.token)
    const token = new Token(library, slot, info, settings, await readPin(settings))
    token.#logIn()
    // Twice: the first sample is what the second must differ from.
    token.checkGenerator()
    token.checkGenerator()
    token.measure()
    return token
  }

  private constructor(library: PKCS11, slot: Handle, info: TokenInfo, settings: TokenSettings, pin: string) {
    this.library = library
    this.#slot = slot
    this.#pin = pin
    this.identity = { label: info.label.trim(), serial: info.serialNumber.trim() }
    this.description = describe(library, slot, info)
    this.sessions = new SessionPool(this.#source, settings.sessions)
    this.sessionLimit = settings.sessions
    this.wrapMechanism = settings.wrapMechanism
    this.witnesses = settings.witnesses
  }

  /** Beside the pool's. */
  openSession(): Handle {
    return this.#source.open()
  }

  closeSession(session: Handle): void {
    this.#source.close(session)
  }

  /** Whether a session is there, and may use private keys. */
  isLoggedIn(session: Handle): boolean {
    return this.#stateOf(session) === RW_USER_STATE
  }

  /**
   * After a session was lost: no session of before is lent again, and where the token has forgotten us we log in. Once
   * for all who lost theirs together: nothing is awaited here, and who comes later names a generation of before.
   *
   * @param generation the pool's, when the session was lent
   * @throws PinRefused; Pkcs11Error when no session can be had
   */
  recover(generation: number): void {
    if (generation < this.sessions.generation) return
    this.sessions.forget()
    this.#logIn()
  }

  /** Before a key is made. @throws GeneratorFailed; Pkcs11Error where it gives none */
  checkGenerator(): void {
    const sample = this.library.C_GenerateRandom(this.#keptSession(), Buffer.alloc(SAMPLE_LENGTH))
    const isGood = isSound(sample, this.#sample)
    this.#sample = sample
    if (!isGood) throw new GeneratorFailed()
  }

  /** How much of its memory for private objects was used when it was last asked; `undefined` when it does not say. */
  get used(): number | undefined {
    return this.#used
  }

  /** Asks the token how much of its memory is used: after something was put there, which a failure does not undo. */
  measure(): void {
    try {
      this.#used = usedShare(this.library.C_GetTokenInfo(this.#slot))
    } catch {
      this.#used = undefined
    }
  }

  close(): void {
    this.library.C_Finalize()
  }

  get #source(): SessionSource {
    return {
      open: () => this.library.C_OpenSession(this.#slot, flag.SERIAL_SESSION | flag.RW_SESSION),
      close: session => this.library.C_CloseSession(session),
    }
  }

  /** A log-in holds for all sessions of the application, for as long as one of them is open: this one. */
  #logIn(): void {
    const session = this.#keptSession()
    if (this.isLoggedIn(session)) return
    if (this.#pinRefused) throw new PinRefused('the token has refused the PIN')
    checkPinFlags(this.library.C_GetTokenInfo(this.#slot))
    try {
      this.library.C_Login(session, USER, this.#pin)
    } catch (error) {
      if (returnCode(error) === returnValue.USER_ALREADY_LOGGED_IN) return
      this.#pinRefused = isPinRefusal(error)
      throw error
    }
  }

  /** The one of before for as long as it is there, logged in or not: each further one would never be closed. */
  #keptSession(): Handle {
    const kept = this.#keeper
    if (kept !== undefined && this.#stateOf(kept) !== undefined) return kept
    const session = this.openSession()
    this.#keeper = session
    return session
  }

  /** `undefined` when it is there no longer. */
  #stateOf(session: Handle): number | undefined {
    try {
      return this.library.C_GetSessionInfo(session).state
    } catch {
      return undefined
    }
  }
}

// CK_UNAVAILABLE_INFORMATION is the largest CK_ULONG: 2^32 - 1 or 2^64 - 1.
const UNAVAILABLE_INFORMATION = 2 ** 32 - 1

function usedShare({ totalPrivateMemory, freePrivateMemory }: TokenInfo): number | undefined {
  const [total, free] = [Number(totalPrivateMemory), Number(freePrivateMemory)]
  return total > 0 && total < UNAVAILABLE_INFORMATION ? 1 - free / total : undefined
}

async function loadLibrary({ library: file }: TokenSettings): Promise<PKCS11> {
  const path = await trustedLibrary(file)
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

function findToken(library: PKCS11, wanted: Partial<TokenIdentity>): [Handle, TokenInfo] {
  const found = library
    .C_GetSlotList(true)
    .map((slot): [Handle, TokenInfo] => [slot, library.C_GetTokenInfo(slot)])
    .filter(([, info]) => isWanted(info, wanted))
  const [token, ...others] = found
  if (token === undefined) throw new Error(`the library shows no token ${named(wanted)}`)
  if (others.length > 0) throw new Error(`the library shows ${found.length} tokens ${named(wanted)}`)
  return token
}

const isWanted = (info: TokenInfo, { label, serial }: Partial<TokenIdentity>): boolean =>
  (label === undefined || info.label.trim() === label) &&
  (serial === undefined || info.serialNumber.trim() === serial)

const named = ({ label, serial }: Partial<TokenIdentity>): string =>
  [label && `labelled ${label}`, serial && `with serial number ${serial}`].filter(Boolean).join(' ')

/** Somebody else's wrong PINs count as well: ours, if it were wrong, would be the one that locks the token. */
function checkPinFlags({ flags }: TokenInfo): void {
  if ((flags & flag.USER_PIN_LOCKED) !== 0) throw new PinRefused('the PIN of the token is locked')
  if ((flags & flag.USER_PIN_FINAL_TRY) !== 0) throw new PinRefused('one more wrong PIN locks the token')
  if ((flags & flag.USER_PIN_TO_BE_CHANGED) !== 0)
    throw new PinRefused('the PIN of the token must be changed')
}

/** From the file, without the line end an editor left. @throws Error when everybody may read the file */
async function readPin({ pin }: TokenSettings): Promise<string> {
  if ('value' in pin) return pin.value
  const { file } = pin
  if (((await stat(file)).mode & 0o007) !== 0)
    throw new Error(`the PIN file ${file} must not be open to others`)
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
}

function describe(library: PKCS11, slot: Handle, info: TokenInfo): ModuleDescription {
  const { libraryDescription, libraryVersion } = library.C_GetInfo()
  const { label, manufacturerID, model, serialNumber } = info
  const maker = [manufacturerID, model].map(text => text.trim()).join(' ')
  const version = `${libraryVersion.major}.${libraryVersion.minor}`
  return {
    kind: 'pkcs11',
    name: `${libraryDescription.trim()} ${version}, ${maker}, token ${label.trim()} (${serialNumber.trim()})`,
    // Fails towards less trust: hardware only where the slot says so, and never SoftHSM whatever it says.
    softwareModule: (library.C_GetSlotInfo(slot).flags & flag.HW_SLOT) === 0 || /softhsm/i.test(maker),
  }
}
