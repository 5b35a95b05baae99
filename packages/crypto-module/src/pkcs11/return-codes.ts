/**
 * What a return code of the library means to the module's caller.
 *
 * PKCS #11 Base V2.40, 5.1. Only what a caller can act on becomes a refusal; every other code is a fault and keeps
 * its name.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import { ModuleRefusal } from '../module.ts'
import { type ReturnName, returnValue } from './cryptoki.ts'

/** The token or the session behind it is gone: a new process may find it again. */
const UNAVAILABLE: readonly ReturnName[] = [
  'HOST_MEMORY',
  'DEVICE_ERROR',
  'DEVICE_MEMORY',
  'DEVICE_REMOVED',
  'SESSION_CLOSED',
  'SESSION_HANDLE_INVALID',
  'TOKEN_NOT_PRESENT',
  'TOKEN_NOT_RECOGNIZED',
  'USER_NOT_LOGGED_IN',
  'CRYPTOKI_NOT_INITIALIZED',
]

/**
 * What C_UnwrapKey says of a blob that is altered, of another master key or of another key type. The first four are
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

/** The error as the module's caller should see it. */
export function translate(error: unknown): unknown {
  if (!isOneOf(UNAVAILABLE, error)) return error
  return refusal('module-unavailable', 'the token is not there', error)
}

/** The same for an error of C_UnwrapKey. */
export function translateUnwrap(error: unknown): unknown {
  if (!isOneOf(WRAPPED_KEY_INVALID, error)) return translate(error)
  return refusal('wrapped-key-invalid', 'the token refuses the wrapped key', error)
}

/** The same for an error in making a key of a type, or in wrapping it out. */
export function translateMaking(type: KeyType | undefined, error: unknown): unknown {
  if (type === undefined || !isOneOf(UNSUPPORTED, error)) return translate(error)
  return refusal('key-type-unsupported', `the token cannot make or wrap a key of type ${type}`, error)
}

/** Whether the token refused the PIN. */
export const isPinRefusal = (error: unknown): boolean => isOneOf(PIN_REFUSED, error)

/** Whether the token has the mechanism in another way. */
export const isParameterRefusal = (error: unknown): boolean => isOneOf(PARAMETERS_REFUSED, error)

/** The CKR_ number in an error of the binding; `undefined` for any other error. */
export function returnCode(error: unknown): number | undefined {
  const message = error instanceof Error ? error.message : ''
  const [name, number] = /\bCKR_\w+(?::(\d+))?/.exec(message) ?? []
  if (name === undefined) return undefined
  // Of some functions the binding keeps the number beside the message.
  const beside = error instanceof Error && 'code' in error ? error.code : undefined
  return number === undefined ? Number(beside) : Number(number)
}

function isOneOf(names: readonly ReturnName[], error: unknown): boolean {
  const code = returnCode(error)
  return names.some(name => returnValue[name] === code)
}

function refusal(code: ModuleRefusal['code'], what: string, cause: unknown): ModuleRefusal {
  const said = cause instanceof Error ? /\bCKR_\w+/.exec(cause.message)?.[0] : undefined
  return new ModuleRefusal(code, `${what} (${said})`, { cause })
}
