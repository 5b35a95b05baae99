/** What several messages of the CSC API have in common: CSC API v2.0.0.2, 7, 10.1 and 11. */
import { integer, list, object, onlyV2, optional, required, text } from './form.ts'

export const oid = text({ pattern: /^[0-2](\.(0|[1-9][0-9]*))+$/ })
/** RFC 4648, 4, with its padding. */
export const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
export const base64 = text({ pattern: BASE64 })
/** RFC 4517, 3.3.13, without fractions: YYYYMMDDHHMMSSZ. */
export const generalizedTime = text({ pattern: /^[0-9]{14}Z$/ })
export const label = text({ max: 255 })
/** RFC 5646. */
export const language = text({ max: 35 })
export const identifier = text({ min: 1 })

/** Members that every method takes and no result depends on. */
export const commonMembers = { lang: optional(language), clientData: optional(text()) }

/** An answer without a body. */
export const nothing = object({})

/** 10.1: every error. */
export const cscErrorBody = object({ error: required(text()), error_description: optional(text()) })

/** 11.6 and 11.9. */
export const authorizeResponse = object({
  SAD: required(text()),
  /** Seconds. */
  expiresIn: optional(integer({ min: 0 })),
})

/** 11.6 and 11.7: not decided yet. */
export const handleResponse = object({ handle: onlyV2(required(text())) })

/** In one call. */
export const MAX_HASHES = 100

/** Raw digests. */
export const hashes = list(text({ min: 4, pattern: BASE64 }), { min: 1, max: MAX_HASHES })
