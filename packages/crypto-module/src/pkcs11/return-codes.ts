/**
 * What a return code of the library means to the module's caller.
 *
 * PKCS #11 Base V2.40, 5.1. Only what a caller can act on becomes a refusal; every other code is a fault and keeps
 * its name.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import { ModuleRefusal } from '../module.ts'
import { type ReturnName, returnValue } from './cryptoki.ts'

/**
 * The session, its log-in or a handle is no longer good, or it is left with an operation of somebody else: another
 * session can do what this one could not.
 */
const SESSION_LOST: readonly ReturnName[] = [
  'SESSION_CLOSED',
  'SESSION_HANDLE_INVALID',
  'USER_NOT_LOGGED_IN',
  'OBJECT_HANDLE_INVALID',
  'KEY_HANDLE_INVALID',
  'WRAPPING_KEY_HANDLE_INVALID',
  'UNWRAPPING_KEY_HANDLE_INVALID',
  'OPERATION_ACTIVE',
]

/** The token itself is gone from this process: only another process may find it again. */
const TOKEN_LOST: readonly ReturnName[] = [
  'DEVICE_REMOVED',
  'TOKEN_NOT_PRESENT',
  'TOKEN_NOT_RECOGNIZED',
  'CRYPTOKI_NOT_INITIALIZED',
]

/** The token cannot do it now. */
const TROUBLE: readonly ReturnName[] = [
  'HOST_MEMORY',
  'GENERAL_ERROR',
  'FUNCTION_FAILED',
  'DEVICE_ERROR',
  'FUNCTION_CANCELED',
  'RANDOM_NO_RNG',
  'OPERATION_NOT_INITIALIZED',
  'BUFFER_TOO_SMALL',
]

/** Makers' own codes begin here; what a maker's module says of its device belongs to no key and no request. */
const VENDOR_DEFINED = 0x8000_0000

/**
 * What C_UnwrapKey says of a blob that is altered, of another master key or of another key type. The first five are
 * the standard's; SoftHSM 2.6 says CKR_GENERAL_ERROR where the integrity check fails and CKR_FUNCTION_FAILED where
 * the PKCS #8 is of another type than the template.
 */
const WRAPPED_KEY_INVALID: readonly ReturnName[] = [
  'WRAPPED_KEY_INVALID',
  'WRAPPED_KEY_LEN_RANGE',
  'ENCRYPTED_DATA_INVALID',
  'ENCRYPTED_DATA_LEN_RANGE',
  'TEMPLATE_INCONSISTENT',
  'GENERAL_ERROR',
  'FUNCTION_FAILED',
]

/**
 * What C_GenerateKeyPair and C_WrapKey say of a kind of key that the token does not make or does not wrap out.
 * SoftHSM 2.6 says CKR_KEY_NOT_WRAPPABLE of Edwards keys.
 */
const UNSUPPORTED: readonly ReturnName[] = [
  'MECHANISM_INVALID',
  'MECHANISM_PARAM_INVALID',
  'CURVE_NOT_SUPPORTED',
  'DOMAIN_PARAMS_INVALID',
  'KEY_SIZE_RANGE',
  'KEY_NOT_WRAPPABLE',
  'KEY_UNEXTRACTABLE',
  'ATTRIBUTE_VALUE_INVALID',
]

/** What a token says of the parameters of a mechanism that it has, but not so. SoftHSM 2.6 says CKR_ARGUMENTS_BAD. */
const PARAMETERS_REFUSED: readonly ReturnName[] = [
  'ARGUMENTS_BAD',
  'MECHANISM_INVALID',
  'MECHANISM_PARAM_INVALID',
]

/** A further PIN attempt after one of these could lock the token. */
const PIN_REFUSED: readonly ReturnName[] = ['PIN_INCORRECT', 'PIN_LOCKED', 'PIN_EXPIRED', 'PIN_LEN_RANGE']

/** The session is not there, or not logged in: what CKR_USER_NOT_LOGGED_IN says of calls that need it. */
export class LogInLost extends Error {
  constructor(options: ErrorOptions = {}) {
    super('the token has forgotten that we are logged in', options)
  }
}

