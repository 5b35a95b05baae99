/** The setting that says where a process is asked by another of ours: a local socket, or mutual TLS with PEM files. */
import { flag, integer, optional, record, type Shaped, text } from '../shape/shape.ts'
import { oneMember, path, type ResolvePath, readText } from './configuration.ts'
import type { Address } from './methods.ts'

export const listenSetting = oneMember({
  socket: record({ socket: path, group: optional(flag) }),
  host: record({
    host: text({ max: 253 }),
    port: integer({ min: 0, max: 65_535 }),
    tls: record({ certificateFile: path, keyFile: path, authorityFile: path }),
  }),
})

export type ListenSetting = Shaped<typeof listenSetting>

export function resolveListen(listen: ListenSetting, at: ResolvePath): ListenSetting {
  if ('socket' in listen) return { ...listen, socket: at(listen.socket) }
  const { certificateFile, keyFile, authorityFile } = listen.tls
  const tls = {
    certificateFile: at(certificateFile),
    keyFile: at(keyFile),
    authorityFile: at(authorityFile),
  }
  return { ...listen, tls }
}

/**
 * The address, with the PEM files read.
 * @param setting what problems are said of
 * @throws ConfigurationError that names the file which cannot be read
 */
export function readListenAddress(listen: ListenSetting, setting = 'listen'): Address {
  if ('socket' in listen) return listen
  const { certificateFile, keyFile, authorityFile } = listen.tls
  const tls = {
    certificate: readText(certificateFile, `${setting}.tls.certificateFile`),
    key: readText(keyFile, `${setting}.tls.keyFile`),
    authority: readText(authorityFile, `${setting}.tls.authorityFile`),
  }
  return { host: listen.host, port: listen.port, tls }
}
