/** The certificate of the signer in a chain, which has it first: every chain that is linked has one. */
export const endEntity = ([certificate = new Uint8Array()]: readonly Uint8Array[]): Uint8Array => certificate
