/**
 * Who may call a method. An admission is a value that a method names and that makes the access which the method's
 * handler gets: there is no other way to a signer's id.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type { FastifyRequest } from 'fastify'
import type { AccessOf, ActAccessOf } from '../http/authorization.ts'
import type { Access, ActAccess, ServiceAccess } from '../oauth/access-tokens.ts'
import { RequestRefused } from './errors.ts'

/** What a token must be for; `none`: it needs none; `password`: what is shown is none. */
export type Scheme = 'none' | 'password' | 'service' | 'credential' | ActAccess['scope']

/** What admissions make: at least which client calls, where that is known. */
export type Caller = { readonly clientId: string | undefined } | undefined

/** Who reads what requests show. */
export interface Readers {
  readonly accessOf: AccessOf
  readonly actAccessOf: ActAccessOf
}

export interface Admission<A extends Caller> {
  readonly scheme: Scheme
  admit(request: FastifyRequest, readers: Readers): Promise<A>
}

/** Anybody; whoever sends a token that is good is known by it. */
export const anybody: Admission<Access | undefined> = {
  scheme: 'none',
  async admit(request, { accessOf }) {
    if (request.headers.authorization === undefined) return undefined
    try {
      return await accessOf(request)
    } catch (error) {
      if (error instanceof Refusal || error instanceof RequestRefused) return undefined
      throw error
    }
  },
}

/** A service token, or a credential token, which works for its own credential only (CSC API v2.0.0.2, 8.4.4). */
export const anyToken: Admission<Access> = {
  scheme: 'credential',
  admit: (request, { accessOf }) => accessOf(request),
}

/** Not a credential token, which is a service token for its own credential alone. */
export const serviceToken: Admission<ServiceAccess> = {
  scheme: 'service',
  async admit(request, { accessOf }) {
    const access = await accessOf(request)
    if (access.scope !== 'service') throw new Refusal('token-invalid')
    return access
  },
}

/** A signer's log-in for this one act, and for no other (CSC API v2.2.0.0, 8.2.2). */
export function actToken(scope: ActAccess['scope']): Admission<ActAccess> {
  return {
    scheme: scope,
    async admit(request, { actAccessOf }) {
      const access = await actAccessOf(request)
      if (access.scope !== scope) throw new Refusal('token-invalid')
      return access
    },
  }
}
