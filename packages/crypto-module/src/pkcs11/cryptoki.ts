/**
 * The numbers of PKCS #11 that this package uses (OASIS PKCS #11 Base V2.40 and Current Mechanisms V2.40, pkcs11t.h).
 *
 * Spelled out so that templates are plain data and nothing but library-main.ts loads the native binding; a test
 * compares them with the binding's own table.
 */
export const attribute = {
  CLASS: 0x000,
  TOKEN: 0x001,
  PRIVATE: 0x002,
  LABEL: 0x003,
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
} as const

export type AttributeName = keyof typeof attribute

export const objectClass = { PUBLIC_KEY: 2, PRIVATE_KEY: 3, SECRET_KEY: 4 } as const

export const keyKind = { RSA: 0x00, EC: 0x03, GENERIC_SECRET: 0x10, AES: 0x1f } as const

export const mechanism = {
  RSA_PKCS_KEY_PAIR_GEN: 0x0000,
  RSA_PKCS: 0x0001,
  SHA256_HMAC: 0x0251,
  GENERIC_SECRET_KEY_GEN: 0x0350,
  EC_KEY_PAIR_GEN: 0x1040,
  ECDSA: 0x1041,
  AES_KEY_GEN: 0x1080,
  AES_KEY_WRAP_PAD: 0x210a,
} as const

export const flag = { RW_SESSION: 0x2, SERIAL_SESSION: 0x4, OS_LOCKING_OK: 0x2, HW_SLOT: 0x4 } as const

export const USER = 1
