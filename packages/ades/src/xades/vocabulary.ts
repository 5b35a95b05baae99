/** The names of XAdES: its three namespaces and the URIs that say what something is (EN 319 132-1 V1.3.1, 4.2 and 4.4.2). */

export const DS = 'http://www.w3.org/2000/09/xmldsig#'
export const XADES = 'http://uri.etsi.org/01903/v1.3.2#'
export const XADES141 = 'http://uri.etsi.org/01903/v1.4.1#'

export const NAMESPACES = { ds: DS, xades: XADES, xades141: XADES141 } as const

export const SIGNED_PROPERTIES_TYPE = 'http://uri.etsi.org/01903#SignedProperties'
/** EN 319 132-1 V1.3.1, 5.2.7.1. */
export const COUNTERSIGNED_TYPE = 'http://uri.etsi.org/01903#CountersignedSignature'

/** XMLDSig 1.1, 6.6. */
export const TRANSFORMS = {
  base64: `${DS}base64`,
  enveloped: `${DS}enveloped-signature`,
  xpath: 'http://www.w3.org/TR/1999/REC-xpath-19991116',
  filter: 'http://www.w3.org/2002/06/xmldsig-filter2',
} as const
