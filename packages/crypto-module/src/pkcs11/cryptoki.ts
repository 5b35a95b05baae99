/**
 * The numbers of PKCS #11 that this package uses (OASIS PKCS #11 Base V2.40 and Current Mechanisms V2.40, pkcs11t.h; those
 * of Edwards curves are of V3.0).
 *
 * Spelled out so that templates are plain data and nothing but library-main.ts loads the native binding; a test
 * compares them with the binding's own table.
 */
import type { Sha2Algorithm } from '@natsuin/pki/algorithms'
import type { OaepDigest } from '../module.ts'

export const attribute = {
  CLASS: 0x000,
  TOKEN: 0x001,
  PRIVATE: 0x002,
  LABEL: 0x003,
  VALUE: 0x011,
  TRUSTED: 0x086,
  KEY_TYPE: 0x100,
  SENSITIVE: 0x103,
  ENCRYPT: 0x104,
  DECRYPT: 0x105,
  WRAP: 0x106,
  UNWRAP: 0x107,
  SIGN: 0x108,
  SIGN_RECOVER: 0x109,
  VERIFY: 0x10a,
  DERIVE: 0x10c,
  MODULUS: 0x120,
  MODULUS_BITS: 0x121,
  PUBLIC_EXPONENT: 0x122,
  VALUE_LEN: 0x161,
  EXTRACTABLE: 0x162,
  LOCAL: 0x163,
  NEVER_EXTRACTABLE: 0x164,
  ALWAYS_SENSITIVE: 0x165,
  MODIFIABLE: 0x170,
  EC_PARAMS: 0x180,
  EC_POINT: 0x181,
  WRAP_WITH_TRUSTED: 0x210,
} as const

export type AttributeName = keyof typeof attribute

export const objectClass = { PUBLIC_KEY: 2, PRIVATE_KEY: 3, SECRET_KEY: 4 } as const

export const keyKind = { RSA: 0x00, EC: 0x03, GENERIC_SECRET: 0x10, AES: 0x1f, EC_EDWARDS: 0x40 } as const

export const mechanism = {
  RSA_PKCS_KEY_PAIR_GEN: 0x0000,
  RSA_PKCS: 0x0001,
  RSA_PKCS_OAEP: 0x0009,
  RSA_PKCS_PSS: 0x000d,
  SHA_1: 0x0220,
  SHA256: 0x0250,
  SHA256_HMAC: 0x0251,
  SHA384: 0x0260,
  SHA512: 0x0270,
  GENERIC_SECRET_KEY_GEN: 0x0350,
  EC_KEY_PAIR_GEN: 0x1040,
  ECDSA: 0x1041,
  EC_EDWARDS_KEY_PAIR_GEN: 0x1055,
  EDDSA: 0x1057,
  AES_KEY_GEN: 0x1080,
  AES_CBC_PAD: 0x1085,
  AES_KEY_WRAP_PAD: 0x210a,
} as const

/** CKM_ of each digest and CKG_ of the mask that it generates, for RSASSA-PSS. */
export const hashMechanism: Readonly<Record<Sha2Algorithm, { hash: number; mgf: number }>> = {
  sha256: { hash: mechanism.SHA256, mgf: 0x2 },
  sha384: { hash: mechanism.SHA384, mgf: 0x3 },
  sha512: { hash: mechanism.SHA512, mgf: 0x4 },
}

/** The same for RSAES-OAEP, where SHA-1 does no harm and some tokens have nothing else. */
export const oaepMechanism: Readonly<Record<OaepDigest, { hash: number; mgf: number }>> = {
  sha1: { hash: mechanism.SHA_1, mgf: 0x1 },
  sha256: hashMechanism.sha256,
}

/** How the binding is told which structure a mechanism's parameter is. */
export const parameters = { RSA_OAEP: 4, RSA_PSS: 5 } as const

/** CKZ_DATA_SPECIFIED: the label of OAEP is in the parameter, and empty. */
export const OAEP_LABEL_SPECIFIED = 1

export const flag = {
  RW_SESSION: 0x2,
  SERIAL_SESSION: 0x4,
  OS_LOCKING_OK: 0x2,
  HW_SLOT: 0x4,
  USER_PIN_FINAL_TRY: 0x2_0000,
  USER_PIN_LOCKED: 0x4_0000,
  USER_PIN_TO_BE_CHANGED: 0x8_0000,
} as const

/** CKS_RW_USER_FUNCTIONS: a read-write session of a user who is logged in. */
export const RW_USER_STATE = 3

/** CKR_ numbers that mean something to us. */
export const returnValue = {
  HOST_MEMORY: 0x002,
  GENERAL_ERROR: 0x005,
  ARGUMENTS_BAD: 0x007,
  FUNCTION_FAILED: 0x006,
  ATTRIBUTE_TYPE_INVALID: 0x012,
  ATTRIBUTE_VALUE_INVALID: 0x013,
  DEVICE_ERROR: 0x030,
  DEVICE_MEMORY: 0x031,
  DEVICE_REMOVED: 0x032,
  ENCRYPTED_DATA_INVALID: 0x040,
  ENCRYPTED_DATA_LEN_RANGE: 0x041,
  FUNCTION_CANCELED: 0x050,
  KEY_HANDLE_INVALID: 0x060,
  KEY_SIZE_RANGE: 0x062,
  KEY_NOT_WRAPPABLE: 0x069,
  KEY_UNEXTRACTABLE: 0x06a,
  MECHANISM_INVALID: 0x070,
  MECHANISM_PARAM_INVALID: 0x071,
  OBJECT_HANDLE_INVALID: 0x082,
  OPERATION_ACTIVE: 0x090,
  OPERATION_NOT_INITIALIZED: 0x091,
  PIN_INCORRECT: 0x0a0,
  PIN_LEN_RANGE: 0x0a2,
  PIN_EXPIRED: 0x0a3,
  PIN_LOCKED: 0x0a4,
  SESSION_CLOSED: 0x0b0,
  SESSION_COUNT: 0x0b1,
  SESSION_HANDLE_INVALID: 0x0b3,
  TEMPLATE_INCONSISTENT: 0x0d1,
  TOKEN_NOT_PRESENT: 0x0e0,
  TOKEN_NOT_RECOGNIZED: 0x0e1,
  UNWRAPPING_KEY_HANDLE_INVALID: 0x0f0,
  USER_ALREADY_LOGGED_IN: 0x100,
  USER_NOT_LOGGED_IN: 0x101,
  WRAPPED_KEY_INVALID: 0x110,
  WRAPPED_KEY_LEN_RANGE: 0x112,
  WRAPPING_KEY_HANDLE_INVALID: 0x113,
  RANDOM_NO_RNG: 0x121,
  DOMAIN_PARAMS_INVALID: 0x130,
  CURVE_NOT_SUPPORTED: 0x140,
  BUFFER_TOO_SMALL: 0x150,
  CRYPTOKI_NOT_INITIALIZED: 0x190,
} as const

export type ReturnName = keyof typeof returnValue

export const USER = 1