/** What the token gives for random octets is not: no key is made by it. */
export class GeneratorFailed extends Error {
  constructor() {
    super('the random octets of the token are not random')
  }
}

/** The error as the module's caller should see it. */
export function translate(error: unknown): unknown {
  if (isOneOf(['DEVICE_MEMORY'], error)) return refusal('module-full', 'the token has no room', error)
  if (isOneOf(['SESSION_COUNT'], error))
    return refusal('module-busy', 'the token opens no more sessions', error)
  return isUnavailable(error) ? refusal('module-unavailable', 'the token is not there', error) : error
}

/** What C_UnwrapKey says of the blob, as a refusal; everything else as it is. */
export function translateUnwrap(error: unknown): unknown {
  if (!isOneOf(WRAPPED_KEY_INVALID, error)) return error
  return refusal('wrapped-key-invalid', 'the token refuses the wrapped key', error)
}

/** What the making or wrapping out of a key says of its type, as a refusal; everything else as it is. */
export function translateMaking(type: KeyType | undefined, error: unknown): unknown {
  if (type === undefined || !isOneOf(UNSUPPORTED, error)) return error
  return refusal('key-type-unsupported', `the token cannot make or wrap a key of type ${type}`, error)
}

/** What C_SignInit says of the algorithm, as a refusal; everything else as it is. */
export function translateAlgorithm(error: unknown): unknown {
  if (!isOneOf(['MECHANISM_INVALID', 'MECHANISM_PARAM_INVALID'], error)) return error
  return refusal('algorithm-unsupported', 'the token does not have the algorithm', error)
}

/** Whether a session of another log-in could do it. */
export const isSessionLoss = (error: unknown): boolean =>
  error instanceof LogInLost || isOneOf(SESSION_LOST, error)

/** Whether this process will not see the token again. */
export const isTokenLoss = (error: unknown): boolean =>
  error instanceof GeneratorFailed || isOneOf(TOKEN_LOST, error)

/** Whether it is said of a blob by some tokens, and by others of themselves. */
export const isAmbiguous = (error: unknown): boolean => isOneOf(['GENERAL_ERROR', 'FUNCTION_FAILED'], error)

/** Whether the token refused the PIN. */
export const isPinRefusal = (error: unknown): boolean => isOneOf(PIN_REFUSED, error)

/** Whether the token has the mechanism in another way. */
export const isParameterRefusal = (error: unknown): boolean => isOneOf(PARAMETERS_REFUSED, error)

/** Whether the token does not let this key out under that one. */
export const isWrappingRefusal = (error: unknown): boolean =>
  isOneOf(['KEY_NOT_WRAPPABLE', 'KEY_UNEXTRACTABLE'], error)

/** Whether the token opens no further session. */
export const isSessionLimit = (error: unknown): boolean => isOneOf(['SESSION_COUNT'], error)

/** The CKR_ number in an error of the binding; `undefined` for any other error. */
export function returnCode(error: unknown): number | undefined {
  const message = error instanceof Error ? error.message : ''
  const [name, number] = /\bCKR_\w+(?::(\d+))?/.exec(message) ?? []
  if (name === undefined) return undefined
  // Of some functions the binding keeps the number beside the message.
  const beside = error instanceof Error && 'code' in error ? error.code : undefined
  return number === undefined ? Number(beside) : Number(number)
}

function isUnavailable(error: unknown): boolean {
  const code = returnCode(error)
  const isMakers = code !== undefined && code >= VENDOR_DEFINED
  return isMakers || isSessionLoss(error) || isTokenLoss(error) || isOneOf(TROUBLE, error)
}

function isOneOf(names: readonly ReturnName[], error: unknown): boolean {
  const code = returnCode(error)
  return names.some(name => returnValue[name] === code)
}

function refusal(code: ModuleRefusal['code'], what: string, cause: unknown): ModuleRefusal {
  const said = cause instanceof Error ? (/\bCKR_\w+/.exec(cause.message)?.[0] ?? cause.message) : undefined
  return new ModuleRefusal(code, `${what} (${said})`, { cause })
}
