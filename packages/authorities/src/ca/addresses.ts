/** Where the public finds what certificates point to: one path for each, under the configured base URL. */

export const publicPaths = {
  rootCertificate: '/root.cer',
  issuingCertificate: '/issuing.cer',
  rootCrl: '/root.crl',
  issuingCrl: '/issuing.crl',
  ocsp: '/ocsp',
  timeStamp: '/tsa',
} as const

export type PublicResource = keyof typeof publicPaths
export type PublicAddresses = Readonly<Record<PublicResource, string>>

/** @param baseUrl without a final slash */
export function addressesUnder(baseUrl: string): PublicAddresses {
  const paths = Object.entries(publicPaths).map(([name, path]) => [name, `${baseUrl}${path}`])
  return Object.fromEntries(paths) as PublicAddresses // the entries are those of publicPaths
}
