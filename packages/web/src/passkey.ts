/** Passkeys of this server's own, for logging in: WebAuthn Level 3, 5.1, in its JSON form. */
import { PageRefusal, type PageRefusalCode } from './failure.ts'

/** @param options as the server gave them @throws PageRefusal */
export async function registerPasskey(options: unknown): Promise<unknown> {
  return await perform(() => {
    // The server made them with the library that its registration is checked with.
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
      options as PublicKeyCredentialCreationOptionsJSON,
    )
    return navigator.credentials.create({ publicKey })
  })
}

/** @param options as the server gave them @throws PageRefusal */
export async function assertPasskey(options: unknown): Promise<unknown> {
  return await perform(() => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
      options as PublicKeyCredentialRequestOptionsJSON, // as above
    )
    return navigator.credentials.get({ publicKey })
  })
}

const EXCEPTIONS: Readonly<Record<string, PageRefusalCode>> = {
  NotAllowedError: 'passkey-not-given',
  AbortError: 'passkey-not-given',
  InvalidStateError: 'passkey-known-already',
}

async function perform(ceremony: () => Promise<Credential | null>): Promise<unknown> {
  if (!('PublicKeyCredential' in globalThis)) throw new PageRefusal('passkey-unavailable')
  try {
    const answer = await ceremony()
    if (answer instanceof PublicKeyCredential) return answer.toJSON()
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : ''
    throw new PageRefusal(EXCEPTIONS[name] ?? 'passkey-unavailable', { name }, { cause })
  }
  throw new PageRefusal('passkey-unavailable')
}
