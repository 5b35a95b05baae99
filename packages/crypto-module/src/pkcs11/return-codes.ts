/**
 * What a return code of the library means to the module's caller.
 *
 * PKCS #11 Base V2.40, 5.1. Only what a caller can act on becomes a refusal; every other code is a fault and keeps
 * its name.
 */
import { ModuleRefusal } from '../module.ts'

/** The token or the session behind it is gone: a new process may find it again. */
const UNAVAILABLE = new Set([
  'CKR_HOST_MEMORY',
  'CKR_DEVICE_ERROR',
  'CKR_DEVICE_MEMORY',
  'CKR_DEVICE_REMOVED',
  'CKR_SESSION_CLOSED',
  'CKR_SESSION_HANDLE_INVALID',
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_TOKEN_NOT_RECOGNIZED',
  'CKR_USER_NOT_LOGGED_IN',
  'CKR_CRYPTOKI_NOT_INITIALIZED',
])

/**
 * What C_UnwrapKey says of a blob that is altered, of another master key or of another key type. The first four are
 * the standard's; SoftHSM 2.6 says CKR_GENERAL_ERROR where the integrity check fails and CKR_FUNCTION_FAILED where
 * the PKCS #8 is of another type than the template.
 */
const WRAPPED_KEY_INVALID = new Set([
  'CKR_WRAPPED_KEY_INVALID',
  'CKR_WRAPPED_KEY_LEN_RANGE',
  'CKR_ENCRYPTED_DATA_INVALID',
  'CKR_ENCRYPTED_DATA_LEN_RANGE',
  'CKR_TEMPLATE_INCONSISTENT',
  'CKR_GENERAL_ERROR',
  'CKR_FUNCTION_FAILED',
])

/** A further PIN attempt after one of these could lock the token. */
const PIN_REFUSED = new Set(['CKR_PIN_INCORRECT', 'CKR_PIN_LOCKED', 'CKR_PIN_EXPIRED', 'CKR_PIN_LEN_RANGE'])

/** The CKR_ name in an error of the binding; `undefined` for any other error. */
export function returnCode(error: unknown): string | undefined {
  return error instanceof Error ? /\bCKR_[A-Z0-9_]+/.exec(error.message)?.[0] : undefined
}

/** The error as the module's caller should see it. */
export function translate(error: unknown): unknown {
  const code = returnCode(error)
  if (code === undefined || !UNAVAILABLE.has(code)) return error
  return new ModuleRefusal('module-unavailable', `the token is not there (${code})`, { cause: error })
}

/** The same for an error of C_UnwrapKey. */
export function translateUnwrap(error: unknown): unknown {
  const code = returnCode(error)
  if (code === undefined || !WRAPPED_KEY_INVALID.has(code)) return translate(error)
  return new ModuleRefusal('wrapped-key-invalid', `the token refuses the wrapped key (${code})`, {
    cause: error,
  })
}

/** Whether the token refused the PIN. */
export function isPinRefusal(error: unknown): boolean {
  const code = returnCode(error)
  return code !== undefined && PIN_REFUSED.has(code)
}
